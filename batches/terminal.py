"""stderr as a person sees it: log lines, and below them one line that tells where a long run is."""

from __future__ import annotations

import contextlib
from typing import Protocol

from batches.plain_text import one_line, shortened

WIDTH = 79  # characters; a longer line would wrap and could not be cleared
CLEAR = "\r\x1b[K"


class Console(Protocol):
    """Where complete lines can be written."""

    def write(self, text: str, /) -> object: ...


class Stream(Console, Protocol):
    def flush(self) -> object: ...
    def isatty(self) -> bool: ...


class Terminal:
    """Writes lines to a stream; where that is a terminal, also a progress line that the next output replaces.

    A stream that went away, or goes to a full disk, is no reason to stop: what it cannot take is left out.
    """

    def __init__(self, stream: Stream, shows_progress: bool) -> None:
        self.stream = stream
        self.shows_progress = shows_progress and stream.isatty()
        self._progress_stands = False

    def write(self, text: str) -> None:
        self.clear()
        with contextlib.suppress(OSError):
            self.stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self.stream.flush()

    def progress(self, text: str) -> None:
        if self.shows_progress:
            with contextlib.suppress(OSError):
                self.stream.write(CLEAR + shortened(one_line(text), WIDTH))
                self.stream.flush()
            self._progress_stands = True

    def clear(self) -> None:
        if self._progress_stands:
            with contextlib.suppress(OSError):
                self.stream.write(CLEAR)
            self._progress_stands = False
