"""How long ago invoices were deposited, in the classes that accountants use."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chorus.models import Invoice


class AgeClass(NamedTuple):
    """Days since the deposit, both ends included; the last class has no end."""

    code: str
    label: Promise
    first: int
    last: int | None


AGE_CLASSES = (
    AgeClass("30", _("up to 30 days"), 0, 30),
    AgeClass("60", _("31 to 60 days"), 31, 60),
    AgeClass("90", _("61 to 90 days"), 61, 90),
    AgeClass("older", _("more than 90 days"), 91, None),
)


def with_deposit(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Name the day of the deposit, else the invoice's date, `deposit` for filters."""
    return invoices.alias(deposit=Coalesce("deposited_on", "date"))


def of_age(invoices: QuerySet[Invoice], age: AgeClass) -> QuerySet[Invoice]:
    """Those of an age class; what is dated in the future is of the youngest."""
    today = timezone.localdate()
    within = Q()
    if age.first > 0:
        within &= Q(deposit__lte=today - timedelta(days=age.first))
    if age.last is not None:
        within &= Q(deposit__gte=today - timedelta(days=age.last))
    return with_deposit(invoices).filter(within)
