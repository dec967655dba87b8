import socket
from urllib.parse import urlsplit

import pytest

from chorus.local_portal import server
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store

BEGUN = [
    b"",
    b"GET / HT",
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    b"POST /api/oauth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\ngrant_type=",
]


@pytest.mark.wrong_traffic
@pytest.mark.parametrize("begun", BEGUN, ids=["nothing", "half a line", "half a header", "half a body"])
def test_a_connection_on_which_nothing_comes_any_more_is_given_up(
    store: Store, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(server.RequestHandler, "timeout", 0.1)
    with LocalPortal(store) as portal:
        address = urlsplit(portal.url)
        with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
            connection.sendall(begun)
            while connection.recv(4096):
                pass  # an answer may come, but then the end
