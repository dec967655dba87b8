"""The local Chorus Pro as a server in a thread, for the command, for tests, demonstrations and benchmarks."""

import ipaddress
import os
import socket
import struct
import threading
from functools import partial
from pathlib import Path
from typing import Any, Self

from werkzeug.serving import WSGIRequestHandler, make_server

from chorus.local_portal import pages
from chorus.local_portal.faults import ConnectionResetOnPurposeError, Fault, Faults, Latency, PageCap
from chorus.local_portal.http import admin
from chorus.local_portal.http.gateway import create_app
from chorus.local_portal.http.recorder import Recorder
from chorus.local_portal.http.tokens import Tokens
from chorus.local_portal.life import moves
from chorus.local_portal.state.seed import load_seed
from chorus.local_portal.state.store import Store

# How long a stop may have to wait for the loop that accepts connections, in seconds.
POLL_INTERVAL = 0.02
BACKLOG = 128
# A connection on which nothing comes is given up after so many seconds.
IDLE = 60
# Whoever listens to all addresses is called by one of them.
CALLED = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - an address that is not bound here  # nosec B104
# A socket with this option is closed by a reset, whatever was not sent yet.
NO_LINGER = struct.pack("ii", 1, 0)


class RequestHandler(WSGIRequestHandler):
    """Speaks HTTP/1.1, sends at once, and leaves the log to the gateway, which knows what is a secret."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE

    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing: a request line may carry secrets in its query."""

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin an answer without the Date of this machine: the gateway has its own."""
        self.send_response_only(code, message)
        self.send_header("Server", self.version_string())

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """Reset the connection where that is what shall happen; a client that hung up needs nothing."""
        if isinstance(error, ConnectionResetOnPurposeError):
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
            # The server would say goodbye first, and so end the connection in good order.
            os.close(self.connection.detach())


class LocalPortal:
    """A local Chorus Pro that serves a store while its `with` block runs; `url` is known from the start,
    as is whether no other machine can reach it (`is_for_this_machine`).

    `port` 0 takes a free one. Every answer waits `latency_ms`, no page has more than `page_cap` rows: both are
    `faults`, to which more may be added at any time. `recorder` keeps what passes. Buyers treat invoices by a
    `scenario`, whose moves depend on `scenario_seed` alone. `seed` is the file that `POST /admin/reset` goes back to.
    The pages show the secrets of the accounts, unless they are those of a file (`secrets_in`).
    Raises OSError when the address cannot be used, ValueError for an unknown scenario.
    """

    def __init__(
        self,
        store: Store,
        latency_ms: int = 0,
        page_cap: int | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        faults: Faults | None = None,
        recorder: Recorder | None = None,
        seed: Path | None = None,
        secrets_in: Path | None = None,
        scenario: str | None = None,
        scenario_seed: int = 0,
    ) -> None:
        self.store = store
        self.tokens = Tokens()
        self.faults = faults or Faults()
        self.faults.add(_shortcuts(latency_ms, page_cap))
        self.recorder = recorder or Recorder()
        self._begin = partial(moves.begin, store, scenario, scenario_seed)
        self._begin()
        with _bound(host, port) as listener:
            address = str(listener.getsockname()[0])
            app = create_app(store, self.tokens, self.faults, self.recorder, _own_hosts(host, address))
            app.register_blueprint(pages.blueprint(store, self.recorder, secrets_in))
            app.register_blueprint(admin.blueprint(self.faults, partial(self._reset, seed) if seed else None))
            # Werkzeug would print and exit where the port is taken, if it opened the socket itself.
            self._server = make_server(
                host, port, app, threaded=True, request_handler=RequestHandler, fd=listener.fileno()
            )
        self._thread = threading.Thread(target=self._serve, name="local-chorus-pro", daemon=True)
        self.is_for_this_machine = ipaddress.ip_address(address).is_loopback
        shown_host = CALLED.get(host, host)
        self.url = f"http://{f'[{shown_host}]' if ':' in shown_host else shown_host}:{self._server.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()

    def _serve(self) -> None:
        self._server.serve_forever(POLL_INTERVAL)

    def _reset(self, seed: Path) -> None:
        """Go back to the seed, if it can still be used. Raises SeedError."""
        with Store() as trial:
            load_seed(seed, trial)
        with self.store.exclusive():
            self.store.clear()
            load_seed(seed, self.store)
            self._begin()


def _shortcuts(latency_ms: int, page_cap: int | None) -> list[Fault]:
    shortcuts: list[Fault] = [Latency(ms=latency_ms)] if latency_ms else []
    return [*shortcuts, PageCap(rows=page_cap)] if page_cap else shortcuts


def _bound(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _own_hosts(host: str, address: str) -> set[str]:
    """Return the names by which callers may know a server of this machine alone; none where others may call it."""
    return {"127.0.0.1", "::1", "localhost", host.lower()} if ipaddress.ip_address(address).is_loopback else set()
