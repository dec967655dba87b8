"""Small real servers on 127.0.0.1 that answer, or misbehave, as they are told."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from chorus.portal.client import ChorusClient
from chorus.portal.clock import Clock
from chorus.portal.errors import Stopped
from chorus.portal.transport import Credentials, Endpoints, Limits, Transport

EXAMPLES = Path(__file__).parent / "examples"
TOKEN = "/api/oauth/token"
SEARCH = "/cpro/factures/v1/rechercher/fournisseur"
INVOICE = "/cpro/factures/v1/consulter/fournisseur"
HISTORY = "/cpro/factures/v1/consulter/historique"
HEALTH = "/cpro/transverses/v1/health-check"

CREDENTIALS = Credentials("client-7", "canary/secret&1", "TECH_1_00001@cpro.fr", "canary:pass wörd")


def example(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((EXAMPLES / f"{name}.json").read_text())
    return data


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: str
    at: float


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are written apart; each answer would take 40 ms
    server: Portal

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(self.command, self.path, headers, body, time.monotonic()))
        self.server.next_reply(self.path)(self)

    do_GET = do_POST  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


Reply = Callable[[Handler], None]


class Portal(ThreadingHTTPServer):
    """Answers each path with the replies it was given, in their order; the last one is given for ever."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests: list[Request] = []
        self.ended = threading.Event()
        self._replies: dict[str, list[Reply]] = defaultdict(list)
        self.say(TOKEN, answer(example("token")))
        self.say(SEARCH, answer(example("search_one_invoice")))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def endpoints(self) -> Endpoints:
        return Endpoints(self.url + TOKEN, self.url)

    def say(self, path: str, *replies: Reply) -> None:
        self._replies[path] = list(replies)

    def next_reply(self, path: str) -> Reply:
        replies = self._replies[path]
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what many of these tests are about."""


@contextmanager
def portal_server() -> Iterator[Portal]:
    portal = Portal()
    thread = threading.Thread(target=portal.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield portal
    finally:
        portal.ended.set()
        portal.shutdown()
        portal.server_close()
        thread.join()


def answer(body: Any = None, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """Reply with this JSON, or with these bytes."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()

    def reply(handler: Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json;charset=utf-8", **(headers or {})}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return reply


def packed(body: Any) -> Reply:
    return answer(gzip.compress(json.dumps(body).encode()), headers={"Content-Encoding": "gzip"})


def raw(*pieces: bytes, every: float = 0) -> Reply:
    """Write these bytes as they are, with a pause between them, and hang up."""

    def reply(handler: Handler) -> None:
        handler.close_connection = True
        for piece in pieces:
            handler.wfile.write(piece)
            if every and handler.server.ended.wait(every):
                return

    return reply


def drip(head: bytes, piece: bytes = b" ", every: float = 0.02) -> Reply:
    """Write the head at once, then the piece again and again until the test ends."""

    def reply(handler: Handler) -> None:
        handler.close_connection = True
        handler.wfile.write(head)
        while not handler.server.ended.wait(every):
            handler.wfile.write(piece)

    return reply


def silence(handler: Handler) -> None:
    handler.close_connection = True
    handler.server.ended.wait(30)


@dataclass
class FakeClock(Clock):
    """Time passes as it does, and at once where somebody waits; on_wait is called with the seconds."""

    waits: list[float] = field(default_factory=list)
    on_wait: Callable[[float], None] = lambda seconds: None
    skipped: float = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.skipped

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.skipped)

    def wait(self, stop: threading.Event, seconds: float) -> None:
        if seconds > 0:
            self.waits.append(seconds)
            self.skipped += seconds
            self.on_wait(seconds)
        if stop.is_set():
            raise Stopped


@dataclass
class Bench:
    """A portal, a client of it, and the clock between them."""

    portal: Portal
    clock: FakeClock = field(default_factory=FakeClock)
    stop: threading.Event = field(default_factory=threading.Event)
    state_dir: Path | None = None

    def limits(self, **changes: Any) -> Limits:
        quick: dict[str, Any] = {"requests_per_second": 1000, "state_dir": self.state_dir}
        return Limits(**quick | changes)

    def transport(self, credentials: Credentials = CREDENTIALS, **limits: Any) -> Transport:
        return Transport(self.portal.endpoints, credentials, self.limits(**limits), self.stop, self.clock)

    def client(self, **limits: Any) -> ChorusClient:
        return ChorusClient(self.transport(**limits))
