"""One exchange: deadlines, sizes, and whom it trusts. Everything here is real time and real sockets."""

from __future__ import annotations

import gzip
import socket
import threading
import time
import tracemalloc
from pathlib import Path

import pytest
import requests

from chorus.portal.errors import PortalUnavailable, Stopped
from chorus.portal.exchange import Answer, Call, Exchange, Patience
from chorus.portal.messages import Search
from chorus.portal.network import failure_of
from chorus.portal.retry import Failure, Kind
from tests.chorus.portal.servers import (
    CREDENTIALS,
    SEARCH,
    TOKEN,
    Bench,
    Portal,
    Reply,
    answer,
    drip,
    example,
    packed,
    portal_server,
    raw,
    silence,
)

MEGABYTE = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\n"
PATIENT = Patience(connect=5, read=5, whole=5)


def sent(
    portal: Portal, patience: Patience = PATIENT, stop: threading.Event | None = None, size: int = MEGABYTE
) -> Answer | Failure:
    call = Call("search", "POST", portal.url + SEARCH, {"Accept-Encoding": "gzip"}, b"{}")
    return Exchange(size, stop or threading.Event()).send(call, patience)


def failed(portal: Portal, patience: Patience = PATIENT) -> Failure:
    result = sent(portal, patience)
    assert isinstance(result, Failure)
    return result


def test_an_answer_is_read(portal: Portal) -> None:
    portal.say(SEARCH, answer(b"{}", headers={"X": "y"}))
    result = sent(portal)
    assert isinstance(result, Answer)
    assert (result.status, result.body, result.headers["x"]) == (200, b"{}", "y")


def test_a_packed_answer_is_unpacked(portal: Portal) -> None:
    portal.say(SEARCH, packed({"codeRetour": 0}))
    result = sent(portal)
    assert isinstance(result, Answer)
    assert result.body == b'{"codeRetour": 0}'


