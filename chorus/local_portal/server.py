"""The local Chorus Pro as a server in a thread, for the command, for tests, demonstrations and benchmarks."""

import socket
import threading
from typing import Any, Self

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from chorus.local_portal.gateway import create_app
from chorus.local_portal.store import Store
from chorus.local_portal.tokens import Tokens

# How long a stop may have to wait for the loop that accepts connections, in seconds.
POLL_INTERVAL = 0.02
BACKLOG = 128


class RequestHandler(WSGIRequestHandler):
    """Speaks HTTP/1.1, sends at once, and leaves the log to the gateway, which knows what is a secret."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log(self, type: str, message: str, *args: Any) -> None:
        """Write nothing: a request line may carry secrets in its query."""


class LocalPortal:
    """A local Chorus Pro that serves a store while its `with` block runs; `url` is known from the start.

    `port` 0 takes a free one. Every answer waits `latency_ms`; a page never has more than `page_cap` rows.
    Raises OSError when the address cannot be used.
    """

    def __init__(
        self,
        store: Store,
        latency_ms: int = 0,
        page_cap: int | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.store = store
        self.tokens = Tokens()
        self.app = create_app(store, self.tokens, latency_ms, page_cap)
        self._server = _listen(host, port, self.app)
        self._thread = threading.Thread(target=self._serve, name="local-chorus-pro", daemon=True)
        shown_host = f"[{host}]" if ":" in host else host
        self.url = f"http://{shown_host}:{self._server.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()

    def _serve(self) -> None:
        self._server.serve_forever(POLL_INTERVAL)


def _listen(host: str, port: int, app: Any) -> BaseWSGIServer:
    # Werkzeug would print and exit where the port is taken, if it opened the socket itself.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        return make_server(host, port, app, threaded=True, request_handler=RequestHandler, fd=listener.fileno())
