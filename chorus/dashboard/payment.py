"""How long the buyers take: median days from deposit to payment."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Func, IntegerField, QuerySet
from django.utils import timezone

from chorus.dashboard.figures import paid, start_of
from chorus.models import Invoice

PERIOD = timedelta(days=365)
CUSTOMERS_SHOWN = 10


class DayNumber(Func):
    """The number of a date, or of a moment's day in Paris, so that two of them can be subtracted.

    Days are those of winter time: in summer the first hour of a day counts as the day before. Django's own functions
    know better, but are Python in SQLite: too slow for every payment of a year.
    """

    arity = 1
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(julianday(%(expressions)s, '+1 hour', 'start of day') AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(((%(expressions)s)::timestamp + INTERVAL '1 hour')::date - DATE '1970-01-01')"
        return self.as_sql(compiler, connection, template=template, **context)


DAYS = DayNumber("chorus_status_at") - DayNumber("deposited_on")


class PaymentDays(NamedTuple):
    """How many payments, and the median of their days from deposit to payment."""

    customer: str
    payments: int
    median: float


def payment_days(invoices: QuerySet[Invoice]) -> PaymentDays:
    """Return what the payments of the last twelve months took, whoever the customer (here empty)."""
    days = _payments(invoices).values(days=DAYS).annotate(count=Count("*"))
    return _summary("", Counter({row["days"]: row["count"] for row in days}))


def payment_days_by_customer(invoices: QuerySet[Invoice]) -> list[PaymentDays]:
    """Return the same by customer, of those with the most payments."""
    payments = _payments(invoices)
    named = payments.exclude(customer="").values("customer").annotate(count=Count("*"))
    top = [row["customer"] for row in named.order_by("-count", "customer")[:CUSTOMERS_SHOWN]]
    days: dict[str, Counter[int]] = defaultdict(Counter)
    for row in payments.filter(customer__in=top).values("customer", days=DAYS).annotate(count=Count("*")):
        days[row["customer"]][row["days"]] = row["count"]
    return [_summary(customer, days[customer]) for customer in top]


def median(histogram: Counter[int]) -> float:
    """Return the median of values that are given with their numbers; 0 where there are none."""
    values, whole = sorted(histogram.items()), histogram.total()
    return (_at(values, (whole - 1) // 2) + _at(values, whole // 2)) / 2 if whole else 0


def period_began() -> datetime:
    return start_of(timezone.localdate() - PERIOD)


def _payments(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    return paid(invoices).filter(chorus_status_at__gte=period_began(), deposited_on__isnull=False)


def _summary(customer: str, histogram: Counter[int]) -> PaymentDays:
    return PaymentDays(customer, histogram.total(), median(histogram))


def _at(values: list[tuple[int, int]], place: int) -> int:
    for value, count in values:
        if place < count:
            return value
        place -= count
    raise IndexError(place)
