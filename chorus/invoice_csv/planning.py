"""What an import makes of its lines, before anything is written: the preview shows it, the import writes it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from batches.plain_text import quoted
from chorus.invoice_csv.earlier_lines import EarlierLines
from chorus.invoice_csv.lines import InvoiceLine
from chorus.invoice_csv.reading import Refusal
from chorus.models import Invoice
from chorus.statuses import after_marking

TELLS_THE_PORTAL = ("chorus_id", "flow_number", "deposited_on", "dematerialized")
"""What makes a look for an invoice worthwhile that the portal did not know so far (L3)."""
LEARNED = ("chorus_id", "flow_number")
"""The portal tells these too: a file that does not know them does not empty them."""

Owners = Mapping[tuple[int, int], str]
"""Company and Chorus id -> the number of the invoice that has it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Planned:
    """`stored`: the invoice with its new values; None for a new one. `before`: what the changed values were."""

    line: InvoiceLine
    stored: Invoice | None
    before: Mapping[str, Any]

    def invoice(self) -> Invoice:
        """Return the invoice as it shall be. To make a new one takes long: a preview makes those that it shows."""
        return self.stored or _new(self.line)

    @property
    def what(self) -> str:
        if self.stored is None:
            return "created"
        return "updated" if self.before else "unchanged"


def plan(lines: Sequence[InvoiceLine], invoices: QuerySet[Invoice], earlier: EarlierLines) -> list[Planned | Refusal]:
    """Return what becomes of each line, compared with the stored `invoices`."""
    stored, owners = _stored(lines, invoices), _chorus_id_owners(lines)
    return [_planned(line, stored.get(line.key), owners, earlier) for line in lines]


def _stored(lines: Sequence[InvoiceLine], invoices: QuerySet[Invoice]) -> dict[tuple[int, str], Invoice]:
    companies, numbers = {line.company_id for line in lines}, [line.number for line in lines]
    # Ordered, so that locks are taken in one order; by no column, or SQLite finds all of a company in that order.
    found = invoices.filter(company__in=companies, number__in=numbers).order_by(F("pk") + 0)
    return {(invoice.company_id, invoice.number): invoice for invoice in found}


def _chorus_id_owners(lines: Sequence[InvoiceLine]) -> Owners:
    companies = {line.company_id for line in lines}
    ids = [line.values["chorus_id"] for line in lines if line.values.get("chorus_id")]
    owners = Invoice.objects.filter(company__in=companies, chorus_id__in=ids)
    rows = owners.values_list("company_id", "chorus_id", "number")
    return {(company, chorus_id or 0): number for company, chorus_id, number in rows}


def _planned(line: InvoiceLine, stored: Invoice | None, owners: Owners, earlier: EarlierLines) -> Planned | Refusal:
    chorus_id = line.values.get("chorus_id")
    if chorus_id is not None:
        if owner := _other_owner(line, chorus_id, owners, earlier):
            reason = _("chorus_id %(id)d: invoice %(number)s has it already")
            return line.refusal(reason % {"id": chorus_id, "number": quoted(owner)})
        earlier.give_chorus_id(line, chorus_id)
    return Planned(line, stored, _update(stored, line.values) if stored else {})


def _other_owner(line: InvoiceLine, chorus_id: int, owners: Owners, earlier: EarlierLines) -> str | None:
    if owner := earlier.owner(line.company_id, chorus_id):
        return owner
    owner = owners.get((line.company_id, chorus_id), line.number)
    return None if owner == line.number or earlier.gave_chorus_id(line.company_id, owner) else owner


def _new(line: InvoiceLine) -> Invoice:
    invoice = Invoice(company_id=line.company_id, number=line.number, **line.values)
    invoice.dematerialization_status = after_marking(invoice.dematerialized, invoice.dematerialization_status)
    return invoice


def _update(invoice: Invoice, values: Mapping[str, Any]) -> dict[str, Any]:
    """Give an invoice its new values. Return what the changed ones were."""
    before = {}
    for name, value in values.items():
        old = getattr(invoice, name)
        if old != value and (value or name not in LEARNED):
            before[name] = old
            setattr(invoice, name, value)
    if "dematerialized" in values:
        marked = after_marking(invoice.dematerialized, invoice.dematerialization_status)
        if invoice.dematerialization_status != marked:
            before["dematerialization_status"] = invoice.dematerialization_status
            invoice.dematerialization_status = marked
    if not invoice.chorus_status and any(name in before and values[name] for name in TELLS_THE_PORTAL):
        invoice.ask_by_number = True
    return before
