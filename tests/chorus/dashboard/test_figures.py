"""How many invoices, and how much money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils import timezone

from chorus.dashboard.figures import (
    Total,
    add,
    by_status,
    missing_total,
    open_by_age,
    open_ones,
    paid_since,
    standing,
    to_act_on,
    total_of,
)
from chorus.models import Company, Invoice
from tests.chorus.dashboard.builders import an_invoice, days_ago


def test_amounts_of_different_currencies_are_never_added(company: Company) -> None:
    for currency in ("CHF", "EUR", "USD", "EUR"):
        an_invoice(company, "DEPOSEE", "10.50", currency=currency)
    ((_status, total),) = by_status(standing(Invoice.objects.all()))
    assert total.amounts == {"EUR": Decimal(21), "CHF": Decimal("10.50"), "USD": Decimal("10.50")}
    assert next(iter(total.amounts)) == "EUR"


def test_an_invoice_without_amount_is_counted(company: Company) -> None:
    an_invoice(company, "DEPOSEE", None)
    ((_status, total),) = by_status(standing(Invoice.objects.all()))
    assert (total.count, total.amounts) == (1, {})


def test_sums_are_exact_to_the_cent(company: Company) -> None:
    for _ in range(1234):
        an_invoice(company, "DEPOSEE", "1.01")
    ((_status, total),) = by_status(standing(Invoice.objects.all()))
    assert total.amounts == {"EUR": Decimal("1246.34")}


def test_the_statuses_come_in_the_order_of_an_invoices_life(company: Company) -> None:
    for status in ("ZZ_NEW", "MISE_EN_PAIEMENT", "", "MANDATEE", "DEPOSEE"):
        an_invoice(company, status)
    codes = [code for code, _total in by_status(standing(Invoice.objects.all()))]
    assert codes == ["", "DEPOSEE", "MANDATEE", "MISE_EN_PAIEMENT", "ZZ_NEW"]


def test_what_is_not_dematerialized_is_in_no_figure(company: Company) -> None:
    an_invoice(company, "SUSPENDUE", dematerialized=False)
    assert standing(Invoice.objects.all()) == []
    assert not open_ones(Invoice.objects.all()).exists()


def test_the_ages_begin_and_end_where_the_filters_of_the_list_do(company: Company) -> None:
    for age in (-1, 0, 30, 31, 60, 61, 90, 91, 400):
        an_invoice(company, "DEPOSEE", age=age)
    assert [total.count for total in open_by_age(standing(Invoice.objects.all()))] == [3, 2, 2, 2]


def test_an_invoice_whose_deposit_is_unknown_is_as_old_as_its_date(company: Company) -> None:
    an_invoice(company, "DEPOSEE", age=70, deposited_on=None)
    assert [total.count for total in open_by_age(standing(Invoice.objects.all()))] == [0, 0, 1, 0]


def test_open_are_the_invoices_without_a_final_status_and_those_that_are_followed_again(company: Company) -> None:
    followed = [
        an_invoice(company, ""),
        an_invoice(company, "NEW"),
        an_invoice(company, "REJETEE", tracking_reopened=True),
    ]
    an_invoice(company, "MISE_EN_PAIEMENT")
    assert add(open_by_age(standing(Invoice.objects.all()))).count == 3
    assert set(open_ones(Invoice.objects.all())) == set(followed)


def test_the_final_statuses_are_those_of_the_setting(company: Company, settings: Any) -> None:
    settings.CHORUS_FINAL_STATUSES = ["MISE_EN_PAIEMENT"]
    an_invoice(company, "SUSPENDUE")
    assert add(open_by_age(standing(Invoice.objects.all()))).count == 1


def test_without_invoices_every_age_is_empty(db: None) -> None:
    assert open_by_age(standing(Invoice.objects.all())) == [Total()] * 4


def test_paid_is_what_was_sent_for_payment_since_a_day(company: Company) -> None:
    an_invoice(company, "MISE_EN_PAIEMENT", since=1)
    an_invoice(company, "MISE_EN_PAIEMENT", since=40)
    an_invoice(company, "MANDATEE", since=1)
    assert paid_since(Invoice.objects.all(), timezone.localdate(days_ago(10))).count == 1


def test_the_two_parts_of_what_needs_action_count_no_invoice_twice(company: Company) -> None:
    an_invoice(company, "SUSPENDUE")
    an_invoice(company, "A_RECYCLER", missing_since=days_ago(1), age=9)
    an_invoice(company, "", missing_since=days_ago(1), age=9)
    an_invoice(company, "REJETEE", tracking_reopened=True)
    stopped, missing = to_act_on(Invoice.objects.all())
    assert (total_of(stopped) + total_of(missing)).count == 3
    assert not {invoice.pk for invoice in stopped} & {invoice.pk for invoice in missing}


def test_the_missing_ones_are_those_of_the_filter_of_the_list(company: Company) -> None:
    an_invoice(company, "", missing_since=days_ago(1), age=9)
    an_invoice(company, "", missing_since=days_ago(1), age=0)
    assert missing_total(Invoice.objects.all()) == Total(1, {"EUR": Decimal(100)})
    assert Invoice.objects.count() == 2
