"""Median days from deposit to payment."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from chorus.dashboard.figures import start_of
from chorus.dashboard.payment import CUSTOMERS_SHOWN, median, payment_days, payment_days_by_customer
from chorus.models import Company, Invoice
from tests.chorus.dashboard.builders import an_invoice


def a_payment(company: Company, days: int, customer: str = "Lyon", **fields: Any) -> Invoice:
    noon = start_of(timezone.localdate()) + timedelta(hours=12)
    return an_invoice(company, "MISE_EN_PAIEMENT", age=days, customer=customer, chorus_status_at=noon, **fields)


@pytest.mark.parametrize(
    ("days", "expected"), [([5], 5), ([1, 9], 5), ([1, 2, 40], 2), ([1, 1, 2, 40], 1.5), ([7, 7, 7, 1, 90], 7), ([], 0)]
)
def test_the_median_is_the_middle_value_or_between_the_two_in_the_middle(days: list[int], expected: float) -> None:
    assert median(Counter(days)) == expected


def test_each_customer_has_its_own_median(company: Company) -> None:
    for customer, days in {"Lyon": (10, 20, 60), "Metz": (40, 50)}.items():
        for number in days:
            a_payment(company, number, customer)
    assert [tuple(row) for row in payment_days_by_customer(Invoice.objects.all())] == [("Lyon", 3, 20), ("Metz", 2, 45)]
    assert (payment_days(Invoice.objects.all()).payments, payment_days(Invoice.objects.all()).median) == (5, 40)


def test_the_customers_with_most_payments_come_first_and_the_others_are_left_out(company: Company) -> None:
    for number in range(CUSTOMERS_SHOWN + 2):
        a_payment(company, 5, f"Customer {number:02}")
    a_payment(company, 5, "Customer 11")
    shown = [row.customer for row in payment_days_by_customer(Invoice.objects.all())]
    assert len(shown) == CUSTOMERS_SHOWN
    assert shown[:2] == ["Customer 11", "Customer 00"]


def test_a_payment_without_known_deposit_or_of_long_ago_does_not_count(company: Company) -> None:
    a_payment(company, 10, deposited_on=None)
    an_invoice(company, "MISE_EN_PAIEMENT", age=500, since=400)
    an_invoice(company, "MANDATEE", age=10, since=1)
    assert payment_days(Invoice.objects.all()).payments == 0
    assert payment_days_by_customer(Invoice.objects.all()) == []


def test_a_payment_whose_customer_has_no_name_counts_only_in_all(company: Company) -> None:
    a_payment(company, 10, customer="")
    assert payment_days(Invoice.objects.all()).payments == 1
    assert payment_days_by_customer(Invoice.objects.all()) == []


@time_machine.travel(datetime(2026, 2, 1, 12, tzinfo=UTC))
def test_a_day_begins_at_midnight_in_paris(company: Company) -> None:
    late = datetime(2026, 1, 14, 23, 30, tzinfo=UTC)  # half past midnight of the 15th in Paris
    an_invoice(company, "MISE_EN_PAIEMENT", deposited_on=date(2026, 1, 5), chorus_status_at=late)
    assert payment_days(Invoice.objects.all()).median == 10
