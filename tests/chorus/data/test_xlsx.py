"""The workbook, read back with another library."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook

from akuiteo.models import User
from chorus.invoice_csv.columns import EXPORTED
from chorus.invoice_exports.workbook import LONGEST_TEXT, write_workbook
from chorus.models import Company, Invoice


@pytest.fixture
def invoice(acme: Company) -> Invoice:
    return Invoice(company=acme, number="00042", date=dt.date(2026, 11, 2), amount_incl_tax=Decimal("-1234.56"))


def sheet(language: str = "en") -> Any:
    file = io.BytesIO()
    assert write_workbook(Invoice.objects.all(), file, language) == Invoice.objects.count()
    return load_workbook(file).worksheets[0]


def cell(column: str, language: str = "en") -> Any:
    return sheet(language).cell(2, EXPORTED.index(column) + 1)


def test_the_header_has_the_columns_of_the_import_is_frozen_and_filters(invoice: Invoice) -> None:
    invoice.save()
    found = sheet()
    assert [found.cell(1, place + 1).value for place in range(len(EXPORTED))] == list(EXPORTED)
    assert (found.freeze_panes, found.auto_filter.ref) == ("C2", "A1:V2")


@pytest.mark.parametrize(("language", "day"), [("fr", "dd/mm/yyyy"), ("en", "yyyy-mm-dd")])
def test_days_and_times_are_real_and_shown_in_a_form_that_an_import_reads(
    invoice: Invoice, language: str, day: str
) -> None:
    invoice.chorus_status_at = dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)
    invoice.save()
    date, at = cell("date", language), cell("chorus_status_at", language)
    assert (date.value, date.number_format) == (dt.datetime(2026, 11, 2), day)
    assert (at.value, at.number_format) == (dt.datetime(2026, 7, 2, 0, 30), f"{day} hh:mm")


def test_an_amount_is_a_number(invoice: Invoice) -> None:
    invoice.save()
    amount = cell("amount_incl_tax")
    assert (amount.value, amount.number_format) == (-1234.56, "#,##0.00")


def test_numbers_that_are_names_stay_texts(invoice: Invoice) -> None:
    invoice.chorus_id, invoice.customer_siret = 2**63 - 1, "01690123100011"
    invoice.save()
    assert cell("number").value == "00042"
    assert cell("customer_siret").value == "01690123100011"
    assert cell("chorus_id").value == str(2**63 - 1)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", '=HYPERLINK("http://x")', "{=1+1}", "http://x"])
def test_s07_a_text_is_neither_formula_nor_link(invoice: Invoice, text: str) -> None:
    invoice.customer = text
    invoice.save()
    customer = cell("customer")
    assert customer.data_type == "s"
    assert customer.hyperlink is None
    assert customer.value == (text if text[0] in "{h" else f"'{text}")


def test_what_a_workbook_cannot_hold_is_written_as_far_as_it_can(invoice: Invoice) -> None:
    invoice.date, invoice.chorus_comment = dt.date(26, 11, 2), "x" * 40_000 + "\x01"
    invoice.save()
    assert cell("date").value == "0026-11-02"
    assert len(cell("chorus_comment").value) == LONGEST_TEXT


def test_the_status_is_told_in_the_readers_language(invoice: Invoice) -> None:
    invoice.save()
    assert cell("dematerialization_status").value == "1 - To be transmitted"
    assert cell("dematerialization_status", "fr").value == "1 - À transmettre"


def test_managers_and_booleans_are_written(invoice: Invoice) -> None:
    invoice.manager = User.objects.create(username="anne")
    invoice.save()
    assert (cell("manager").value, cell("dematerialized").value) == ("anne", True)
