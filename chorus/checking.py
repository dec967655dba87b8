"""Checking invoices now: which of them the portal can be asked for, and by which batch."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from akuiteo.models import User
from batches.access import has_role, visible
from batches.models import Batch
from chorus.batch_templates import COMPANIES, CheckFacturesClientChorus
from chorus.company_codes import CompanyCodes
from chorus.models import Invoice
from chorus.statuses import DematerializationStatus

MOST = 200
"""Invoices of one check: each costs the portal at least one call."""


@dataclass(frozen=True)
class Checker:
    """A batch that can check, and the codes of its companies; none: all companies."""

    batch: Batch
    companies: tuple[str, ...]

    def follows(self, invoice: Invoice) -> bool:
        return not self.companies or invoice.company.code in self.companies

    def __str__(self) -> str:
        return f"{self.batch.code} - {self.batch.label}"


@dataclass(frozen=True)
class Plan:
    """What a checker is to ask for, and for each other invoice why it is left out."""

    invoices: list[Invoice]
    left_out: list[tuple[Invoice, str]]


def checkers(user: User, invoices: Sequence[Invoice]) -> list[Checker]:
    """Return the batches that the user may have check these invoices, those that follow most of them first."""
    batches = visible(user).filter(template=CheckFacturesClientChorus.code).order_by("code")
    batches = batches.select_related("launch_restricted_to").prefetch_related("parameters")
    found = [_checker(batch) for batch in batches if has_role(user, batch.launch_restricted_to)]
    useful = [checker for checker in found if checker and any(map(checker.follows, invoices))]
    return sorted(useful, key=lambda checker: -sum(map(checker.follows, invoices)))


def _checker(batch: Batch) -> Checker | None:
    """Return None for a batch that could not run as it is set up."""
    listed = next((row.value for row in batch.parameters.all() if row.code == COMPANIES), "")
    try:
        return Checker(batch, CompanyCodes().parse(listed))
    except ValueError:
        return None


def plan(invoices: Iterable[Invoice], checker: Checker | None) -> Plan:
    """Sort out what is not followed; with a checker, also the invoices of companies that it does not follow."""
    made = Plan([], [])
    for invoice in invoices:
        reason = why_not_followed(invoice)
        if not reason and checker and not checker.follows(invoice):
            reason = _("company not followed by the batch %(batch)s") % {"batch": checker.batch}
        if reason:
            made.left_out.append((invoice, reason))
        else:
            made.invoices.append(invoice)
    return made


def why_not_followed(invoice: Invoice) -> str:
    """Return why no run asks for this invoice; empty, if one does (see tracking.ledger.followed)."""
    if not invoice.dematerialized:
        return _("not dematerialized")
    if invoice.tracking_reopened:
        return ""
    if invoice.chorus_status in settings.CHORUS_FINAL_STATUSES:
        return _("final status: reopen the tracking first")
    if invoice.dematerialization_status != DematerializationStatus.TRANSMITTED:
        return _("not transmitted")
    return ""
