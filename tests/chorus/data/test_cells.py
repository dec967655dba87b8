import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.invoice_csv import cells
from chorus.invoice_csv.cells import CellError


@pytest.mark.parametrize("text", ["2026-11-02", "02/11/2026", "2/11/2026", " 2026-11-02 "])
def test_both_forms_of_a_date_are_read(text: str) -> None:
    assert cells.parse_date(text) == dt.date(2026, 11, 2)


@pytest.mark.parametrize(
    "text",
    ["2026-02-30", "31/04/2026", "11-22-2026", "22/11/26", "20261122", "2026-W01-1", "2026-11-22T10:00", "2026-11-2x"],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(CellError):
        cells.parse_date(text)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1234.56", "1234.56"),
        ("1 234,56", "1234.56"),
        ("1\u00a0234\u00a0567,8", "1234567.80"),
        ("1\u202f234,56", "1234.56"),
        ("1\u2009234", "1234"),
        ("-12,5", "-12.50"),
        ("\u221212.50", "-12.50"),
        ("0", "0"),
    ],
)
def test_both_forms_of_an_amount_are_read(text: str, amount: str) -> None:
    assert cells.parse_amount(text) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["1,234.56", "1.234,56", "12 34,56", "1 234 €", "1e3", "NaN", "Infinity", "--1", "1.", ",5", "١٢", "0x10"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(CellError, match="1 234,56 expected"):
        cells.parse_amount(text)


@pytest.mark.parametrize("text", ["12.345", "1,234", "0,000"])
def test_more_than_two_decimals_are_refused(text: str) -> None:
    with pytest.raises(CellError, match="more than two decimals"):
        cells.parse_amount(text)


def test_an_amount_that_the_database_would_round_is_refused() -> None:
    assert cells.parse_amount("9999999999999.99") == Decimal("9999999999999.99")
    with pytest.raises(CellError, match="13 digits"):
        cells.parse_amount("10000000000000")


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2))
def test_every_amount_is_read_in_both_forms(amount: Decimal) -> None:
    assert cells.parse_amount(f"{amount:f}") == amount
    assert cells.parse_amount(f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",")) == amount


def test_a_siret_is_read_with_its_blanks() -> None:
    assert cells.parse_siret("332 540\u00a0215 16357") == "33254021516357"


@pytest.mark.parametrize("text", ["123", "3325402151635A", "332540215163570", "٣٣٢٥٤٠٢١٥١٦٣٥٧"])
def test_a_siret_has_14_digits(text: str) -> None:
    with pytest.raises(CellError, match="14 digits"):
        cells.parse_siret(text)


def test_a_currency_has_three_letters() -> None:
    assert cells.parse_currency("eur") == "EUR"
    with pytest.raises(CellError, match="three letters"):
        cells.parse_currency("€")


def test_a_chorus_id_is_a_whole_number_that_the_database_can_hold() -> None:
    assert cells.parse_chorus_id("9223372036854775807") == 2**63 - 1
    for text in ("9223372036854775808", "0", "-1", "1.5", "1,2E+15", "9" * 5000):
        with pytest.raises(CellError, match="whole number"):
            cells.parse_chorus_id(text)


@pytest.mark.parametrize(
    ("text", "value"), [("True", True), ("vrai", True), ("1", True), ("FAUX", False), ("0", False)]
)
def test_booleans_are_read_in_english_and_french(text: str, value: bool) -> None:
    assert cells.parse_boolean(text) is value


def test_what_is_no_boolean_is_refused_with_what_is_accepted() -> None:
    with pytest.raises(CellError, match="Vrai, Faux"):
        cells.parse_boolean("maybe")


def test_line_breaks_in_a_text_become_blanks() -> None:
    assert cells.parse_text(" Mairie\r\nde\tLyon ") == "Mairie de Lyon"


def test_control_characters_in_a_text_are_refused() -> None:
    with pytest.raises(CellError, match="control characters"):
        cells.parse_text("Mairie \x1b[31m")


def test_a_number_has_at_most_50_characters() -> None:
    assert cells.PARSERS["number"]("F" * 50) == "F" * 50
    with pytest.raises(CellError, match="51 characters, at most 50 expected"):
        cells.PARSERS["number"]("F" * 51)
