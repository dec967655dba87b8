"""Whether a failed request is sent again, and when: a pure decision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from chorus.portal.connection import Limits

MAX_TRIES = 7  # with the pauses below about half a minute: a gateway that restarts is back by then
MAX_TRIES_OF_AN_INVOICE = 4
MAX_CLIENT_REFUSALS = 5  # PISTE refuses valid credentials at random, about one time in ten
MAX_ACCOUNT_REFUSALS = 2  # the second one had a new token; more of them would lock the technical account
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0  # seconds
ROUNDING = 0.02  # seconds; the moment itself is written down in milliseconds
SHORTEST_TRY = 1.0  # seconds that must be left for another try to be worth it


class Kind(Enum):
    """What a failure says about the portal."""

    DOWN = auto()  # no answer, 5xx, or nothing that can be read
    INVOICE_FAILED = auto()  # 500 where one invoice was asked for: it may be about that invoice alone
    BUSY = auto()  # 429, or 5xx with the moment to come back
    UNTRUSTED = auto()  # TLS, redirects: it may not be the portal at all
    CLIENT_REFUSED = auto()  # PISTE: invalid_client
    ACCOUNT_REFUSED = auto()  # 401
    FORBIDDEN = auto()  # 403, and what PISTE does not grant this application
    REQUEST_REFUSED = auto()  # other 4xx


@dataclass(frozen=True, slots=True)
class Failure:
    """A try that failed. retry_after: seconds, where the portal named them; took: seconds that the try took."""

    kind: Kind
    words: str
    code: str = ""
    retry_after: float | None = None
    took: float = 0.0


@dataclass(frozen=True, slots=True)
class Tally:
    """What has failed since the last good answer; asked_waits, in seconds, is kept for the whole run."""

    failures: int = 0
    client_refusals: int = 0
    account_refusals: int = 0
    down_for: float = 0.0
    asked_waits: float = 0.0

    def after(self, failure: Failure) -> Tally:
        asked = failure.retry_after is not None
        return replace(
            self,
            failures=self.failures + 1,
            client_refusals=self.client_refusals + (failure.kind is Kind.CLIENT_REFUSED),
            account_refusals=self.account_refusals + (failure.kind is Kind.ACCOUNT_REFUSED),
            down_for=self.down_for if asked else self.down_for + failure.took,
        )

    def after_pause(self, seconds: float, failure: Failure) -> Tally:
        if failure.retry_after is not None:
            return replace(self, asked_waits=self.asked_waits + seconds)
        return replace(self, down_for=self.down_for + seconds)

    def after_token(self) -> Tally:
        """A token says that the application is accepted, and nothing about the API and the technical account."""
        return replace(self, client_refusals=0)

    def after_answer(self) -> Tally:
        return Tally(asked_waits=self.asked_waits)


def pause_before_retry(failure: Failure, tally: Tally, limits: Limits, jitter: float) -> float | None:
    """Return the seconds to wait before the next try, or None to give up.

    tally counts this failure already; jitter is a random number from 0 to 1.
    """
    match failure.kind:
        case Kind.UNTRUSTED | Kind.FORBIDDEN | Kind.REQUEST_REFUSED:
            return None
        case Kind.ACCOUNT_REFUSED:
            return None if tally.account_refusals >= MAX_ACCOUNT_REFUSALS else 0.0
        case Kind.INVOICE_FAILED if tally.failures >= MAX_TRIES_OF_AN_INVOICE:
            return None
        case Kind.CLIENT_REFUSED if tally.client_refusals >= MAX_CLIENT_REFUSALS:
            return None
    if tally.failures >= MAX_TRIES:
        return None
    if failure.retry_after is not None:
        return _asked_pause(failure.retry_after, tally, limits)
    pause = _backoff(tally.failures, jitter)
    return None if tally.down_for + pause + SHORTEST_TRY > limits.give_up_after else pause


def _asked_pause(seconds: float, tally: Tally, limits: Limits) -> float | None:
    left = limits.retry_after_budget - tally.asked_waits
    return None if seconds > min(limits.retry_after_cap, left) else seconds + ROUNDING


def _backoff(failures: int, jitter: float) -> float:
    longest: float = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1))
    return longest * (0.5 + jitter / 2)
