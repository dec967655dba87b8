"""Which invoices wait for somebody of ours: nothing goes on with them on the portal until a person acts."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from chorus.ages import with_deposit
from chorus.models import Invoice
from chorus.statuses import ChorusStatus

WAITING_FOR_US = (ChorusStatus.A_RECYCLER.value, ChorusStatus.SUSPENDUE.value, ChorusStatus.REJETEE.value)

LONGEST_FIRST = Coalesce("missing_since", "chorus_status_at").asc(nulls_last=True)
"""The order of the invoices that need action: how long they have waited for us."""


def needing_action(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """To be recycled, suspended, rejected, or missing on the portal.

    One whose tracking was reopened waits for the portal again, and one that is not dematerialized (any more) for
    nobody: this is how an invoice that was dealt with leaves the list.
    """
    stopped = Q(chorus_status__in=WAITING_FOR_US, tracking_reopened=False)
    return with_deposit(invoices).filter(stopped | _missing(), dematerialized=True)


def missing(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Those that the portal does not know although they were deposited (else dated) long enough ago (L8)."""
    return with_deposit(invoices).filter(_missing(), dematerialized=True)


def _missing() -> Q:
    """Needs `with_deposit`."""
    latest = timezone.localdate() - timedelta(days=settings.CHORUS_MISSING_AFTER_DAYS)
    return Q(missing_since__isnull=False, deposit__lte=latest)
