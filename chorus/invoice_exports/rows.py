"""Invoices -> rows of values, in the order of EXPORTED. What a value looks like is up to the form of the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import override

from chorus.invoice_csv.columns import EXPORTED
from chorus.models import Invoice
from chorus.statuses import DematerializationStatus

ROWS_AT_ONCE = 2000
"""Rows read from the database at a time: memory stays flat."""


def rows(invoices: QuerySet[Invoice], language: str) -> Iterator[list[Any]]:
    """Yield the values of each invoice, sorted by company and number. `language` is that of the status words."""
    with override(language):
        words = {status.value: str(status.label) for status in DematerializationStatus}
    in_order = invoices.select_related("company", "manager").order_by("company_id", "number")
    for invoice in in_order.iterator(chunk_size=ROWS_AT_ONCE):
        yield [_value(invoice, column, words) for column in EXPORTED]


def _value(invoice: Invoice, column: str, words: dict[int, str]) -> Any:
    if column == "company":
        return invoice.company.code
    if column == "manager":
        return invoice.manager.get_username() if invoice.manager else ""
    if column == "dematerialization_status":
        return words[invoice.dematerialization_status]
    return getattr(invoice, column)
