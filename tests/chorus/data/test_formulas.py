import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.invoice_csv.formulas import escape, escape_cell, unescape

ANY_TEXT = st.text() | st.text(alphabet="'\"=+-@ \t\r\n,;a\u00a0＝", max_size=8)
FORMULA = tuple("=+-@＝＋－＠")


@pytest.mark.parametrize(
    "text", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx", "  =1", "\u00a0=1", "＝1", " \ta", "'=1"]
)
def test_s07_what_a_spreadsheet_would_run_is_escaped(text: str) -> None:
    assert escape(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "F-2026", "a=b", "'tis", "''", " x", "L'=a", "Lyon, Nord; a-b"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert escape(text) == unescape(text) == text


@given(ANY_TEXT)
def test_every_text_is_the_same_after_escape_and_unescape(text: str) -> None:
    assert unescape(escape(text)) == text


@given(ANY_TEXT)
def test_s07_no_escaped_text_begins_like_a_formula(text: str) -> None:
    assert not escape(text).lstrip().startswith(FORMULA)


@given(ANY_TEXT)
def test_s07_none_of_the_cells_that_another_separator_makes_of_a_text_is_a_formula(text: str) -> None:
    _first, *later = re.split("[,;\t\r\n]", escape(text))
    assert not [cell for cell in later if cell.strip().lstrip('"').startswith(FORMULA)]


@pytest.mark.parametrize("text", ["x;=1+1", "x,=1+1", "x\n=1+1", 'x;"=1+1', "x; @SUM(A1)", "x\t＝1"])
def test_s07_a_formula_behind_a_separator_is_escaped_there(text: str) -> None:
    assert escape(text) == f"{text[:2]}'{text[2:]}"


@pytest.mark.parametrize("letter", ["\n", ",", " ", "'", '"', ",'"])
def test_s07_a_long_text_is_escaped_in_the_time_of_reading_it(letter: str) -> None:
    """By squares, a text of this length would take hours."""
    text = letter * 500_000
    assert unescape(escape(text)) == text


def test_s07_a_list_in_a_cell_of_a_workbook_stays_as_it_is() -> None:
    assert escape_cell("why:\n- one\n- two") == "why:\n- one\n- two"
    assert escape_cell("- one\n- two") == "'- one\n- two"
