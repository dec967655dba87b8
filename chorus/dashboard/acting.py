"""The invoices that have waited for us longest."""

from __future__ import annotations

import datetime
from typing import NamedTuple

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from batches.plain_text import one_line, shortened
from chorus.models import Invoice
from chorus.screens.badges import WARN, badge
from chorus.templatetags.chorus_mail import amount

SHOWN = 10
LONGEST_REASON = 140  # characters: two lines


class Waiting(NamedTuple):
    """An invoice as the dashboard shows it; `days` since the portal, or its silence, told us (None: unknown)."""

    invoice: Invoice
    url: str
    badge: SafeString
    reason: str
    amount: str
    since: datetime.datetime | None
    days: int | None


def oldest(stopped: QuerySet[Invoice], missing: QuerySet[Invoice]) -> list[Waiting]:
    """Return those that have waited longest; each of the two parts has an index of its own."""
    waiting = [
        *(_waiting(invoice, invoice.chorus_status_at) for invoice in _first(stopped, "chorus_status_at")),
        *(_waiting(invoice, invoice.missing_since) for invoice in _first(missing, "missing_since")),
    ]
    return sorted(waiting, key=lambda row: row.since or timezone.now())[:SHOWN]


def _first(invoices: QuerySet[Invoice], since: str) -> QuerySet[Invoice]:
    ordered = invoices.order_by(F(since).asc(nulls_last=True), "pk")
    return ordered.select_related("company").defer("search_text")[:SHOWN]


def _waiting(invoice: Invoice, since: datetime.datetime | None) -> Waiting:
    missing = invoice.missing_since is not None
    return Waiting(
        invoice=invoice,
        url=reverse("admin:chorus_invoice_change", args=(invoice.pk,)),
        badge=_missing_badge() if missing else badge(invoice.chorus_status),
        reason=_("Chorus Pro does not know it.") if missing else _reason(invoice.chorus_comment),
        amount="" if invoice.amount_incl_tax is None else amount(invoice.amount_incl_tax, invoice.currency),
        since=since,
        days=(timezone.localdate() - timezone.localdate(since)).days if since else None,
    )


def _reason(comment: str) -> str:
    return shortened(one_line(comment), LONGEST_REASON) if comment else _("The buyer gave no reason.")


def _missing_badge() -> SafeString:
    return format_html('<span class="badge {}">{}</span>', WARN, _("missing on the portal"))
