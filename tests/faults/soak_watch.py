"""What a run of the soak costs the portal, and whoever waits for it."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from chorus.portal.transport import Transport
from tests.chorus.portal.servers import FakeClock
from tests.faults.portal_stage import Trace
from tests.faults.soak_faults import FAILING_KINDS

LONGEST_OWN_PAUSE = 8.1  # seconds; a longer one was asked for by the portal


class Watch:
    """Of the run in hand: the pauses since the last good answer of each connection, and what reached the portal."""

    def __init__(self, clock: FakeClock, trace: Trace, patch: pytest.MonkeyPatch) -> None:
        self._clock = clock
        self._trace = trace
        self.longest_without_answer = 0.0
        self.asked_pauses: dict[int, float] = defaultdict(float)
        self._without_answer: dict[int, float] = defaultdict(float)
        self._first = 0
        self._listen(patch)

    @contextmanager
    def run(self) -> Iterator[None]:
        self.longest_without_answer = 0.0
        self.asked_pauses.clear()
        self._without_answer.clear()
        self._first = len(self._trace.passages)
        yield

    @property
    def requests(self) -> int:
        return len(self._trace.passages) - self._first

    @property
    def failed(self) -> int:
        return sum(is_failing(kinds) for kinds in self._trace.faults[self._first :])

    def longest_series_of_failures(self) -> int:
        """Return how many requests of one account failed one after the other."""
        answers = defaultdict(list)
        passed = zip(self._trace.passages[self._first :], self._trace.faults[self._first :], strict=True)
        for (_at, _path, account), kinds in passed:
            if "latency" not in kinds:  # it may be noted when its caller has long gone on
                answers[account].append(is_failing(kinds))
        series = (len(list(group)) for each in answers.values() for bad, group in itertools.groupby(each) if bad)
        return max(series, default=0)

    def _listen(self, patch: pytest.MonkeyPatch) -> None:
        call = Transport.call

        def timed(transport: Transport, *question: Any) -> Any:
            first, key = len(self._clock.waits), id(transport)
            try:
                answer = call(transport, *question)
            finally:
                waits = self._clock.waits[first:]
                self._without_answer[key] += sum(wait for wait in waits if wait <= LONGEST_OWN_PAUSE)
                self.asked_pauses[key] += sum(wait for wait in waits if wait > LONGEST_OWN_PAUSE)
                self.longest_without_answer = max(self.longest_without_answer, self._without_answer[key])
            self._without_answer[key] = 0.0
            return answer

        patch.setattr(Transport, "call", timed)


def is_failing(kinds: Sequence[str]) -> bool:
    return bool(FAILING_KINDS.intersection(kinds))
