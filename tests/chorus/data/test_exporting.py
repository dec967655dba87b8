import csv
import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akuiteo.models import User
from chorus.invoice_csv.columns import EXPORTED
from chorus.invoice_exports.csv_forms import FRENCH, INTERNATIONAL, CsvForm, stream_csv, write_csv
from chorus.models import Company, Invoice
from chorus.statuses import DematerializationStatus
from tests.chorus.data.test_importing import Imported


def exported(form: CsvForm = INTERNATIONAL) -> str:
    file = io.StringIO(newline="")
    write_csv(Invoice.objects.all(), file, form)
    return file.getvalue()


def rows() -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported())))


def test_the_export_has_the_columns_of_the_import_and_five_of_the_status(acme: Company) -> None:
    Invoice.objects.create(
        company=acme,
        number="F1",
        date=dt.date(2026, 11, 2),
        amount_incl_tax=Decimal("-1234.5"),
        manager=User.objects.create(username="anne"),
        chorus_id=4711,
        chorus_status="REJETEE",
        chorus_status_at=dt.datetime(2026, 7, 1, 22, 30, 0, 123, tzinfo=dt.UTC),
        chorus_comment='TVA "fausse"\nà revoir',
        chorus_checked_at=dt.datetime(2026, 11, 2, 8, 0, tzinfo=dt.UTC),
        dematerialization_status=DematerializationStatus.TRANSMISSION_DENIED,
    )
    (row,) = rows()
    assert tuple(row) == EXPORTED
    assert (
        row
        | {
            "company": "ACME",
            "date": "2026-11-02",
            "amount_excl_tax": "",
            "amount_incl_tax": "-1234.50",
            "manager": "anne",
            "chorus_id": "4711",
            "dematerialized": "True",
            "chorus_status": "REJETEE",
            "chorus_status_at": "2026-07-02T00:30:00+02:00",
            "chorus_comment": 'TVA "fausse"\nà revoir',
            "chorus_checked_at": "2026-11-02T09:00:00+01:00",
            "dematerialization_status": "3 - Transmission denied",
        }
        == row
    )


def test_s07_text_that_a_spreadsheet_would_take_for_a_formula_is_escaped(acme: Company) -> None:
    formula = '=HYPERLINK("http://x")'
    Invoice.objects.create(
        company=acme,
        number="-F1",
        date=dt.date(2026, 11, 2),
        customer=formula,
        service_code=" @S",
        chorus_status="+X",
        chorus_comment=formula,
    )
    (row,) = rows()
    assert row["number"] == "'-F1"
    assert row["customer"] == row["chorus_comment"] == f"'{formula}"
    assert row["service_code"] == "' @S"
    assert row["chorus_status"] == "'+X"


def clean_text(longest: int, least: int = 0) -> st.SearchStrategy[str]:
    characters = st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("=+-@' ,;\"")
    return st.text(characters, min_size=least, max_size=longest).filter(lambda text: text == text.strip())


AMOUNTS = st.none() | st.decimals(min_value=-(10**12), max_value=10**12, places=2)
DATES = st.dates(dt.date(1900, 1, 1), dt.date(9999, 12, 31))
INVOICES = st.lists(
    st.fixed_dictionaries(
        {
            "number": clean_text(50, least=1),
            "date": DATES,
            "customer": clean_text(20),
            "customer_siret": st.sampled_from(["", "21690123100011"]),
            "service_code": clean_text(20),
            "commitment_number": clean_text(20),
            "contract_number": clean_text(20),
            "project_group": clean_text(20),
            "amount_excl_tax": AMOUNTS,
            "amount_incl_tax": AMOUNTS,
            "currency": st.sampled_from(["EUR", "USD"]),
            "flow_number": clean_text(20),
            "chorus_id": st.none() | st.integers(1, 2**63 - 1),
            "deposited_on": st.none() | DATES,
            "dematerialized": st.booleans(),
            "chorus_comment": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
        }
    ),
    min_size=1,
    max_size=5,
    unique_by=(lambda invoice: invoice["number"], lambda invoice: invoice["chorus_id"] or object()),
)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(INVOICES, st.sampled_from([INTERNATIONAL, FRENCH]))
def test_an_export_that_is_imported_again_gives_the_same_invoices(
    acme: Company, invoices: list[dict[str, Any]], form: CsvForm
) -> None:
    Invoice.objects.all().delete()
    manager, _created = User.objects.get_or_create(username="+anne")
    for invoice in invoices:
        status = DematerializationStatus.TRANSMITTED if invoice["dematerialized"] else 1
        Invoice.objects.create(company=acme, manager=manager, dematerialization_status=status, **invoice)
    before, text = _stored(), exported(form).removeprefix(form.beginning)
    assert Imported(text).counts == {"unchanged": len(invoices)}
    Invoice.objects.all().delete()
    assert Imported(text).counts == {"created": len(invoices)}
    assert _stored() == before


def _stored() -> list[dict[str, Any]]:
    ignored = {"id", "chorus_comment"}
    invoices = Invoice.objects.order_by("number").values()
    return [{key: value for key, value in invoice.items() if key not in ignored} for invoice in invoices]


def test_invoices_are_sorted_by_company_and_number(acme: Company) -> None:
    for number in ("F2", "F1"):
        Invoice.objects.create(company=acme, number=number, date=dt.date(2026, 11, 2))
    assert [row["number"] for row in rows()] == ["F1", "F2"]


@pytest.mark.parametrize("count", [1, 30])
def test_an_export_is_one_query(acme: Company, count: int, django_assert_num_queries: Any) -> None:
    Invoice.objects.bulk_create(
        Invoice(company=acme, number=f"F{number}", date=dt.date(2026, 11, 2)) for number in range(count)
    )
    with django_assert_num_queries(1):
        exported()


def test_the_french_form_is_that_of_excel(acme: Company) -> None:
    Invoice.objects.create(
        company=acme,
        number="F1",
        date=dt.date(2026, 11, 2),
        customer="Mairie; Orléans",
        amount_incl_tax=Decimal("-1234.5"),
        chorus_status_at=dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC),
        dematerialized=False,
    )
    text = exported(FRENCH)
    assert text.startswith("\ufeffcompany;number;date;")
    (row,) = csv.DictReader(io.StringIO(text), delimiter=";")
    assert (row["date"], row["customer"], row["amount_incl_tax"]) == ("02/11/2026", "Mairie; Orléans", "-1234,50")
    assert (row["dematerialized"], row["chorus_status_at"]) == ("Faux", "02/07/2026 00:30:00")
    assert row["dematerialization_status"] == "1 - À transmettre"


@pytest.mark.parametrize("form", [INTERNATIONAL, FRENCH])
def test_a_stream_has_what_a_file_has(acme: Company, form: CsvForm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chorus.invoice_exports.csv_forms.PIECE", 100)
    for number in range(5):
        Invoice.objects.create(company=acme, number=f"F{number}", date=dt.date(2026, 11, 2))
    pieces = list(stream_csv(Invoice.objects.all(), form))
    assert len(pieces) > 3
    assert "".join(pieces) == exported(form)
