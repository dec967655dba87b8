"""The portal's clock, which may run faster than this machine's."""

import datetime
import threading
import time
from collections.abc import Callable


class Clock:
    """Tells the portal's time: `start` (now, if none is given) plus `speed` seconds for each second that passed.

    At speed 1 without a start it is this machine's clock. `monotonic` counts the seconds that pass.
    Raises ValueError for a speed that is not above 0, and for a start without time zone.
    """

    def __init__(
        self,
        speed: float = 1,
        start: datetime.datetime | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        if not speed > 0:
            raise ValueError(f"a clock cannot run at speed {speed}; give a number above 0")
        if start is not None and start.tzinfo is None:
            raise ValueError(f"{start.isoformat()} has no time zone; give one, e.g. tzinfo=datetime.UTC")
        self.speed = speed
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._began_at = monotonic()
        self._start = start or datetime.datetime.now(datetime.UTC)

    def now(self) -> datetime.datetime:
        """Return the portal's time, in UTC."""
        with self._lock:
            passed = (self._monotonic() - self._began_at) * self.speed
            return (self._start + datetime.timedelta(seconds=passed)).astimezone(datetime.UTC)

    def advance(self, by: datetime.timedelta) -> None:
        """Let a span pass at once, as in tests; it may not be negative. Raises ValueError."""
        if by < datetime.timedelta(0):
            raise ValueError(f"a clock cannot go back by {-by}")
        with self._lock:
            self._start += by

    def catch_up_with(self, at: datetime.datetime) -> None:
        """Go on from `at` where that is later, as for a state that a faster clock has left behind."""
        self.advance(max(at - self.now(), datetime.timedelta(0)))
