"""What needs action, and what is missing on the portal."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.utils import timezone

from chorus.models import Company, Invoice
from chorus.needs_action import missing, needing_action
from chorus.statuses import ChorusStatus
from tests.admin.builders import make_company, make_invoice

LONG_AGO = datetime.date(2020, 1, 1)


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.mark.parametrize("code", ["", *ChorusStatus.values, "CODE_NOUVEAU"])
def test_what_the_buyer_has_stopped_needs_action(company: Company, code: str) -> None:
    make_invoice(company, chorus_status=code, dematerialization_status=3 if code == "REJETEE" else 2)
    stopped = code in {"A_RECYCLER", "SUSPENDUE", "REJETEE"}
    assert needing_action(Invoice.objects.all()).exists() is stopped


@pytest.mark.parametrize("fields", [{"tracking_reopened": True}, {"dematerialized": False}])
def test_what_was_dealt_with_needs_none(company: Company, fields: dict[str, Any]) -> None:
    make_invoice(company, chorus_status="SUSPENDUE", **fields)
    assert not needing_action(Invoice.objects.all()).exists()


def test_what_is_missing_needs_action_once_it_was_deposited_long_enough_ago(company: Company) -> None:
    old = make_invoice(company, "old", missing_since=timezone.now(), deposited_on=LONG_AGO)
    make_invoice(company, "young", missing_since=timezone.now(), date=LONG_AGO, deposited_on=timezone.localdate())
    assert list(needing_action(Invoice.objects.all())) == [old]
    assert list(missing(Invoice.objects.all())) == [old]
