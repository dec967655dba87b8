"""What an invoice waits for, in a sentence."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from chorus import next_steps
from chorus.models import Invoice
from chorus.next_steps import next_step
from chorus.statuses import ChorusStatus


def invoice(**fields: Any) -> Invoice:
    return Invoice(**{"dematerialization_status": 2} | fields)


@pytest.mark.parametrize("code", ChorusStatus.values)
def test_each_status_has_a_sentence(code: str) -> None:
    assert next_step(invoice(chorus_status=code)) == next_steps.BY_STATUS[ChorusStatus(code)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"dematerialized": False, "chorus_status": "REJETEE"}, next_steps.NOT_DEMATERIALIZED),
        ({"tracking_reopened": True, "chorus_status": "SUSPENDUE"}, next_steps.REOPENED),
        ({"missing_since": timezone.now()}, next_steps.MISSING),
        ({"dematerialization_status": 1}, next_steps.TO_BE_TRANSMITTED),
        ({}, next_steps.UNREAD),
        ({"chorus_status": "CODE_NOUVEAU"}, next_steps.UNKNOWN),
    ],
)
def test_what_else_is_known_of_an_invoice_comes_first(fields: dict[str, Any], expected: str) -> None:
    assert next_step(invoice(**fields)) == expected
