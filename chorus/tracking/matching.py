"""Which row of the portal is which invoice (L7). Pure."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from chorus.portal.messages import RemoteStatus
from chorus.tracking.states import InvoiceState


@dataclasses.dataclass(frozen=True)
class Matches:
    """Pairs that belong together, and invoices for which no single row could be chosen."""

    pairs: Sequence[tuple[InvoiceState, RemoteStatus]]
    ambiguous: Sequence[tuple[InvoiceState, Sequence[RemoteStatus]]]


def match(invoices: Iterable[InvoiceState], rows: Iterable[RemoteStatus], all_rows: bool = False) -> Matches:
    """Match by Chorus id; else by supplier and number, where a flow number decides between several.

    `all_rows` says that the portal has no other rows of these numbers: then a single one fits whatever its flow.
    Of two rows with one Chorus id the later in `rows` counts: the portal said it last.
    """
    by_id = {row.chorus_id: row for row in rows}
    by_number: dict[tuple[str, str], list[RemoteStatus]] = defaultdict(list)
    for row in by_id.values():
        by_number[row.supplier, row.number].append(row)
    stored = list(invoices)
    taken = {invoice.chorus_id for invoice in stored}
    pairs: list[tuple[InvoiceState, RemoteStatus]] = []
    ambiguous: list[tuple[InvoiceState, Sequence[RemoteStatus]]] = []
    for invoice in stored:
        if invoice.chorus_id is not None:
            candidates = [by_id[invoice.chorus_id]] if invoice.chorus_id in by_id else []
        else:
            fitting = by_number[invoice.supplier, invoice.number]
            free = [row for row in fitting if row.chorus_id not in taken]
            candidates = free if all_rows and len(free) == 1 else _by_flow(invoice, free)
        if len(candidates) == 1:
            pairs.append((invoice, candidates[0]))
        elif candidates:
            ambiguous.append((invoice, candidates))
    return _without_shared_rows(pairs, ambiguous)


def _by_flow(invoice: InvoiceState, rows: list[RemoteStatus]) -> list[RemoteStatus]:
    """Keep the rows of the invoice's flow, else those that may be of it: of no known flow."""
    if not invoice.flow_number:
        return rows
    same = [row for row in rows if row.flow_number == invoice.flow_number]
    return same or [row for row in rows if not row.flow_number]


def _without_shared_rows(
    pairs: list[tuple[InvoiceState, RemoteStatus]],
    ambiguous: list[tuple[InvoiceState, Sequence[RemoteStatus]]],
) -> Matches:
    """Two invoices that claim one row (two companies with one SIRET and one number) both stay as they are."""
    claims: dict[int, int] = defaultdict(int)
    for _invoice, row in pairs:
        claims[row.chorus_id] += 1
    for invoice, row in pairs:
        if claims[row.chorus_id] > 1:
            ambiguous.append((invoice, [row]))
    return Matches([pair for pair in pairs if claims[pair[1].chorus_id] == 1], ambiguous)


def words_of_ambiguous(rows: Sequence[RemoteStatus]) -> str:
    ids = ", ".join(str(row.chorus_id) for row in rows)
    return _(
        "Several invoices fit on the portal or here (Chorus ids %(ids)s): nothing was changed. "
        "Give the invoice its Chorus id or its flow number."
    ) % {"ids": ids}
