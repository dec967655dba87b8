"""A portal that cannot be reached, hangs, drips or cannot prove who it is: F12 to F15 and S09, as whole runs.

BAD's connection leads to a server that misbehaves, or to none; GOOD's to a local Chorus Pro that works. Then BAD's
leads there too, and the batch runs again. The end equals that of a run that nothing disturbed.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from pytest_django import Settings

from batches.outcomes import RunResult
from chorus.connections import usual_limits
from chorus.models import ChorusConnection
from tests.chorus.portal.certificates import certificate, speak_tls
from tests.chorus.portal.servers import HISTORY, SEARCH, TOKEN, Portal, Reply, drip, portal_server, raw, silence
from tests.faults.portal_stage import Snapshot, Stage, assert_told, calls, snapshot, statuses

pytestmark = pytest.mark.wrong_traffic

OK = b"HTTP/1.1 200 OK\r\n"
IMPATIENT = {"connect_timeout": 0.2, "read_timeout": 0.2, "give_up_after": 8}


@pytest.fixture
def server(stage: Stage) -> Iterator[Portal]:
    """A server that hands out tokens."""
    with portal_server() as portal:
        yield portal


def endure(stage: Stage, expected: Snapshot, *words: str) -> None:
    """Run as it is led, then led home."""
    result = stage.run()
    assert result.exit_code == 3
    assert_told(result, ["BAD"], *words)
    assert statuses() == {"G-0": "REJETEE", "G-1": "REJETEE"}
    stage.mend()
    assert stage.run().exit_code == 0
    assert snapshot() == expected


def endure_alone(stage: Stage) -> RunResult:
    """Run with BAD's connection alone."""
    ChorusConnection.objects.filter(company__code="GOOD").update(enabled=False)
    return stage.run()


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@contextmanager
def full_house() -> Iterator[str]:
    """An address where nobody takes what waits to be connected."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def test_f12_a_portal_that_nobody_listens_for_is_given_up_and_the_next_run_does_the_rest(stage: Stage) -> None:
    expected = stage.undisturbed()
    address = free_address()
    stage.lead(address + TOKEN, address)
    endure(stage, expected, "Chorus Pro (token): the portal refuses connections", "given up after 7 tries")


def test_f12_where_no_connection_works_the_portal_is_unavailable(stage: Stage) -> None:
    address = free_address()
    for environment in ("qualification", "local"):
        stage.lead(address + TOKEN, address, environment)
    result = stage.run()
    assert result.exit_code == 69
    assert_told(result, ["BAD", "GOOD"], "the portal refuses connections")
    assert statuses() == {}


def test_f12_a_connection_that_is_never_taken_is_given_up_at_its_time_out(stage: Stage) -> None:
    expected = stage.undisturbed()
    stage.limits.update(IMPATIENT)
    with full_house() as address:
        stage.lead(address + TOKEN, address)
        endure(stage, expected, "no connection to the portal within the time allowed")


def test_f12_a_host_that_cannot_be_resolved_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = stage.undisturbed()
    resolve = socket.getaddrinfo

    def without_the_portal(host: str, *rest: object, **named: object) -> object:
        if host == "portal.invalid":
            raise socket.gaierror(-2, "Name or service not known")
        return resolve(host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr("urllib3.util.connection.socket.getaddrinfo", without_the_portal)
    stage.lead(f"http://portal.invalid{TOKEN}", "http://portal.invalid")
    endure(stage, expected, "the portal's host name cannot be resolved")


def test_f12_a_portal_that_never_answers_is_given_up_at_the_read_time_out(stage: Stage, server: Portal) -> None:
    expected = stage.undisturbed()
    stage.lead(server.url + TOKEN, server.url)
    stage.limits.update(IMPATIENT)
    server.say(SEARCH, silence)
    endure(stage, expected, "no answer within the time allowed")
    assert 2 <= len(server.asked(SEARCH)) <= 7


@pytest.mark.parametrize(
    "dripping",
    [drip(OK + b"\r\n"), drip(OK, b"X")],
    ids=["body", "headers"],
)
def test_f14_a_server_that_drips_for_ever_holds_a_call_no_longer_than_its_deadline(
    stage: Stage, server: Portal, dripping: Reply
) -> None:
    """Only the deadline ends it: each read has its byte long before its own time is up."""
    expected = stage.undisturbed()
    stage.lead(server.url + TOKEN, server.url)
    stage.limits.update(read_timeout=30, call_deadline=1, give_up_after=0.5)
    server.say(SEARCH, dripping)
    endure(stage, expected, "no complete answer within 1 s")
    assert len(server.asked(SEARCH)) == 1


def test_f14_a_call_has_120_seconds_in_all_and_a_connection_60_seconds_of_failures() -> None:
    limits = usual_limits()
    assert (limits.connect_timeout, limits.read_timeout, limits.call_deadline) == (10, 30, 120)
    assert limits.give_up_after == 60
    assert (limits.retry_after_cap, limits.retry_after_budget) == (120, 300)


def test_f15_a_server_that_hangs_up_is_asked_again_and_then_given_up(stage: Stage, server: Portal) -> None:
    expected = stage.undisturbed()
    stage.lead(server.url + TOKEN, server.url)
    server.say(
        SEARCH, raw(), raw(b"HTTP/1.1"), raw(OK + b"Content-Length: 10\r\n\r\n{}"), raw(OK + b"X" * 70_000), raw()
    )
    endure(stage, expected, "connection lost before an answer came; given up after 7 tries")
    assert len(server.asked(SEARCH)) == 7


@pytest.mark.parametrize(
    ("host", "days", "said"),
    [
        ("localhost", 1, "self-signed certificate"),
        ("localhost", -1, "certificate has expired"),
        ("elsewhere.example", 1, "Hostname mismatch"),
    ],
    ids=["interception", "expired", "wrong host"],
)
def test_f13_s09_who_cannot_prove_to_be_the_portal_is_sent_nothing(
    stage: Stage, server: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, days: int, said: str
) -> None:
    expected = stage.undisturbed()
    shown = certificate(tmp_path, host, days)
    address = speak_tls(server, shown)
    stage.lead(address + TOKEN, address)
    if said != "self-signed certificate":
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(shown))
    words = ["the portal's identity could not be verified", said, "nothing was sent", "REQUESTS_CA_BUNDLE"]
    waits = len(stage.clock.waits)
    endure(stage, expected, *words)
    assert server.requests == []
    assert stage.clock.waits[waits:] == []


def test_f13_where_no_portal_can_prove_who_it_is_the_run_says_unavailable(
    stage: Stage, server: Portal, tmp_path: Path
) -> None:
    address = speak_tls(server, certificate(tmp_path, "localhost"))
    stage.lead(address + TOKEN, address)
    result = endure_alone(stage)
    assert result.exit_code == 69
    assert result.counts["requests"] == 1
    assert server.requests == []


def test_f13_s09_a_portal_that_answers_without_tls_is_sent_nothing(stage: Stage, server: Portal) -> None:
    address = server.url.replace("http:", "https:")
    stage.lead(address + TOKEN, address)
    result = endure_alone(stage)
    assert result.exit_code == 69
    assert_told(result, ["BAD"], "the portal's identity could not be verified (TLS: wrong version number)")
    assert server.requests == []


def test_s21_the_batch_never_calls_faster_than_it_is_allowed_to(stage: Stage, settings: Settings) -> None:
    settings.CHORUS_MAX_REQUESTS_PER_SECOND = 2
    began = stage.clock.monotonic()
    stage.run()
    assert (calls(stage, "BAD"), stage.trace.count(HISTORY, "TECH_BAD@cpro.fr")) == ((1, 3), 1)
    assert stage.clock.monotonic() - began >= 2  # five requests: two at once, a second, two more, a second, the last


def test_s21_a_portal_that_is_down_is_called_no_more_than_seven_times_a_connection_and_run(stage: Stage) -> None:
    stage.disturb({"kind": "server-error"})
    began = stage.clock.monotonic()
    assert stage.run().exit_code == 69
    assert [calls(stage, code) for code in ("BAD", "GOOD")] == [(7, 0), (7, 0)]
    assert stage.clock.monotonic() - began < 2 * 60
