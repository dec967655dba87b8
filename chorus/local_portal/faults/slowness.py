"""Faults that cost time, or the connection."""

import datetime
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar, NoReturn

from flask import Response

from chorus.local_portal.checks import INT32, integer, one_of
from chorus.local_portal.faults.fault import Fault, checked

HOUR_MS = 3_600_000
# The pieces of a slow answer leave about as often as this a second.
PIECES = 10


class ConnectionResetOnPurposeError(ConnectionAbortedError):
    """The connection shall end with a reset, without an answer; the server does so."""


@dataclass(frozen=True, kw_only=True)
class Latency(Fault):
    """Waits before the call is done; `ms` are milliseconds."""

    kind: ClassVar[str] = "latency"

    ms: int = field(metadata=checked(integer(1, HOUR_MS)))

    def before(self, now: datetime.datetime) -> Response | None:
        time.sleep(self.ms / 1000)
        return None


@dataclass(frozen=True, kw_only=True)
class Drip(Fault):
    """Sends the body a few bytes at a time."""

    kind: ClassVar[str] = "drip"
    decides: ClassVar[bool] = True

    bytes_per_second: int = field(default=10, metadata=checked(integer(1, INT32)))

    def sent(self, reply: Response) -> Response:
        content = reply.get_data()
        headers = reply.headers
        headers["Content-Length"] = str(len(content))
        return Response(self._pieces(content), reply.status, headers)

    def _pieces(self, content: bytes) -> Iterator[bytes]:
        size = max(1, self.bytes_per_second // PIECES)
        for start in range(0, len(content), size):
            piece = content[start : start + size]
            time.sleep(len(piece) / self.bytes_per_second)
            yield piece


@dataclass(frozen=True, kw_only=True)
class Reset(Fault):
    """Resets the connection in place of an answer, before the call was done or after it."""

    kind: ClassVar[str] = "reset"
    decides: ClassVar[bool] = True

    when: str = field(default="before", metadata=checked(one_of(("before", "after"))))

    def before(self, now: datetime.datetime) -> Response | None:
        return _no_answer() if self.when == "before" else None

    def answered(self, reply: Response) -> Response:
        return _no_answer()


def _no_answer() -> Response:
    return Response(_reset(), status=0)


def _reset() -> Iterator[bytes]:
    yield from ()
    _raise()


def _raise() -> NoReturn:
    raise ConnectionResetOnPurposeError
