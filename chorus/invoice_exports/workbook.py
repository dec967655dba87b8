"""Invoices -> an Excel workbook (XLSX), with real dates and numbers."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, BinaryIO

from django.db.models import QuerySet
from django.utils import timezone
from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from batches.plain_text import shortened
from chorus.invoice_csv.columns import EXPORTED
from chorus.invoice_csv.formulas import escape_cell
from chorus.invoice_exports.rows import rows
from chorus.models import Invoice

MOST_INVOICES = 1_048_575
"""The rows of a sheet, without the header."""
LONGEST_TEXT = 32_767
"""Characters of a cell."""
FIRST_YEAR = 1900
AMOUNT = "#,##0.00"  # Excel shows it with the separators of its language
DAYS = {"fr": "dd/mm/yyyy"}
USUAL_DAY = "yyyy-mm-dd"
"""Days in forms that an import reads: saved as CSV, Excel's own short date may have the month first."""
WIDE = ("customer", "project_group", "chorus_status", "chorus_comment", "dematerialization_status")
WIDTH, LARGE_WIDTH = 18, 32


def write_workbook(invoices: QuerySet[Invoice], file: BinaryIO, language: str) -> int:
    """Write a header and one row an invoice; at most MOST_INVOICES. Return the number of invoices."""
    with Workbook(file, {"constant_memory": True}) as workbook:
        sheet = _Sheet(workbook, DAYS.get(language, USUAL_DAY))
        for values in rows(invoices, language):
            sheet.add(values)
        sheet.end()
    return sheet.last_row


class _Sheet:
    def __init__(self, workbook: Workbook, day: str) -> None:
        self._sheet: Worksheet = workbook.add_worksheet(Invoice._meta.object_name)
        self._amount, self._day, self._time = (
            workbook.add_format({"num_format": number_format}) for number_format in (AMOUNT, day, f"{day} hh:mm")
        )
        self.last_row = 0
        bold = workbook.add_format({"bold": True, "bottom": 1})
        for place, column in enumerate(EXPORTED):
            self._sheet.set_column(place, place, LARGE_WIDTH if column in WIDE else WIDTH)
            self._sheet.write_string(0, place, column, bold)
        self._sheet.freeze_panes(1, 2)

    def add(self, values: list[Any]) -> None:
        self.last_row += 1
        for place, value in enumerate(values):
            if value not in (None, ""):
                self._write(place, value)

    def end(self) -> None:
        last_column = len(EXPORTED) - 1
        self._sheet.autofilter(0, 0, self.last_row, last_column)
        everywhere = f"A1:{chr(ord('A') + last_column)}{self.last_row + 1}"
        self._sheet.ignore_errors({"number_stored_as_text": everywhere})  # numbers of invoices, SIRETs

    def _write(self, place: int, value: Any) -> None:
        """Write a cell. A text is never taken for a formula here, but would be in a CSV that Excel makes of it."""
        row = self.last_row
        if isinstance(value, bool):
            self._sheet.write_boolean(row, place, value)
        elif isinstance(value, Decimal):
            self._sheet.write_number(row, place, float(value), self._amount)
        elif isinstance(value, dt.datetime):
            local = timezone.make_naive(value)
            self._sheet.write_datetime(row, place, local, self._time)
        elif isinstance(value, dt.date) and value.year >= FIRST_YEAR:
            self._sheet.write_datetime(row, place, value, self._day)
        else:  # a Chorus id too: Excel rounds whole numbers of more than 15 digits
            self._sheet.write_string(row, place, shortened(escape_cell(str(value)), LONGEST_TEXT))
