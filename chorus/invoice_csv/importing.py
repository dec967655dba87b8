"""Invoice lines -> the database, in short transactions. Importing a file again changes nothing."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TextIO

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from batches.plain_text import quoted
from chorus.invoice_csv.columns import REQUIRED
from chorus.invoice_csv.earlier_lines import EarlierLines
from chorus.invoice_csv.lines import InvoiceLine, LineParser
from chorus.invoice_csv.managers import Managers
from chorus.invoice_csv.planning import Planned, plan
from chorus.invoice_csv.reading import CsvTable, Refusal, check_columns
from chorus.models import Company, Invoice

CHUNK = 500
"""Lines of one transaction: few enough that a run or the admin waits for milliseconds."""

Settle = Callable[[Sequence[InvoiceLine], EarlierLines], list[Planned | Refusal]]


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """What became of some lines, or would. `counts`: created, updated, unchanged and refused."""

    counts: Counter[str]
    planned: list[Planned]
    refusals: list[Refusal]


def open_table(file: TextIO, company: str | None) -> CsvTable:
    """Read the header. `company`: the code that lines without one get. Raises UnreadableFileError."""
    table = CsvTable(file)
    check_columns(table.columns, [column for column in REQUIRED if column != "company" or not company])
    return table


def line_parser(company: str | None, companies: QuerySet[Company] | None = None) -> LineParser:
    """`company`: the code that lines without one get. `companies`: those that may be named; without, all of them."""
    known = Company.objects.all() if companies is None else companies
    return LineParser(dict(known.values_list("code", "pk")), Managers().find, company)


def import_table(table: CsvTable, parser: LineParser) -> Iterator[Progress]:
    """Import the lines of a table, and yield what became of each chunk of them.

    Raises UnreadableFileError, and django.db.DatabaseError: what was yielded before is in the database.
    """
    return _progress(table, parser, _write)


def preview_table(table: CsvTable, parser: LineParser) -> Iterator[Progress]:
    """Yield what `import_table` would, and write nothing. Raises UnreadableFileError."""
    return _progress(table, parser, _only_plan)


def _progress(table: CsvTable, parser: LineParser, settle: Settle) -> Iterator[Progress]:
    with EarlierLines() as earlier:
        results = _refuse_repeated(_parse(table, parser), earlier)
        while chunk := list(islice(results, CHUNK)):
            lines = [result for result in chunk if isinstance(result, InvoiceLine)]
            refusals = [result for result in chunk if isinstance(result, Refusal)]
            yield _settled(settle(lines, earlier) if lines else [], refusals)


def _parse(table: CsvTable, parser: LineParser) -> Iterator[InvoiceLine | Refusal]:
    for record in table:
        yield record if isinstance(record, Refusal) else parser.parse(record)


def _refuse_repeated(
    results: Iterable[InvoiceLine | Refusal], earlier: EarlierLines
) -> Iterator[InvoiceLine | Refusal]:
    for result in results:
        first = None if isinstance(result, Refusal) else earlier.add(result)
        if isinstance(result, Refusal) or first is None:
            yield result
        else:
            yield result.refusal(_("number %s: already in line %d of this file") % (quoted(result.number), first))


def _settled(results: Iterable[Planned | Refusal], refusals: Iterable[Refusal]) -> Progress:
    planned = [result for result in results if isinstance(result, Planned)]
    refused = [*refusals, *(result for result in results if isinstance(result, Refusal))]
    counts = Counter(line.what for line in planned)
    counts["refused"] = len(refused)
    return Progress(counts, planned, sorted(refused, key=lambda refusal: refusal.line))


def _only_plan(lines: Sequence[InvoiceLine], earlier: EarlierLines) -> list[Planned | Refusal]:
    return plan(lines, Invoice.objects.all(), earlier)


def _write(lines: Sequence[InvoiceLine], earlier: EarlierLines) -> list[Planned | Refusal]:
    companies = {line.company_id for line in lines}
    with transaction.atomic():
        # Imports of the same companies take turns, so that each sees what the other made.
        list(Company.objects.select_for_update(no_key=True).filter(pk__in=companies).order_by("pk"))
        results = plan(lines, Invoice.objects.select_for_update(), earlier)
        planned = [result for result in results if isinstance(result, Planned)]
        _upsert([line.invoice() for line in planned if line.what != "unchanged"], lines[0].values)
    return results


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
