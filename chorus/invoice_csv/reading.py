"""A CSV file -> its records, or the reason why a line is none. Flat memory, whatever the file's size."""

from __future__ import annotations

import csv
import dataclasses
import io
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TextIO

from django.utils.translation import gettext as _

from batches.plain_text import one_line, quoted
from chorus.invoice_csv.columns import IGNORED, IMPORTED

LONGEST_LINE = 1_000_000
"""Characters; a longer line is no invoice, and would be held in memory."""
LONGEST_RECORD = 140_000
"""Lines; more than the longest cell that Python's parser takes has characters."""
MOST_REREAD = 1_000_000
"""Lines of a file that may be read again. Each line of a hostile file could take all that follow it by mistake."""
MOST_CELLS = 100
"""A refused line of more cells is kept as one: a million empty cells would fill the memory."""
UNDECODABLE = re.compile("[\udc80-\udcff]")  # what errors="surrogateescape" makes of bytes that are not UTF-8


class UnreadableFileError(Exception):
    """Nothing of the file can be imported."""


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """The cells of one line by column. `line` counts physical lines, from 1."""

    line: int
    cells: dict[str, str]


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """`cells`: what the line has, as it stands in the file; the whole line in one where it has no cells."""

    line: int
    reason: str
    cells: Sequence[str]


class PhysicalLines(Iterator[str]):
    """The lines of a file, numbered. Those after the first of a record can be read again."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._again: deque[str] = deque()
        self._taken: list[str] = []
        self._reread = 0
        self.first = 1

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        if len(line) == LONGEST_LINE:
            raise UnreadableFileError(
                _("line %(line)d has a million characters: this is no CSV file")
                % {"line": self.first + len(self._taken)}
            )
        if len(self._taken) == LONGEST_RECORD:
            raise self._mismatched()
        self._taken.append(line)
        return line

    def begin_record(self) -> None:
        self.first += len(self._taken)
        self._taken = []

    def reread_all_but_first(self) -> bool:
        """Read again what a record took by mistake. Return whether there was anything.

        Raises UnreadableFileError when that happens all too often.
        """
        mistaken = self._taken[1:]
        self._reread += len(mistaken)
        if self._reread > MOST_REREAD:
            raise self._mismatched()
        self._again.extendleft(reversed(mistaken))
        self._taken = self._taken[:1]
        return bool(mistaken)

    def _mismatched(self) -> UnreadableFileError:
        reason = _("the quotation marks from line %(line)d on do not match: correct them, or leave them out")
        return UnreadableFileError(reason % {"line": self.first})

    @property
    def record(self) -> str:
        return "".join(self._taken)


class CsvTable:
    """A CSV file with a header. Iterating gives a Record or a Refusal for each line that is not blank."""

    def __init__(self, file: TextIO) -> None:
        """Read the header. Raises UnreadableFileError when there is none."""
        self._lines = PhysicalLines(file)
        header = self._first_line_with_text()
        self.delimiter = ";" if header.count(";") > header.count(",") else ","
        self.columns = [name.strip().lower() for name in next(csv.reader([header], delimiter=self.delimiter))]
        self._reader = csv.reader(self._lines, delimiter=self.delimiter, strict=True)

    def __iter__(self) -> Iterator[Record | Refusal]:
        while True:
            self._lines.begin_record()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                reason = _('its quotation marks do not match: a cell that begins with " must end with " (%(error)s)')
                self._lines.reread_all_but_first()
                yield self._refusal(reason % {"error": error})
                continue
            if any(cell.strip() for cell in cells):
                yield self._record(cells)

    def _record(self, cells: list[str]) -> Record | Refusal:
        reason = unreadable(self._lines.record)
        if not reason and len(cells) != len(self.columns):
            reason = _("%(cells)d cells, but the header has %(columns)d")
            reason %= {"cells": len(cells), "columns": len(self.columns)}
        if not reason:
            return Record(self._lines.first, dict(zip(self.columns, cells, strict=True)))
        mistaken = self._lines.reread_all_but_first()  # a quotation mark too many may have swallowed good lines
        if mistaken or len(cells) > MOST_CELLS:
            return self._refusal(reason)
        return Refusal(self._lines.first, reason, cells)

    def _refusal(self, reason: str) -> Refusal:
        return Refusal(self._lines.first, reason, [self._lines.record.rstrip("\r\n")])

    def _first_line_with_text(self) -> str:
        for line in self._lines:
            if reason := unreadable(line):
                raise UnreadableFileError(reason)
            if line.strip():
                return line
        raise UnreadableFileError(_("it is empty: the first line must name the columns"))


def unreadable(text: str) -> str:
    """Return why the text cannot be taken as it is, or an empty string."""
    if UNDECODABLE.search(text):
        return _("it is not UTF-8: save the file as “CSV UTF-8”")
    if "\0" in text:
        return _("it has NUL characters: save the file as “CSV UTF-8”")
    return ""


def check_columns(columns: list[str], required: Iterable[str]) -> None:
    """Raise UnreadableFileError naming every unknown, missing or repeated column."""
    known = (*IMPORTED, *IGNORED)
    unknown = [column for column in columns if column not in known]
    missing = [column for column in required if column not in columns]
    repeated = [column for column in known if columns.count(column) > 1]
    problems = [
        _("unknown columns: %s") % quoted(*unknown) if unknown else "",
        _("missing columns: %s") % ", ".join(missing) if missing else "",
        _("columns that stand there twice: %s") % ", ".join(repeated) if repeated else "",
    ]
    if any(problems):
        found = "; ".join(filter(None, problems))
        accepted = _("accepted columns: %s") % ", ".join(IMPORTED)
        raise UnreadableFileError(f"{found} ({accepted})")


def open_csv(path: Path) -> TextIO:
    """Open a file for reading. Raises UnreadableFileError when that is not possible."""
    try:
        return as_text(path.open("rb"))
    except OSError as error:
        raise UnreadableFileError(one_line(error.strerror or str(error))) from error


def as_text(file: BinaryIO) -> io.TextIOWrapper:
    """Read bytes as the text of a CSV file; what is no text is kept, so that its line can be told."""
    return io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
