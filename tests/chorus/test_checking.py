"""Which invoices can be checked now, and by which batch."""

from __future__ import annotations

import itertools

import pytest
from django.conf import settings

from akuiteo.models import User
from batches.models import Batch
from chorus.checking import checkers, plan, why_not_followed
from chorus.models import Company, Invoice
from chorus.tracking.ledger import followed
from chorus.tracking.states import Rules
from tests.admin.builders import make_batch, make_company, make_invoice


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


def make_checker(code: str, companies: str) -> Batch:
    batch = make_batch(code, template="CheckFacturesClientChorus")
    batch.parameters.create(code="LISTE_SOCIETES_A_TRAITER", value=companies)
    return batch


def test_an_invoice_can_be_checked_exactly_if_a_run_follows_it(company: Company) -> None:
    kinds = itertools.product(("", "DEPOSEE", "SUSPENDUE", "CODE_NOUVEAU"), (1, 2, 3), (True, False), (True, False))
    for number, (code, dematerialization, dematerialized, reopened) in enumerate(kinds):
        make_invoice(
            company,
            str(number),
            chorus_status=code,
            dematerialization_status=dematerialization,
            dematerialized=dematerialized,
            tracking_reopened=reopened,
        )
    rules = Rules(frozenset(settings.CHORUS_FINAL_STATUSES), frozenset())
    by_a_run = set(followed([company], rules).values_list("number", flat=True))
    assert {invoice.number for invoice in Invoice.objects.all() if not why_not_followed(invoice)} == by_a_run


def test_a_batch_without_companies_checks_all_of_them(company: Company) -> None:
    make_checker("EMPTY", "")
    (checker,) = checkers(User.objects.create_superuser("root"), [make_invoice(company)])
    assert checker.companies == ()


def test_batches_that_follow_most_of_the_invoices_come_first(company: Company) -> None:
    invoices = [make_invoice(company, "F-1"), make_invoice(make_company("BETA"), "F-2")]
    for code, companies in {"A": "BETA", "B": "*****", "C": "ACME"}.items():
        make_checker(code, companies)
    found = checkers(User.objects.create_superuser("root"), invoices)
    assert [checker.batch.code for checker in found] == ["B", "A", "C"]


def test_a_batch_of_an_unknown_company_or_another_template_checks_nothing(company: Company) -> None:
    make_checker("BROKEN", "ACME;GONE")
    make_batch("OTHER")
    assert checkers(User.objects.create_superuser("root"), [make_invoice(company)]) == []


def test_what_a_batch_does_not_follow_is_left_out_with_the_reason(company: Company) -> None:
    wanted, other = make_invoice(company, "F-1"), make_invoice(make_company("BETA"), "F-2")
    make_checker("C", "ACME")
    (checker,) = checkers(User.objects.create_superuser("root"), [wanted])
    made = plan([wanted, other], checker)
    assert made.invoices == [wanted]
    assert made.left_out == [(other, "company not followed by the batch C")]
