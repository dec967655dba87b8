"""What a run has changed: its invoices, as the page of the run lists them to those who may see them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html

from akuiteo.models import User
from batches.models import Run
from batches.template import ChangedItem
from chorus.access import hidden_companies
from chorus.models import StatusChange
from chorus.screens.badges import badge


def items(run: Run, reader: User, most: int) -> list[ChangedItem]:
    if not (reader.has_perm("chorus.view_invoice") or reader.has_perm("chorus.change_invoice")):
        return []
    hidden = hidden_companies(reader)
    changes = (
        StatusChange.objects.filter(run=run)
        .exclude(invoice__company__in=hidden)
        .select_related("invoice__company")
        .order_by("pk")
    )
    return [_item(change) for change in changes[:most]]


def url(run: Run) -> str:
    """Return the address of the list of invoices, filtered by the run."""
    return f"{reverse('admin:chorus_invoice_changelist')}?{urlencode({'run': run.pk})}"


def _item(change: StatusChange) -> ChangedItem:
    invoice = change.invoice
    return ChangedItem(
        text=f"{invoice.company} {invoice.number}",
        url=reverse("admin:chorus_invoice_change", args=(invoice.pk,)),
        about=invoice.customer,
        change=format_html("{} → {}", badge(change.old), badge(change.new)) if change.old else badge(change.new),
    )