@pytest.mark.parametrize(
    "dripping",
    [
        drip(OK + b"Content-Length: 1000\r\n\r\n"),
        drip(OK + b"\r\n"),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        drip(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
        drip(OK, b"X"),
        drip(b"HTTP/1.1 2"),
    ],
    ids=["body", "body without length", "chunks", "size of a chunk", "headers", "status line"],
)
def test_f14_a_slow_drip_is_given_up_at_the_deadline(portal: Portal, dripping: Reply) -> None:
    portal.say(SEARCH, dripping)
    started = time.monotonic()
    failure = failed(portal, Patience(connect=5, read=5, whole=0.4))
    assert (failure.kind, failure.words) == (Kind.DOWN, "no complete answer within 0.4 s")
    assert time.monotonic() - started < 1.5


def test_f12_an_answer_that_does_not_come_is_given_up_at_the_read_time_out(portal: Portal) -> None:
    portal.say(SEARCH, silence)
    failure = failed(portal, Patience(connect=5, read=0.2, whole=5))
    assert (failure.kind, failure.words) == (Kind.DOWN, "no answer within the time allowed")


def test_an_answer_that_breaks_off_in_silence_is_given_up_at_the_read_time_out(portal: Portal) -> None:
    portal.say(SEARCH, drip(OK + b"Content-Length: 9\r\n\r\n{", every=30))
    failure = failed(portal, Patience(connect=5, read=0.2, whole=5))
    assert (failure.kind, failure.words) == (Kind.DOWN, "no answer within the time allowed")


def test_f12_a_portal_that_refuses_connections_is_down() -> None:
    with portal_server() as portal:
        pass
    assert failed(portal).words == "the portal refuses connections"


def test_f12_a_host_that_does_not_exist_is_down(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_host(*_args: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("urllib3.util.connection.socket.getaddrinfo", no_such_host)
    failure = failed(portal)
    assert (failure.kind, failure.words) == (Kind.DOWN, "the portal's host name cannot be resolved")


@pytest.mark.parametrize(
    "cut",
    [
        raw(),
        raw(b"HTTP/1.1"),
        raw(OK + b"Content-Length: 10\r\n\r\n{}"),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{}"),
        raw(OK + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}"),
        raw(b"NOT HTTP\r\n\r\n"),
        raw(OK + b"X" * 100_000),
        raw(OK + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
        raw(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    ],
    ids=["nothing", "head", "body", "chunk", "chunk size", "no HTTP", "endless header", "no gzip", "two lengths"],
)
def test_f15_a_broken_answer_is_a_portal_that_is_down(portal: Portal, cut: Reply) -> None:
    portal.say(SEARCH, cut)
    assert failed(portal).kind is Kind.DOWN


def test_f18_an_answer_over_the_cap_is_not_read_to_its_end(portal: Portal) -> None:
    portal.say(SEARCH, drip(OK + b"\r\n", b"x" * MEGABYTE, every=0.001))
    failure = failed(portal)
    assert (failure.kind, failure.words) == (Kind.DOWN, "unreadable answer: longer than 1048576 bytes")


@pytest.mark.parametrize("times", [1, 2], ids=["a bomb", "a bomb in a bomb"])
def test_f18_a_gzip_bomb_costs_little_memory(portal: Portal, times: int) -> None:
    bomb = gzip.compress(b" " * (300 * MEGABYTE), compresslevel=1)
    encodings = ["gzip"] * times
    if times == 2:
        bomb = gzip.compress(bomb)
    portal.say(SEARCH, answer(bomb, headers={"Content-Encoding": ", ".join(encodings)}))
    tracemalloc.start()
    result = sent(portal, size=16 * MEGABYTE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(result, Failure)
    assert peak < 64 * MEGABYTE


def test_f18_an_answer_of_very_small_pieces_costs_little_memory(portal: Portal) -> None:
    portal.say(SEARCH, raw(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 20_000))
    tracemalloc.start()
    result = sent(portal)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(result, Failure)
    assert peak < MEGABYTE


def test_of_a_long_error_page_only_the_beginning_is_read(portal: Portal) -> None:
    portal.say(SEARCH, drip(b"HTTP/1.1 503 Down\r\n\r\n", b"x" * MEGABYTE, every=0.001))
    result = sent(portal)
    assert isinstance(result, Answer)
    assert (result.status, len(result.body)) == (503, 16 * 1024)


def test_stop_ends_an_exchange_at_once(portal: Portal) -> None:
    portal.say(SEARCH, silence)
    stop = threading.Event()
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        sent(portal, Patience(connect=30, read=30, whole=30), stop)
    assert time.monotonic() - started < 2


def test_f19_a_redirect_is_an_error_and_its_target_gets_no_request(bench: Bench) -> None:
    with portal_server() as elsewhere:
        for path in (SEARCH, TOKEN):
            bench.portal.say(path, answer(status=307, headers={"Location": elsewhere.url + path}))
            with pytest.raises(PortalUnavailable, match=r"HTTP 307, redirect to 127\.0\.0\.1 refused"):
                bench.client().search(Search(), 1, 10)
            bench.portal.say(TOKEN, answer(example("token")))
    assert elsewhere.requests == []


def test_the_body_of_a_redirect_is_not_unpacked(portal: Portal) -> None:
    headers = {"Location": "/elsewhere", "Content-Encoding": "gzip"}
    portal.say(SEARCH, answer(gzip.compress(b" " * 50 * MEGABYTE), status=302, headers=headers))
    result = sent(portal)
    assert isinstance(result, Answer)
    assert len(result.body) <= 16 * 1024


def test_a_netrc_file_does_not_replace_the_token(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    bench.client().search(Search(), 1, 10)
    assert bench.portal.asked(SEARCH)[0].headers["authorization"].startswith("Bearer ")


def test_a_proxy_of_the_environment_is_used(portal: Portal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTP_PROXY", portal.url)
    portal.say("http://portal.invalid/", answer(b"{}"))
    result = Exchange(MEGABYTE, threading.Event()).send(Call("search", "GET", "http://portal.invalid/", {}), PATIENT)
    assert isinstance(result, Answer)


def test_a_proxy_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    with portal_server() as gone:
        monkeypatch.setenv("NO_PROXY", "")
        monkeypatch.setenv("HTTP_PROXY", gone.url)
    result = Exchange(MEGABYTE, threading.Event()).send(Call("search", "GET", "http://portal.invalid/", {}), PATIENT)
    assert isinstance(result, Failure)
    assert result.words == "the proxy gives no connection to the portal"


def test_cookies_are_not_kept(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(example("search_one_invoice"), headers={"Set-Cookie": "a=b"}))
    client = bench.client()
    client.search(Search(), 1, 10)
    client.search(Search(), 2, 10)
    assert "cookie" not in bench.portal.requests[-1].headers


def test_connections_are_kept(portal: Portal) -> None:
    exchange = Exchange(MEGABYTE, threading.Event())
    ports: set[int] = set()

    def note(handler: object) -> None:
        ports.add(handler.client_address[1])  # type: ignore[attr-defined]
        answer(b"{}")(handler)  # type: ignore[arg-type]

    portal.say(SEARCH, note)
    for _ in range(3):
        exchange.send(Call("search", "POST", portal.url + SEARCH, {}, b"{}"), PATIENT)
    assert len(ports) == 1


@pytest.mark.parametrize(
    ("cut", "words"),
    [
        (raw(), "connection lost before an answer came"),
        (raw(b"NOT HTTP\r\n\r\n"), "unreadable answer: it is not HTTP"),
        (raw(OK + b"X" * 100_000), "unreadable answer: it is not HTTP"),
    ],
)
def test_f15_what_was_lost_is_said_without_names_of_exceptions(portal: Portal, cut: Reply, words: str) -> None:
    portal.say(SEARCH, cut)
    assert failed(portal).words == words


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), "connection lost before the answer was complete"),
        (OSError(113, "No route to host"), "connection lost (No route to host)"),
        (requests.exceptions.ConnectionError("odd"), "connection lost"),
    ],
)
def test_f12_a_lost_connection_is_said_without_names_of_exceptions(error: Exception, words: str) -> None:
    wrapped = requests.exceptions.ConnectionError(error)
    assert failure_of(wrapped).words == words


def test_a_mistake_of_ours_is_not_taken_for_the_networks() -> None:
    with pytest.raises(KeyError):
        failure_of(KeyError("a"))


@pytest.mark.parametrize("url", ["nonsense", "ftp://example.org", "http://", "http://["])
def test_an_address_that_cannot_be_used_is_a_matter_of_set_up(url: str) -> None:
    result = Exchange(MEGABYTE, threading.Event()).send(Call("search", "POST", url, {}), PATIENT)
    assert isinstance(result, Failure)
    assert result.kind is Kind.FORBIDDEN
    assert "settings" in result.words


def test_no_exception_of_the_libraries_gets_out(bench: Bench) -> None:
    bench.portal.say(SEARCH, raw(OK + b"Content-Length: 10\r\n\r\n{}"))
    with pytest.raises(PortalUnavailable) as caught:
        bench.client().search(Search(), 1, 10)
    assert caught.value.__cause__ is None
    assert CREDENTIALS.password not in str(caught.value)
