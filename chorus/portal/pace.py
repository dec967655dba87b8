"""How often, and how many at a time: one pace for a technical account, whoever calls on this machine.

The state is in files, so that it holds for all processes that share the directory, and outlives them: a portal that
asked not to be called for an hour is not called by the next run either.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import cast

from filelock import FileLock, Timeout
from pyrate_limiter import Rate, RateItem, SQLiteBucket

from chorus.portal.answers import LONGEST_RETRY_AFTER
from chorus.portal.clock import Clock
from chorus.portal.connection import Limits

CLOCK_SLACK = 1.0  # seconds by which the clock may go back unnoticed
SLOT_POLL = 0.05  # seconds between two looks for a free slot
LONGEST_GAP = 8.0  # seconds between two requests, however often the portal found us too fast


class Pace:
    """Waits for the turn of the next request. May raise OSError and sqlite3.Error of an unusable state_dir."""

    def __init__(self, account: str, limits: Limits, clock: Clock, stop: threading.Event) -> None:
        self._directory = limits.state_dir or _directory_of_this_process()
        self._account = account
        self._limits = limits
        self._clock = clock
        self._stop = stop
        self._gap = 0.0
        self._turn_ended_at: float | None = None  # on the monotonic clock
        self._opening = threading.Lock()
        self._opened: SQLiteBucket | None = None

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold one of the account's slots, from the moment that the next request may be sent. Raises Stopped."""
        self._directory.mkdir(parents=True, exist_ok=True)
        slot = self._free_slot()
        try:
            self._clock.wait(self._stop, self._left_of_the_gap())
            while (seconds := self._take_or_wait()) > 0:
                self._clock.wait(self._stop, seconds)
            yield
        finally:
            self._turn_ended_at = self._clock.monotonic()
            slot.release()

    def slow_down(self) -> None:
        """Go at half the speed from now on."""
        self._gap = min(LONGEST_GAP, max(2 * self._gap, 1 / self._limits.requests_per_second))

    def hold(self, seconds: float) -> None:
        """Let nobody call on this account for so long."""
        now = self._clock.now().timestamp()
        scratch = self._path("hold.new")
        scratch.write_text(f"{now:.3f} {now + seconds:.3f}\n")
        scratch.replace(self._path("hold"))

    def held_for(self) -> float:
        """Return the seconds for which the account is still held; 0 where it is free."""
        try:
            since, until = map(float, self._path("hold").read_text().split())
        except (FileNotFoundError, ValueError):
            return 0.0
        now = self._clock.now().timestamp()
        set_back = now < since - CLOCK_SLACK
        seconds = until - (since if set_back else now)
        if not 0 < seconds <= LONGEST_RETRY_AFTER:
            return 0.0
        if set_back:  # how much of the pause has passed, nobody knows; until the old time would be too long
            self.hold(seconds)
        return seconds

    def _left_of_the_gap(self) -> float:
        """Return the seconds that are still to pass since the last request; a pause after a failure counts, too."""
        if self._turn_ended_at is None:
            return 0.0
        return max(0.0, self._turn_ended_at + self._gap - self._clock.monotonic())

    def _free_slot(self) -> FileLock:
        while True:
            for number in range(self._limits.concurrency):
                slot = FileLock(self._path(f"slot-{number}"))
                try:
                    slot.acquire(blocking=False)
                except Timeout:
                    continue
                return slot
            self._clock.wait(self._stop, SLOT_POLL)

    def _take_or_wait(self) -> float:
        """Count a request that may be sent now and return 0, or return the seconds until one may be."""
        bucket = self._bucket()
        now = RateItem("request", int(self._clock.now().timestamp() * 1000))
        newest = bucket.peek(0)
        if newest is not None and newest.timestamp > now.timestamp:
            bucket.flush()  # the clock was set back; its future would block the account
        bucket.leak(now.timestamp)
        return 0.0 if bucket.put(now) else max(cast(int, bucket.waiting(now)), 1) / 1000

    def _bucket(self) -> SQLiteBucket:
        with self._opening:
            if self._opened is None:
                rate, path = _rate(self._limits.requests_per_second), str(self._path("pace.sqlite"))
                self._opened = SQLiteBucket.init_from_file([rate], db_path=path, use_file_lock=True)
                # Not the bucket's own close(): that takes the file lock, which this thread may be holding already.
                weakref.finalize(self, self._opened.conn.close)
        return self._opened

    def _path(self, name: str) -> Path:
        return self._directory / f"chorus-{self._account}.{name}"


def _rate(per_second: float) -> Rate:
    if per_second >= 1:
        return Rate(int(per_second), 1000)
    return Rate(1, int(1000 / per_second))


@cache
def _directory_of_this_process() -> Path:
    directory = Path(tempfile.mkdtemp(prefix="chorus-pace-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    return directory
