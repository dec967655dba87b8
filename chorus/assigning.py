"""Giving invoices to an invoice manager, or taking them from theirs."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import QuerySet

from akuiteo.models import User
from chorus.models import Invoice


class Assigned(NamedTuple):
    changed: int
    unchanged: int


def assign(invoices: QuerySet[Invoice], manager: User | None) -> Assigned:
    """Make this user the manager of all the invoices; None: nobody. No invoice is loaded, however many they are."""
    selected = invoices.count()
    changed = invoices.exclude(manager=manager).update(manager=manager)
    return Assigned(changed, selected - changed)
