"""What a preview and a result show: counts of all lines, and the first ones of each kind."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, cast

from django.contrib.admin.utils import display_for_field
from django.contrib.auth import get_user_model
from django.db.models import Field
from django.template.defaultfilters import yesno
from django.utils.formats import number_format
from django.utils.text import capfirst

from batches.plain_text import one_line, shortened
from chorus.invoice_csv.importing import Progress
from chorus.invoice_csv.planning import Planned
from chorus.invoice_csv.reading import as_text
from chorus.invoice_imports.refused_lines import reason_of
from chorus.models import Company, Invoice, InvoiceImport

SHOWN = 200
"""Lines of each kind."""
EMPTY = "-"


@dataclasses.dataclass(frozen=True)
class Change:
    label: str
    old: str
    new: str


@dataclasses.dataclass(frozen=True)
class Line:
    """A line that is not refused. `company`: its code. `changes`: of an update."""

    line: int
    company: str
    invoice: Invoice
    changes: list[Change]


@dataclasses.dataclass(frozen=True)
class RefusedLine:
    """`reason`: with the number of the line. `text`: its cells."""

    reason: str
    text: str


@dataclasses.dataclass
class Report:
    """`created`, `updated`, `unchanged`, `refused`: the first lines of each kind; `counts`: of all."""

    counts: Counter[str]
    created: list[Line] = dataclasses.field(default_factory=list)
    updated: list[Line] = dataclasses.field(default_factory=list)
    unchanged: list[Line] = dataclasses.field(default_factory=list)
    refused: list[RefusedLine] = dataclasses.field(default_factory=list)

    @property
    def lines(self) -> int:
        return self.counts.total()

    @property
    def to_write(self) -> int:
        return self.counts["created"] + self.counts["updated"]


def report(parts: Iterable[Progress]) -> Report:
    """Look at all parts of an import. Memory stays flat: no more than the first lines are kept."""
    counts: Counter[str] = Counter()
    first: dict[str, list[Planned]] = {"created": [], "updated": [], "unchanged": []}
    refused: list[RefusedLine] = []
    for part in parts:
        counts.update(part.counts)
        for planned in part.planned:
            if len(first[planned.what]) < SHOWN:
                first[planned.what].append(planned)
        room = SHOWN - len(refused)
        refused += [_refused(reason_of(refusal), refusal.cells) for refusal in part.refusals[:room]]
    return Report(counts, **_lines(first), refused=refused)


def result(kept: InvoiceImport) -> Report:
    """Report an import that is done, of which the refused lines are still kept or not."""
    content = bytes(kept.content)
    rows = csv.reader(as_text(io.BytesIO(content)), delimiter=_delimiter(content))
    refused = [_refused(reason, cells) for reason, *cells in islice(rows, 1, SHOWN + 1)]
    return Report(Counter(kept.counts), refused=refused)


def _delimiter(content: bytes) -> str:
    header = content[:10_000].split(b"\n")[0]
    return ";" if b";" in header else ","


def _refused(reason: str, cells: Iterable[str]) -> RefusedLine:
    return RefusedLine(reason, shortened(one_line(" | ".join(cells))))


def _lines(first: Mapping[str, list[Planned]]) -> dict[str, list[Line]]:
    everything = [planned for some in first.values() for planned in some]
    companies = Company.objects.in_bulk({planned.line.company_id for planned in everything})
    managers = _logins(planned.before.get("manager_id") for planned in everything)
    managers |= _logins(planned.line.values.get("manager_id") for planned in everything)
    return {
        what: [_line(planned, companies[planned.line.company_id].code, managers) for planned in some]
        for what, some in first.items()
    }


def _line(planned: Planned, company: str, managers: Mapping[int, str]) -> Line:
    invoice = planned.invoice()
    return Line(planned.line.line, company, invoice, _changes(invoice, planned.before, managers))


def _logins(users: Iterable[int | None]) -> dict[int, str]:
    found = get_user_model().objects.filter(pk__in={user for user in users if user})
    return dict(found.values_list("pk", "username"))


def _changes(invoice: Invoice, before: Mapping[str, Any], managers: Mapping[int, str]) -> list[Change]:
    return [
        Change(
            str(capfirst(_field(name).verbose_name)),
            _shown(name, old, managers),
            _shown(name, getattr(invoice, name), managers),
        )
        for name, old in before.items()
    ]


def _shown(name: str, value: Any, managers: Mapping[int, str]) -> str:
    if value in (None, ""):
        return EMPTY
    if isinstance(value, bool):
        return str(yesno(value))
    if isinstance(value, Decimal):
        return number_format(value, decimal_pos=2, use_l10n=True, force_grouping=True)
    if name == "manager_id":
        return managers.get(value, EMPTY)
    return str(display_for_field(value, _field(name), EMPTY))


def _field(name: str) -> Field[Any, Any]:
    return cast("Field[Any, Any]", Invoice._meta.get_field(name))
