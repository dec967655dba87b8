"""How many invoices, and how much money: sums that the database makes from its indexes. All are dematerialized ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from chorus.ages import AGE_CLASSES, AgeClass, with_deposit
from chorus.models import Invoice
from chorus.needs_action import WAITING_FOR_US, missing, needing_action
from chorus.reopening import is_open
from chorus.statuses import ChorusStatus
from chorus.templatetags.chorus_mail import amount

EURO = "EUR"
CENT = Decimal("0.01")


@dataclasses.dataclass(frozen=True)
class Total:
    """A number of invoices and their amounts incl. tax by currency, euros first; currencies are never added up."""

    count: int = 0
    amounts: Mapping[str, Decimal] = dataclasses.field(default_factory=dict)

    def __add__(self, other: Total) -> Total:
        sums = {
            currency: self.amounts.get(currency, Decimal(0)) + other.amounts.get(currency, Decimal(0))
            for currency in self.amounts.keys() | other.amounts.keys()
        }
        return Total(self.count + other.count, dict(sorted(sums.items(), key=_euros_first)))

    def money(self) -> list[str]:
        """Return the amounts in the reader's form."""
        return [amount(value, currency) for currency, value in self.amounts.items()]


class Standing(NamedTuple):
    """The invoices of one status and their totals by age, in the order of AGE_CLASSES. `is_open`: they are followed."""

    status: str
    is_open: bool
    ages: tuple[Total, ...]


def standing(invoices: QuerySet[Invoice]) -> list[Standing]:
    """Return where the invoices stand, read in one pass."""
    sums: dict[str, Any] = {}
    for n, age in enumerate(AGE_CLASSES):
        within = _within(age)
        sums |= {f"count_{n}": Count("pk", filter=within), f"amount_{n}": Sum("amount_incl_tax", filter=within)}
    aged = with_deposit(dematerialized(invoices)).values("chorus_status", "currency", "tracking_reopened")
    rows: Iterable[Any] = aged.annotate(**sums)
    return [
        Standing(
            row["chorus_status"],
            row["tracking_reopened"] or row["chorus_status"] not in settings.CHORUS_FINAL_STATUSES,
            tuple(_total(row["currency"], row[f"count_{n}"], row[f"amount_{n}"]) for n in range(len(AGE_CLASSES))),
        )
        for row in rows
    ]


def by_status(rows: Iterable[Standing]) -> list[tuple[str, Total]]:
    """Return the totals of the statuses in use in the order of an invoice's life, then those of other codes."""
    totals: dict[str, Total] = {}
    for row in rows:
        totals[row.status] = totals.get(row.status, Total()) + add(row.ages)
    life = ("", *ChorusStatus.values)
    return sorted(totals.items(), key=lambda item: (life.index(item[0]) if item[0] in life else len(life), item[0]))


def open_by_age(rows: Iterable[Standing]) -> list[Total]:
    """Return the totals of the open invoices, in the order of AGE_CLASSES."""
    ages = [row.ages for row in rows if row.is_open]
    return [add(of_age) for of_age in zip(*ages, strict=True)] or [Total()] * len(AGE_CLASSES)


def add(totals: Iterable[Total]) -> Total:
    return sum(totals, Total())


def paid_since(invoices: QuerySet[Invoice], day: date) -> Total:
    return total_of(paid(invoices).filter(chorus_status_at__gte=start_of(day)))


def missing_total(invoices: QuerySet[Invoice]) -> Total:
    return total_of(missing(dematerialized(invoices)))


def to_act_on(invoices: QuerySet[Invoice]) -> tuple[QuerySet[Invoice], QuerySet[Invoice]]:
    """Return the invoices that need action in two parts, each of which has an index: stopped, and missing ones."""
    stopped = dematerialized(invoices).filter(chorus_status__in=WAITING_FOR_US, missing_since=None)
    return needing_action(stopped), needing_action(dematerialized(invoices).filter(missing_since__isnull=False))


def dematerialized(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return invoices.filter(dematerialized=True).order_by()


def open_ones(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return dematerialized(invoices).filter(is_open())


def paid(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return dematerialized(invoices).filter(chorus_status=ChorusStatus.MISE_EN_PAIEMENT)


def total_of(invoices: QuerySet[Invoice]) -> Total:
    sums = invoices.values("currency").annotate(count=Count("*"), amount=Sum("amount_incl_tax"))
    return add(_total(row["currency"], row["count"], row["amount"]) for row in sums)


def start_of(day: date) -> datetime:
    """Return the first moment of a day in Paris."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _within(age: AgeClass) -> Q:
    """Return the same as `ages.of_age` as a condition of a sum."""
    today = timezone.localdate()
    since = Q() if age.last is None else Q(deposit__gte=today - timedelta(days=age.last))
    return since & Q(deposit__lte=today - timedelta(days=age.first)) if age.first > 0 else since


def _total(currency: str, count: int, amount: Decimal | None) -> Total:
    """Return one currency's total; where no invoice has an amount, there is none."""
    exact = {} if amount is None else {currency: amount.quantize(CENT)}  # SQLite adds floats
    return Total(count, exact)


def _euros_first(item: tuple[str, Decimal]) -> tuple[bool, str]:
    return item[0] != EURO, item[0]
