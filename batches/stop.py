"""The wish that a run ends, expressed by a signal."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType

SIGNALS = (signal.SIGTERM, signal.SIGINT)
SECONDS_BETWEEN_LOOKS = 0.2


class Stop(threading.Event):
    """An event that a signal handler may set.

    Event.set takes a lock, which the code that the signal interrupted may hold: the handler only leaves a note.
    """

    def __init__(self) -> None:
        super().__init__()
        self.signum: int | None = None

    def is_set(self) -> bool:
        return self.signum is not None or super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        until = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = SECONDS_BETWEEN_LOOKS if until is None else until - time.monotonic()
            if left <= 0:
                return False
            super().wait(min(SECONDS_BETWEEN_LOOKS, left))
        return True

    @property
    def exit_code(self) -> int:
        """128 + the signal's number, as shells do it; without a signal, that of SIGTERM."""
        return 128 + (self.signum or signal.SIGTERM)

    @contextlib.contextmanager
    def on_signals(self) -> Iterator[None]:
        """Be set by SIGTERM and SIGINT; a second one ends the process at once. Only the main thread gets signals."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {signum: signal.signal(signum, self._note) for signum in SIGNALS}
        try:
            yield
        finally:
            for signum, handler in before.items():
                signal.signal(signum, handler)

    def _note(self, signum: int, _frame: FrameType | None) -> None:
        self.signum = signum
        for each in SIGNALS:
            signal.signal(each, signal.SIG_DFL)
