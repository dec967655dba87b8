from __future__ import annotations

import pytest

from chorus.portal.connection import Limits
from chorus.portal.retry import MAX_TRIES, ROUNDING, Failure, Kind, Tally, pause_before_retry

LIMITS = Limits(give_up_after=60, retry_after_cap=120, retry_after_budget=300)


def failure(kind: Kind, retry_after: float | None = None) -> Failure:
    return Failure(kind, "words", retry_after=retry_after)


@pytest.mark.parametrize(
    ("kind", "retry_after", "tally", "pause"),
    [
        (Kind.DOWN, None, Tally(failures=1), 0.5),
        (Kind.DOWN, None, Tally(failures=2), 1),
        (Kind.DOWN, None, Tally(failures=4), 4),
        (Kind.DOWN, None, Tally(failures=6), 8),
        (Kind.DOWN, None, Tally(failures=MAX_TRIES), None),
        (Kind.DOWN, None, Tally(failures=1, down_for=58.4), 0.5),
        (Kind.DOWN, None, Tally(failures=1, down_for=58.6), None),
        (Kind.DOWN, None, Tally(failures=1, down_for=120), None),
        (Kind.BUSY, None, Tally(failures=1), 0.5),
        (Kind.BUSY, 3, Tally(failures=1), 3 + ROUNDING),
        (Kind.BUSY, 120, Tally(failures=1), 120 + ROUNDING),
        (Kind.BUSY, 121, Tally(failures=1), None),
        (Kind.BUSY, 60, Tally(failures=3, asked_waits=240), 60 + ROUNDING),
        (Kind.BUSY, 60, Tally(failures=3, asked_waits=241), None),
        (Kind.BUSY, 3, Tally(failures=1, down_for=59.9), 3 + ROUNDING),
        (Kind.BUSY, 3, Tally(failures=MAX_TRIES), None),
        (Kind.INVOICE_FAILED, None, Tally(failures=3), 2),
        (Kind.INVOICE_FAILED, None, Tally(failures=4), None),
        (Kind.UNTRUSTED, None, Tally(failures=1), None),
        (Kind.FORBIDDEN, None, Tally(failures=1), None),
        (Kind.REQUEST_REFUSED, None, Tally(failures=1), None),
        (Kind.ACCOUNT_REFUSED, None, Tally(failures=1, account_refusals=1), 0),
        (Kind.ACCOUNT_REFUSED, None, Tally(failures=2, account_refusals=2), None),
        (Kind.CLIENT_REFUSED, None, Tally(failures=1, client_refusals=1), 0.5),
        (Kind.CLIENT_REFUSED, None, Tally(failures=4, client_refusals=4), 4),
        (Kind.CLIENT_REFUSED, None, Tally(failures=5, client_refusals=5), None),
    ],
)
def test_the_pause_before_the_next_try(
    kind: Kind, retry_after: float | None, tally: Tally, pause: float | None
) -> None:
    assert pause_before_retry(failure(kind, retry_after), tally, LIMITS, jitter=1) == pause


def test_jitter_takes_up_to_half_of_the_pause() -> None:
    assert pause_before_retry(failure(Kind.DOWN), Tally(failures=4), LIMITS, jitter=0) == 2


def test_failures_pile_up_until_a_good_answer() -> None:
    down = Failure(Kind.DOWN, "words", took=30)
    tally = Tally().after(down).after_pause(0.5, down).after(down)
    assert (tally.failures, tally.down_for) == (2, 60.5)
    assert tally.after_answer() == Tally()


def test_a_pause_that_the_portal_asked_for_is_not_being_down_and_is_counted_over_the_run() -> None:
    busy = failure(Kind.BUSY, retry_after=100)
    tally = Tally().after(busy).after_pause(100, busy)
    assert (tally.down_for, tally.asked_waits) == (0, 100)
    assert tally.after_answer().asked_waits == 100


def test_a_token_forgets_refusals_of_the_application_but_not_of_the_technical_account() -> None:
    tally = Tally().after(failure(Kind.ACCOUNT_REFUSED)).after(failure(Kind.CLIENT_REFUSED)).after_token()
    assert (tally.client_refusals, tally.account_refusals) == (0, 1)
