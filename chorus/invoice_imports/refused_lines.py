"""Refused lines as a CSV file: the reason, then the cells as they were. It can be mended and imported."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from chorus.invoice_csv.columns import REASON
from chorus.invoice_csv.formulas import escape, unescape
from chorus.invoice_csv.reading import CsvTable, Refusal

NUMBER = re.compile(r"[+-]?[\d\s.,]+")
MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"  # Excel knows UTF-8 by it


def refused_lines(table: CsvTable, refusals: Iterable[Refusal]) -> Iterator[bytes]:
    """Yield the lines of the file, the header first. Bytes that are not UTF-8 are given as they came."""
    yield _line([MARK + REASON, *table.columns], table.delimiter)
    for refusal in refusals:
        yield _line([reason_of(refusal), *map(_harmless, refusal.cells)], table.delimiter)


def reason_of(refusal: Refusal) -> str:
    return _("line %(line)d: %(reason)s") % {"line": refusal.line, "reason": refusal.reason}


def _harmless(cell: str) -> str:
    """Return a cell that is no formula; an amount such as -12,50 is none, and must stay one."""
    return cell if NUMBER.fullmatch(cell.strip()) else escape(unescape(cell))


def _line(cells: list[str], delimiter: str) -> bytes:
    line = io.StringIO(newline="")
    csv.writer(line, delimiter=delimiter).writerow(cells)
    return line.getvalue().encode(errors="surrogateescape")
