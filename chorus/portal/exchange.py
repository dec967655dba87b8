"""One HTTP request and its answer: nothing is repeated, followed or interpreted here, and nothing takes too long."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from django.utils.translation import gettext as _

from chorus.portal.errors import Stopped
from chorus.portal.network import AbandonedError, AnswerTooLargeError, failure_of
from chorus.portal.reading import plausible
from chorus.portal.retry import Failure, Kind

READ_SIZE = 64 * 1024
ERROR_PAGE_BYTES = 16 * 1024  # more of an error page is of no use
GLANCE_SECONDS = 0.1  # how often a caller that waits for an answer looks whether it shall stop


@dataclass(frozen=True, slots=True)
class Call:
    """What is sent. The headers hold secrets."""

    operation: str
    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; body is unpacked."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def date(self) -> datetime | None:
        """Return when the portal says that it answered (HTTP's Date: whole seconds, rounded down)."""
        try:
            told = parsedate_to_datetime(self.headers.get("Date", ""))
        except (ValueError, OverflowError):
            return None
        return plausible(told if told.tzinfo else told.replace(tzinfo=UTC))


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: to connect, for each read, and for the whole exchange."""

    connect: float
    read: float
    whole: float


class Exchange:
    """Sends requests over kept connections.

    Each exchange runs in a thread of its own, which is left behind when the time is up or stop is set: name
    look-up, connecting, TLS and a dripping head cannot be bounded from within. What is left behind ends with its
    next byte or time-out, and never keeps the process alive.
    """

    def __init__(self, max_answer_bytes: int, stop: threading.Event) -> None:
        self._max_answer_bytes = max_answer_bytes
        self._stop = stop
        self._session = requests.Session()

    def send(self, call: Call, patience: Patience) -> Answer | Failure:
        """Send once. Raises Stopped, and nothing else that the network can cause."""
        abandoned = threading.Event()
        future = _in_a_thread(lambda: self._exchange(call, patience, abandoned))
        try:
            self._wait_for(future, patience.whole)
        except Stopped:
            self._abandon(abandoned)
            raise
        if not future.done():
            self._abandon(abandoned)
            return Failure(Kind.DOWN, _("no complete answer within %(seconds).3g s") % {"seconds": patience.whole})
        error = future.exception()
        return future.result() if error is None else failure_of(error)

    def _wait_for(self, future: Future[Answer], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not future.done() and (left := end - time.monotonic()) > 0:
            wait([future], timeout=min(left, GLANCE_SECONDS))
            if self._stop.is_set() and not future.done():
                raise Stopped

    def _abandon(self, abandoned: threading.Event) -> None:
        abandoned.set()
        self._session = requests.Session()

    def _exchange(self, call: Call, patience: Patience, abandoned: threading.Event) -> Answer:
        # The adapter is called without the session's own send(): that would put netrc's password in the place of
        # the token, keep cookies, and read the body of a redirect, however large, to prepare for following it.
        session = self._session
        request = requests.Request(call.method, call.url, headers=dict(call.headers), data=call.body).prepare()
        environment = session.merge_environment_settings(call.url, {}, stream=True, verify=None, cert=None)
        response = session.get_adapter(call.url).send(
            request,
            stream=True,
            timeout=(patience.connect, patience.read),
            verify=environment["verify"] or True,
            proxies=environment["proxies"],
        )
        with contextlib.closing(response):
            body = bytearray()  # not a list of pieces: they may be of one byte each
            for chunk in self._chunks(response, abandoned):
                body += chunk
        return Answer(response.status_code, response.headers, bytes(body))

    def _chunks(self, response: requests.Response, abandoned: threading.Event) -> Iterator[bytes]:
        """Unpack bit by bit, so that a small bomb is noticed before it has grown."""
        good = 200 <= response.status_code < 300
        left = self._max_answer_bytes if good else ERROR_PAGE_BYTES
        while chunk := response.raw.read1(READ_SIZE, decode_content=True):
            if abandoned.is_set():
                raise AbandonedError
            if len(chunk) > left and good:
                raise AnswerTooLargeError(self._max_answer_bytes)
            yield chunk[:left]
            left -= len(chunk)
            if left < 0:
                return


def _in_a_thread(work: Callable[[], Answer]) -> Future[Answer]:
    future: Future[Answer] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # whatever it is, it is for the thread that waits
            future.set_exception(error)

    threading.Thread(target=run, name="chorus-portal-exchange", daemon=True).start()
    return future
