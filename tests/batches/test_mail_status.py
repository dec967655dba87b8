"""What a mail's status is, given its recipients', and where an event takes a recipient."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batches.mail_status import BEST_FIRST, EARLIEST_FIRST, after, worst
from batches.models import MailStatus


@pytest.mark.parametrize(
    ("recipients", "mail"),
    [
        ("", "given up"),
        ("due", "due"),
        ("sent,due", "due"),
        ("refused,due", "due"),
        ("given up,due", "due"),
        ("sent,sent", "sent"),
        ("delivered,sent", "sent"),
        ("delivered,delivered", "delivered"),
        ("delivered,complained", "complained"),
        ("sent,complained", "complained"),
        ("complained,bounced", "bounced"),
        ("delivered,bounced", "bounced"),
        ("bounced,refused", "refused"),
        ("sent,refused", "refused"),
        ("refused,given up", "given up"),
        ("delivered,given up", "given up"),
    ],
)
def test_f32_a_mail_has_the_worst_status_of_its_recipients_and_is_due_while_one_is(recipients: str, mail: str) -> None:
    for order in itertools.permutations(filter(None, recipients.split(","))):
        assert worst(order) == mail


def test_every_status_has_its_place() -> None:
    assert set(BEST_FIRST) == set(EARLIEST_FIRST) == set(MailStatus)


@pytest.mark.parametrize(
    ("status", "told", "then"),
    [
        ("due", "delivered", "delivered"),
        ("given up", "delivered", "delivered"),
        ("sent", "delivered", "delivered"),
        ("sent", "bounced", "bounced"),
        ("delivered", "sent", "delivered"),
        ("delivered", "bounced", "bounced"),
        ("bounced", "delivered", "bounced"),
        ("delivered", "complained", "complained"),
        ("complained", "delivered", "complained"),
        ("bounced", "complained", "bounced"),
        ("sent", "refused", "refused"),
    ],
)
def test_f32_s17_a_recipient_only_ever_moves_on(status: str, told: str, then: str) -> None:
    assert after(status, MailStatus(told)) == then


@given(st.lists(st.sampled_from(MailStatus), max_size=6), st.randoms(use_true_random=False))
def test_events_that_come_twice_and_in_any_order_end_the_same(events: list[MailStatus], order: object) -> None:
    def end(told: list[MailStatus]) -> MailStatus:
        status = MailStatus.SENT
        for event in told:
            status = after(status, event)
        return status

    shuffled = [*events, *events]
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert end(events) == end(shuffled)
