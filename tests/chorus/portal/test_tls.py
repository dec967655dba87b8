"""F13, S09: who cannot prove to be the portal gets nothing."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chorus.portal.client import ChorusClient
from chorus.portal.errors import PortalUnavailable
from chorus.portal.messages import Search
from chorus.portal.transport import Endpoints, Transport
from tests.chorus.portal.certificates import certificate, speak_tls
from tests.chorus.portal.servers import CREDENTIALS, SEARCH, TOKEN, Bench, Portal, portal_server


@pytest.fixture
def secure(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    monkeypatch.setenv("NO_PROXY", "localhost")
    with portal_server() as portal:
        yield portal


def transport(portal: Portal, certificate: Path, bench: Bench) -> Transport:
    url = speak_tls(portal, certificate)
    return Transport(Endpoints(url + TOKEN, url), CREDENTIALS, bench.limits(), bench.stop, bench.clock)


def ask(transport: Transport) -> int:
    return ChorusClient(transport).search(Search(), 1, 10).total


def test_s09_a_certificate_of_the_bundle_in_the_environment_is_accepted(
    secure: Portal, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = certificate(tmp_path, "localhost")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own))
    assert ask(transport(secure, own, bench)) == 1


@pytest.mark.parametrize(
    ("host", "days", "said"),
    [
        ("localhost", 1, "self-signed certificate"),
        ("localhost", -1, "certificate has expired"),
        ("elsewhere.example", 1, "Hostname mismatch"),
    ],
)
def test_f13_s09_who_cannot_be_verified_gets_nothing_and_is_not_asked_again(
    secure: Portal,
    bench: Bench,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    host: str,
    days: int,
    said: str,
) -> None:
    own = certificate(tmp_path, host, days)
    if said != "self-signed certificate":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(own))
    connection = transport(secure, own, bench)
    with pytest.raises(PortalUnavailable, match=said):
        ask(connection)
    assert (secure.requests, connection.requests, bench.clock.waits) == ([], 1, [])


def test_s09_a_bundle_that_is_not_there_is_named(
    secure: Portal, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with pytest.raises(PortalUnavailable, match=r"missing\.pem"):
        ask(transport(secure, certificate(tmp_path, "localhost"), bench))
    assert secure.requests == []


def test_a_portal_that_does_not_speak_tls_gets_nothing(bench: Bench) -> None:
    url = f"https://127.0.0.1:{bench.portal.server_port}"
    connection = Transport(Endpoints(url + TOKEN, url), CREDENTIALS, bench.limits(), bench.stop, bench.clock)
    with pytest.raises(PortalUnavailable):
        ask(connection)
    assert bench.portal.asked(SEARCH) == []


def test_a_connection_lost_during_the_handshake_is_no_question_of_trust(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=hang_up_on_everybody, args=(listener,), daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        connection = Transport(Endpoints(url + TOKEN, url), CREDENTIALS, bench.limits(), bench.stop, bench.clock)
        with pytest.raises(PortalUnavailable, match="given up after 7 tries"):
            ask(connection)


def hang_up_on_everybody(listener: socket.socket) -> None:
    for _ in range(7):
        client, _address = listener.accept()
        client.recv(1)
        client.shutdown(socket.SHUT_WR)
        client.recv(10_000)
        client.close()
