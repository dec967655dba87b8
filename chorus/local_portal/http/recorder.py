"""Keeps what was asked and answered: the last exchanges in memory, and every one in a file where one is named.

A line of the file is one exchange in JSON. The secrets in it are masked, unless they are asked for.
"""

import datetime
import json
import logging
import os
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, Self

from chorus.local_portal.http import masking

LOGGER = logging.getLogger("chorus.local_portal")
KEPT = 200
# Of a body that is kept in memory, in bytes.
SHOWN = 20_000
DEEPEST = 100


@dataclass(frozen=True)
class Message:
    """The headers and bytes of a request or of an answer; there are none where they were never all there."""

    headers: Mapping[str, str]
    content: bytes | None = None


@dataclass(frozen=True)
class Passage:
    """What passed through the gateway: `duration_ms` is the time until the answer was ready to leave, `account` the
    technical login or client id that was let in, `status` 0 where no answer left."""

    at: datetime.datetime
    method: str
    path: str
    request: Message
    status: int
    response: Message
    duration_ms: float
    account: str | None
    faults: Sequence[str] = ()


@dataclass(frozen=True)
class Exchange:
    """A passage as people and programs read it: a body is parsed JSON, a text where it is not JSON, or None."""

    at: str
    method: str
    path: str
    request_headers: Mapping[str, str]
    request_body: Any
    status: int
    response_headers: Mapping[str, str]
    response_body: Any
    duration_ms: float
    account: str | None
    faults: Sequence[str]

    def masked(self) -> "Exchange":
        return replace(
            self,
            request_headers=masking.request_headers(self.request_headers),
            request_body=masking.request_body(self.path, self.request_body),
            response_body=masking.response_body(self.path, self.response_body),
        )


class Recorder:
    """Records exchanges, on any thread. Raises OSError where the file cannot be written."""

    def __init__(self, file: Path | None = None, with_secrets: bool = False) -> None:
        self._path = file
        self._with_secrets = with_secrets
        self._lock = threading.Lock()
        self._last: deque[Exchange] = deque(maxlen=KEPT)
        self._file = None if file is None else _opened(file)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            if self._file:
                self._file.close()
                self._file = None

    def record(self, passage: Passage) -> None:
        """Keep what passed. A file that cannot be written any more is told in the log."""
        shown = read(passage, SHOWN).masked()
        with self._lock:
            self._last.append(shown)
            if self._file is None:
                return
            try:
                self._file.write(self._line(passage))
            except OSError as error:
                LOGGER.error("An exchange is not in the record %s: %s", self._path, error.strerror)  # noqa: TRY400

    def last(self, count: int) -> list[Exchange]:
        """Return the last exchanges, newest first, without secrets; of a long body, only the beginning."""
        with self._lock:
            return list(self._last)[::-1][:count]

    def _line(self, passage: Passage) -> bytes:
        exchange = read(passage)
        return json.dumps(vars(exchange if self._with_secrets else exchange.masked())).encode() + b"\n"


def read(passage: Passage, limit: int | None = None) -> Exchange:
    """Return an exchange with its bodies; one that is longer than `limit` bytes is the text of its beginning."""
    return Exchange(
        passage.at.isoformat(timespec="milliseconds"),
        passage.method,
        passage.path,
        dict(passage.request.headers),
        _body(passage.request, limit),
        passage.status,
        dict(passage.response.headers),
        _body(passage.response, limit),
        round(passage.duration_ms, 1),
        passage.account,
        list(passage.faults),
    )


def _body(message: Message, limit: int | None) -> Any:
    content = message.content
    if not content:
        return None
    if limit is not None and len(content) > limit:
        return f"{_text(content[:limit])}… ({len(content)} bytes in all)"
    media_type = next((value for name, value in message.headers.items() if name.lower() == "content-type"), "")
    return _parsed(content) if "json" in media_type.lower() else _text(content)


def _parsed(content: bytes) -> Any:
    try:
        parsed = json.loads(content.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return _text(content)
    # Whoever writes it again could not, where it is nested as deep as Python can just read.
    return _text(content) if _is_nested_beyond(DEEPEST, parsed) else parsed


def _is_nested_beyond(depth: int, value: Any) -> bool:
    level = [value]
    for _ in range(depth):
        level = [child for each in level for child in _children(each)]
    return bool(level)


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _text(content: bytes) -> str:
    return content.decode(errors="backslashreplace")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _opened(file: Path) -> BinaryIO:
    # What passes may be confidential, even without its secrets.
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, mode=0o600)
    # Without a buffer no line waits, and none that did not fit on the disk comes back later.
    return os.fdopen(descriptor, "ab", buffering=0)
