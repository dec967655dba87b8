"""Invoices -> CSV, for programs and for a French Excel. An import reads both back."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import io
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import TextIOBase
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from chorus.invoice_csv.columns import EXPORTED
from chorus.invoice_csv.formulas import escape
from chorus.invoice_exports.rows import rows
from chorus.models import Invoice

PIECE = 64 * 1024
"""Characters that are sent at once."""


@dataclasses.dataclass(frozen=True)
class CsvForm:
    """`beginning`: what stands before the header. `cell`: a value that is neither empty nor a text -> its cell."""

    language: str
    delimiter: str
    beginning: str
    cell: Callable[[Any], str]

    def cells(self, values: list[Any]) -> list[str]:
        return [self._cell(value) for value in values]

    def _cell(self, value: Any) -> str:
        if value is None:
            return ""
        return escape(value) if isinstance(value, str) else self.cell(value)


def _international(value: Any) -> str:
    """Times are in the time zone of the settings (Europe/Paris)."""
    return timezone.localtime(value).isoformat(timespec="seconds") if isinstance(value, dt.datetime) else str(value)


def _french(value: Any) -> str:
    """Times are in the time zone of the settings (Europe/Paris), which they do not tell."""
    if isinstance(value, dt.datetime):
        local = timezone.localtime(value)
        return f"{_french(local.date())} {local:%H:%M:%S}"
    if isinstance(value, dt.date):
        return f"{value.day:02}/{value.month:02}/{value.year:04}"
    if isinstance(value, bool):
        return "Vrai" if value else "Faux"
    return str(value).replace(".", ",") if isinstance(value, Decimal) else str(value)


INTERNATIONAL = CsvForm("en", ",", "", _international)
FRENCH = CsvForm("fr", ";", "\N{ZERO WIDTH NO-BREAK SPACE}", _french)  # Excel knows UTF-8 by the mark


def write_csv(invoices: QuerySet[Invoice], file: TextIOBase, form: CsvForm = INTERNATIONAL) -> int:
    """Write a header and one line an invoice, as RFC 4180 has it. Return the number of invoices."""
    writer = _begin(file, form)
    written = 0
    for values in rows(invoices, form.language):
        writer.writerow(form.cells(values))
        written += 1
    return written


def stream_csv(invoices: QuerySet[Invoice], form: CsvForm) -> Iterator[str]:
    """Yield, piece by piece, what `write_csv` writes."""
    piece = io.StringIO(newline="")
    writer = _begin(piece, form)
    for values in rows(invoices, form.language):
        writer.writerow(form.cells(values))
        if piece.tell() > PIECE:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


def _begin(file: io.TextIOBase, form: CsvForm) -> Any:
    if form.beginning:  # Django's stdout would end a line even after nothing
        file.write(form.beginning)
    writer = csv.writer(file, delimiter=form.delimiter)
    writer.writerow(EXPORTED)
    return writer
