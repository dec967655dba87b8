import datetime as dt
from typing import Any

import pytest

from chorus.models import Company, Invoice
from chorus.reopening import reopen


@pytest.fixture(autouse=True)
def invoices(acme: Company) -> None:
    for number, status in (("F1", "MISE_EN_PAIEMENT"), ("F2", "SUSPENDUE"), ("F3", "MANDATEE"), ("F4", "")):
        Invoice.objects.create(
            company=acme, number=number, date=dt.date(2026, 11, 2), chorus_status=status, ask_by_number=False
        )


def reopened() -> list[str]:
    found = Invoice.objects.filter(tracking_reopened=True, ask_by_number=True)
    return list(found.order_by("number").values_list("number", flat=True))


def test_only_final_invoices_are_reopened_and_asked_for_by_number() -> None:
    assert reopen(Invoice.objects.all()) == 2
    assert reopened() == ["F1", "F2"]


def test_what_is_final_follows_the_setting(settings: Any) -> None:
    settings.CHORUS_FINAL_STATUSES = ["MISE_EN_PAIEMENT"]
    assert reopen(Invoice.objects.all()) == 1
    assert reopened() == ["F1"]


def test_only_the_given_invoices_are_reopened() -> None:
    assert reopen(Invoice.objects.filter(number="F2")) == 1
    assert reopened() == ["F2"]
