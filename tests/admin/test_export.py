"""Exports of the list of invoices: all that the filters show, or the selected ones."""

from __future__ import annotations

import datetime
import io
from dataclasses import replace
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from openpyxl import load_workbook

from chorus.invoice_exports.downloads import DOWNLOADS
from chorus.models import Company
from tests.admin.builders import make_company, make_invoice, page, told, url

FORMS = ("csv", "csv-fr", "xlsx")
ACTIONS = {"csv": "export_csv", "csv-fr": "export_french_csv", "xlsx": "export_xlsx"}
LIST = "chorus_invoice_changelist"


@pytest.fixture
def company(db: None) -> Company:
    company = make_company()
    make_invoice(company, "F-1", chorus_status="DEPOSEE")
    make_invoice(company, "F-2", chorus_status="REJETEE", dematerialization_status=3, customer="=1+1")
    return company


def content(response: Any) -> bytes:
    assert response.status_code == 200, response.status_code
    return b"".join(response.streaming_content)


def numbers(response: Any) -> list[str]:
    """Return the invoice numbers of an exported file, whatever its form."""
    data = content(response)
    if data.startswith(b"PK"):
        return [str(row[1].value) for row in load_workbook(io.BytesIO(data)).worksheets[0].iter_rows(min_row=2)]
    return [line.replace(";", ",").split(",")[1] for line in data.decode().splitlines()[1:]]


@pytest.mark.parametrize("form", FORMS)
def test_an_export_has_what_the_filters_and_the_search_show(accounting: Client, company: Company, form: str) -> None:
    address = url("chorus_invoice_export", form)
    assert numbers(accounting.get(address)) == ["F-1", "F-2"]
    assert numbers(accounting.get(address, {"chorus_status": "REJETEE"})) == ["F-2"]
    assert numbers(accounting.get(address, {"q": "F-1"})) == ["F-1"]


@pytest.mark.parametrize("form", FORMS)
def test_an_action_exports_the_selected_invoices(accounting: Client, company: Company, form: str) -> None:
    selected = company.invoices.get(number="F-2")
    response = accounting.post(url(LIST), {"action": ACTIONS[form], "_selected_action": [selected.pk]})
    assert numbers(response) == ["F-2"]


def test_an_action_exports_all_pages_where_all_are_selected(accounting: Client, company: Company) -> None:
    first = company.invoices.first()
    assert first
    form = {"action": "export_csv", "_selected_action": [first.pk], "select_across": "1"}
    assert numbers(accounting.post(url(LIST), form)) == ["F-1", "F-2"]


def test_the_international_csv_is_that_of_the_command(accounting: Client, company: Company) -> None:
    out = io.StringIO(newline="")
    call_command("export_invoices", stdout=out)
    assert content(accounting.get(url("chorus_invoice_export", "csv"), headers={"Accept-Language": "fr"})) == (
        out.getvalue().encode()
    )


def test_the_file_name_has_the_day_and_the_next_page_the_count(accounting: Client, company: Company) -> None:
    response = accounting.get(url("chorus_invoice_export", "csv"))
    name = f"invoices-{datetime.date.today():%Y-%m-%d}.csv"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert told(accounting.get(url(LIST))) == [f"2 invoices are exported to {name}."]


def test_nothing_to_export_is_said_on_the_list(accounting: Client, company: Company) -> None:
    response = accounting.get(url("chorus_invoice_export", "xlsx"), {"q": "nothing"})
    assert response.headers["Location"] == f"{url(LIST)}?q=nothing"
    assert "There is nothing to export" in told(accounting.get(response.headers["Location"]))[0]


def test_more_invoices_than_a_workbook_holds_are_refused(
    accounting: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(DOWNLOADS, "xlsx", replace(DOWNLOADS["xlsx"], most=1))
    response = accounting.get(url("chorus_invoice_export", "xlsx"), follow=True)
    assert told(response) == ["A workbook holds at most 1 invoices, and these are 2: filter them, or take CSV."]


def test_an_address_with_an_unknown_filter_leads_back_to_the_list(accounting: Client, company: Company) -> None:
    response = accounting.get(url("chorus_invoice_export", "csv"), {"company__secret": "1"}, follow=True)
    assert response.redirect_chain[-1][0] == url(LIST)


def test_an_unknown_form_is_not_there_and_an_export_is_never_posted(accounting: Client, company: Company) -> None:
    assert accounting.get(url("chorus_invoice_export", "pdf")).status_code == 404
    assert accounting.post(url("chorus_invoice_export", "csv")).status_code == 405


def test_s13_who_may_not_export_is_refused_and_sees_no_export(viewer: Client, company: Company) -> None:
    assert viewer.get(url("chorus_invoice_export", "csv")).status_code == 403
    text = page(viewer.get(url(LIST)))
    assert url("chorus_invoice_export", "csv") not in text
    assert "export_csv" not in text


def test_the_list_offers_the_exports_of_what_it_shows(accounting: Client, company: Company) -> None:
    text = page(accounting.get(url(LIST), {"chorus_status": "REJETEE"}))
    for form in FORMS:
        assert f'{url("chorus_invoice_export", form)}?chorus_status=REJETEE"' in text
        assert f'value="{ACTIONS[form]}"' in text


@pytest.mark.parametrize("form", FORMS)
def test_the_queries_of_an_export_do_not_grow(
    accounting: Client, company: Company, form: str, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        make_invoice(company, f"G-{number}")
    with django_assert_max_num_queries(12):
        content(accounting.get(url("chorus_invoice_export", form)))
