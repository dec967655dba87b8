"""Invoices -> CSV lines. An import reads them back."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator
from io import TextIOBase
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from chorus.invoice_csv.columns import EXPORTED
from chorus.invoice_csv.formulas import escape
from chorus.models import Invoice

ROWS_AT_ONCE = 2000
"""Rows read from the database at a time: memory stays flat."""


def write_invoices(invoices: QuerySet[Invoice], file: TextIOBase) -> int:
    """Write a header and one line an invoice, as RFC 4180 has it. Return the number of invoices."""
    writer = csv.writer(file)
    writer.writerow(EXPORTED)
    written = 0
    for invoice in _streamed(invoices):
        writer.writerow(export_cells(invoice))
        written += 1
    return written


def _streamed(invoices: QuerySet[Invoice]) -> Iterator[Invoice]:
    in_order = invoices.select_related("company", "manager").order_by("company_id", "number")
    return in_order.iterator(chunk_size=ROWS_AT_ONCE)


def export_cells(invoice: Invoice) -> list[str]:
    """Return the cells in the order of EXPORTED. Times are in the time zone of the settings (Europe/Paris)."""
    return [_cell(_value(invoice, column)) for column in EXPORTED]


def _value(invoice: Invoice, column: str) -> Any:
    if column == "company":
        return invoice.company.code
    if column == "manager":
        return invoice.manager.get_username() if invoice.manager else ""
    if column == "dematerialization_status":
        return invoice.get_dematerialization_status_display()
    return getattr(invoice, column)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dt.datetime):
        return timezone.localtime(value).isoformat(timespec="seconds")
    return escape(value) if isinstance(value, str) else str(value)
