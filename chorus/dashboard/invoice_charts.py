"""The charts of the dashboard, each with the table of its numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from akuiteo.charts import Segment, length, stacked
from chorus.ages import AGE_CLASSES
from chorus.dashboard import links, payment
from chorus.dashboard.figures import Standing, Total, add, by_status, open_by_age
from chorus.models import Invoice
from chorus.screens.badges import badge, tone
from chorus.statuses import ChorusStatus


class StatusBar(NamedTuple):
    """`length` is empty where no bar is drawn."""

    badge: SafeString
    tone: str
    length: str
    total: Total
    url: str


class AgeRow(NamedTuple):
    label: str | Promise
    tone: str
    total: Total
    url: str


class Ageing(NamedTuple):
    """The open invoices by age; the segments are of the amounts in one currency, or of the counts without amounts."""

    currency: str
    segments: Sequence[Segment]
    rows: Sequence[AgeRow]


class CustomerBar(NamedTuple):
    days: payment.PaymentDays
    length: str
    url: str


class Payments(NamedTuple):
    """`mark` is where the median of all customers stands on the bars."""

    overall: payment.PaymentDays
    mark: str
    customers: Sequence[CustomerBar]


def statuses(rows: Iterable[Standing]) -> list[StatusBar]:
    """Return the bars of the statuses. What is paid has none: all that was ever paid would dwarf what is under way."""
    totals = by_status(rows)
    longest = max((total.count for code, total in totals if code != ChorusStatus.MISE_EN_PAIEMENT), default=0)
    return [
        StatusBar(
            badge(code),
            tone(code),
            "" if code == ChorusStatus.MISE_EN_PAIEMENT else length(total.count, longest),
            total,
            links.invoices(**links.of_status(code)),
        )
        for code, total in totals
    ]


def ageing(rows: Iterable[Standing]) -> Ageing:
    totals = open_by_age(rows)
    currency = next(iter(add(totals).amounts), "")
    ages = [
        AgeRow(age.label, f"age-{place}", total, links.invoices(**links.OPEN, age=age.code))
        for place, (age, total) in enumerate(zip(AGE_CLASSES, totals, strict=True), start=1)
    ]
    return Ageing(currency, _segments(ages, currency), ages)


def payments(invoices: QuerySet[Invoice]) -> Payments | None:
    """Return the days to payment; None where nothing was paid in the period."""
    overall = payment.payment_days(invoices)
    if not overall.payments:
        return None
    customers = payment.payment_days_by_customer(invoices)
    longest = max([overall.median, *(days.median for days in customers)])
    bars = [CustomerBar(days, length(days.median, longest), _payments_url(days.customer)) for days in customers]
    return Payments(overall, length(overall.median, longest), bars)


def _segments(ages: Iterable[AgeRow], currency: str) -> Sequence[Segment]:
    values: list[Decimal] = [
        age.total.amounts.get(currency, Decimal(0)) if currency else Decimal(age.total.count) for age in ages
    ]
    whole = sum(values, Decimal(0))
    parts = [(value, f"{age.label}: {_share(value, whole)}", age.tone) for age, value in zip(ages, values, strict=True)]
    return stacked(parts)


def _share(value: Decimal, whole: Decimal) -> str:
    return _("%(percent)s%%") % {"percent": number_format(100 * value / whole if whole else 0, decimal_pos=0)}


def _payments_url(customer: str) -> str:
    return links.invoices(
        customer__exact=customer,
        deposited_on__isnull="False",
        **links.of_status(ChorusStatus.MISE_EN_PAIEMENT),
        **links.status_since(payment.period_began()),
    )
