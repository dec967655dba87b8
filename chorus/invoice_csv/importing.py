"""Invoice lines -> the database, in short transactions. Importing a file again changes nothing."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from django.db import transaction
from django.utils.translation import gettext as _

from batches.plain_text import quoted
from chorus.invoice_csv.lines import InvoiceLine, LineParser
from chorus.invoice_csv.reading import CsvTable, Refusal
from chorus.models import Company, Invoice
from chorus.statuses import after_marking

CHUNK = 500
"""Lines of one transaction: few enough that a run or the admin waits for milliseconds."""
TELLS_THE_PORTAL = ("chorus_id", "flow_number", "deposited_on", "dematerialized")
"""What makes a look for an invoice worthwhile that the portal did not know so far (L3)."""
LEARNED = ("chorus_id", "flow_number")
"""The portal tells these too: a file that does not know them does not empty them."""


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """What became of some lines: counts of created, updated, unchanged and refused."""

    counts: Counter[str]
    refusals: list[Refusal]


def import_table(table: CsvTable, parser: LineParser) -> Iterator[Progress]:
    """Import the lines of a table, and yield what became of each chunk of them.

    Raises UnreadableFileError, and django.db.DatabaseError: what was yielded before is in the database.
    """
    results = _refuse_repeated(_parse(table, parser))
    while chunk := list(islice(results, CHUNK)):
        yield _import(chunk)


def _parse(table: CsvTable, parser: LineParser) -> Iterator[InvoiceLine | Refusal]:
    for record in table:
        yield record if isinstance(record, Refusal) else parser.parse(record)


def _refuse_repeated(results: Iterable[InvoiceLine | Refusal]) -> Iterator[InvoiceLine | Refusal]:
    """Refuse a second line of the same invoice. Keys are kept in a temporary file: memory stays flat."""
    seen = sqlite3.connect("", isolation_level=None)
    try:
        seen.execute("CREATE TABLE seen (company INTEGER, number TEXT, line INTEGER, PRIMARY KEY (company, number))")
        seen.execute("BEGIN")
        for result in results:
            yield result if isinstance(result, Refusal) else _refuse_if_seen(result, seen)
    finally:
        seen.close()


def _refuse_if_seen(line: InvoiceLine, seen: sqlite3.Connection) -> InvoiceLine | Refusal:
    if seen.execute("INSERT OR IGNORE INTO seen VALUES (?, ?, ?)", (*line.key, line.line)).rowcount:
        return line
    ((first,),) = seen.execute("SELECT line FROM seen WHERE company = ? AND number = ?", line.key)
    return Refusal(line.line, _("number %s: already in line %d of this file") % (quoted(line.number), first))


def _import(results: Sequence[InvoiceLine | Refusal]) -> Progress:
    lines = [result for result in results if isinstance(result, InvoiceLine)]
    progress = Progress(Counter(), [result for result in results if isinstance(result, Refusal)])
    if lines:
        with transaction.atomic():
            _write(lines, progress)
    progress.refusals.sort(key=lambda refusal: refusal.line)
    progress.counts["refused"] = len(progress.refusals)
    return progress


def _write(lines: Sequence[InvoiceLine], progress: Progress) -> None:
    companies = {line.company_id for line in lines}
    # Imports of the same companies take turns, so that each sees what the other made.
    list(Company.objects.select_for_update(no_key=True).filter(pk__in=companies).order_by("pk"))
    stored = _stored(lines, companies)
    owners = _chorus_id_owners(lines, companies)
    to_write = []
    for line in lines:
        if other := _other_owner(line, owners):
            progress.refusals.append(Refusal(line.line, other))
            continue
        invoice = stored.get(line.key) or _new(line)
        what = "created" if invoice.pk is None else "updated" if _update(invoice, line.values) else "unchanged"
        progress.counts[what] += 1
        if what != "unchanged":
            to_write.append(invoice)
    _upsert(to_write, lines[0].values)


def _stored(lines: Sequence[InvoiceLine], companies: set[int]) -> dict[tuple[int, str], Invoice]:
    numbers = [line.number for line in lines]
    found = Invoice.objects.select_for_update().filter(company__in=companies, number__in=numbers).order_by("pk")
    return {(invoice.company_id, invoice.number): invoice for invoice in found}


def _chorus_id_owners(lines: Sequence[InvoiceLine], companies: set[int]) -> dict[tuple[int, int], str]:
    ids = [line.values["chorus_id"] for line in lines if line.values.get("chorus_id")]
    owners = Invoice.objects.filter(company__in=companies, chorus_id__in=ids)
    rows = owners.values_list("company_id", "chorus_id", "number")
    return {(company, chorus_id or 0): number for company, chorus_id, number in rows}


def _other_owner(line: InvoiceLine, owners: dict[tuple[int, int], str]) -> str:
    """Return the refusal of a Chorus id that another invoice has; remember the line as its owner otherwise."""
    chorus_id = line.values.get("chorus_id")
    if chorus_id is None:
        return ""
    owner = owners.setdefault((line.company_id, chorus_id), line.number)
    if owner == line.number:
        return ""
    return _("chorus_id %(id)d: invoice %(number)s has it already") % {"id": chorus_id, "number": quoted(owner)}


def _new(line: InvoiceLine) -> Invoice:
    invoice = Invoice(company_id=line.company_id, number=line.number, **line.values)
    invoice.dematerialization_status = after_marking(invoice.dematerialized, invoice.dematerialization_status)
    return invoice


def _update(invoice: Invoice, values: Mapping[str, object]) -> bool:
    """Give an invoice its new values. Return whether any was new."""
    changed = {
        name for name, value in values.items() if getattr(invoice, name) != value and (value or name not in LEARNED)
    }
    for name in changed:
        setattr(invoice, name, values[name])
    if "dematerialized" in values:
        marked = after_marking(invoice.dematerialized, invoice.dematerialization_status)
        if invoice.dematerialization_status != marked:
            invoice.dematerialization_status = marked
            changed.add("dematerialization_status")
    if not invoice.chorus_status and any(name in changed and values[name] for name in TELLS_THE_PORTAL):
        invoice.ask_by_number = True
    return bool(changed)


def _upsert(invoices: list[Invoice], columns: Iterable[str]) -> None:
    """Insert or update by company and number: one statement for many, where UPDATE needs one each."""
    for invoice in invoices:
        invoice.pk = None  # the key of the statement is company and number
    fields = ["manager" if column == "manager_id" else column for column in columns]
    Invoice.objects.bulk_create(
        invoices,
        update_conflicts=True,
        unique_fields=("company", "number"),
        update_fields=(*fields, "dematerialization_status", "ask_by_number"),
    )
