"""Following invoices again whose status is final."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q, QuerySet

from chorus.models import Invoice


def final(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return invoices.filter(chorus_status__in=settings.CHORUS_FINAL_STATUSES)


def is_open() -> Q:
    """Return the condition of what is followed: without a final status, or with reopened tracking."""
    return ~Q(chorus_status__in=settings.CHORUS_FINAL_STATUSES) | Q(tracking_reopened=True)


def reopen(invoices: QuerySet[Invoice]) -> int:
    """Have the next run ask for those of the invoices whose status is final. Return how many these are."""
    return final(invoices).update(tracking_reopened=True, ask_by_number=True)
