"""A record of the CSV -> an invoice line with typed values, or the reasons why it is refused."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from batches.plain_text import quoted
from chorus.invoice_csv.cells import PARSERS, WHEN_EMPTY, CellError, parse_text
from chorus.invoice_csv.columns import OPTIONAL, REQUIRED
from chorus.invoice_csv.reading import Record, Refusal

NAMED_IN_A_MESSAGE = 20
"""Company codes in a message: more than these help nobody."""


@dataclasses.dataclass(frozen=True, slots=True)
class InvoiceLine:
    """`values`: model attribute -> value, for the columns that the file has. `cells`: as they stand in the file."""

    line: int
    company_id: int
    number: str
    values: Mapping[str, Any]
    cells: Sequence[str]

    @property
    def key(self) -> tuple[int, str]:
        return self.company_id, self.number

    def refusal(self, reason: str) -> Refusal:
        return Refusal(self.line, reason, self.cells)


class LineParser:
    """Parses the records of one import. `company`: the code that every line must have, or may leave out."""

    def __init__(
        self, companies: Mapping[str, int], find_manager: Callable[[str], int], company: str | None = None
    ) -> None:
        self._companies = companies
        self._find_manager = find_manager
        self._company = company

    def parse(self, record: Record) -> InvoiceLine | Refusal:
        cells = list(record.cells.values())
        reasons: list[str] = []
        values: dict[str, Any] = {}
        for column in (*REQUIRED, *OPTIONAL):
            if column in record.cells or column == "company":
                try:
                    values[column] = self._value(column, record.cells.get(column, ""))
                except CellError as error:
                    reasons.append(f"{column} {quoted(record.cells.get(column, ''))}: {error}")
        if reasons:
            return Refusal(record.line, "; ".join(reasons), cells)
        if "manager" in values:
            values["manager_id"] = values.pop("manager")
        return InvoiceLine(record.line, values.pop("company"), values.pop("number"), values, cells)

    def _value(self, column: str, cell: str) -> Any:
        if column == "company":
            return self._company_id(parse_text(cell))
        if not cell.strip():
            return _value_of_empty(column)
        return self._find_manager(parse_text(cell)) if column == "manager" else PARSERS[column](cell)

    def _company_id(self, code: str) -> int:
        code = code or self._company or ""
        if self._company and code != self._company:
            raise CellError(_("only lines of %s are imported: it was chosen for the file") % self._company)
        if not code:
            raise CellError(_("it is empty"))
        if code not in self._companies:
            raise CellError(_("unknown company; known ones: %s") % named(self._companies))
        return self._companies[code]


def _value_of_empty(column: str) -> Any:
    if column in REQUIRED:
        raise CellError(_("it is empty"))
    return None if column == "manager" else WHEN_EMPTY.get(column, "")


def named(codes: Iterable[str]) -> str:
    """Return the codes, sorted, as words of a message."""
    names = sorted(codes)
    first = ", ".join(names[:NAMED_IN_A_MESSAGE])
    return f"{first}, …" if len(names) > NAMED_IN_A_MESSAGE else first or _("none yet (load_setup makes them)")
