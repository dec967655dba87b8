"""Time, in the one place where tests can make it pass at once."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime

from chorus.portal.errors import Stopped


class Clock:
    """Real time. Tests hand in a subclass whose wait() only moves its hands."""

    def monotonic(self) -> float:
        """Seconds, for durations: it never jumps."""
        return time.monotonic()

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)

    def wait(self, stop: threading.Event, seconds: float) -> None:
        """Wait, but not longer than until stop is set. Raises Stopped then."""
        if stop.wait(max(seconds, 0)):
            raise Stopped
