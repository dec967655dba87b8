"""What is tried again, how long, and when nothing is sent any more."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from chorus.portal.client import ChorusClient
from chorus.portal.errors import AccessRefused, PortalUnavailable, Stopped, UnexpectedAnswer
from chorus.portal.messages import Search
from chorus.portal.transport import Transport
from tests.chorus.portal.servers import (
    CREDENTIALS,
    HISTORY,
    SEARCH,
    TOKEN,
    Bench,
    Handler,
    Portal,
    Reply,
    answer,
    drip,
    example,
    portal_server,
    raw,
    silence,
)

GOOD = answer(example("search_one_invoice"))
MAINTENANCE = answer(b"<html>Service indisponible</html>", status=503, headers={"Content-Type": "text/html"})
BUSY = answer(status=429, headers={"Retry-After": "7"})
OK = b"HTTP/1.1 200 OK\r\n"


def search(client: ChorusClient) -> int:
    return client.search(Search(), 1, 10).total


@pytest.mark.parametrize(
    "passing",
    [
        MAINTENANCE,
        answer(status=500),
        answer(status=502),
        answer(status=504),
        answer(status=429),
        answer(b"<html>"),
        answer(b""),
        answer(b"[]"),
        raw(),
        raw(OK + b"Content-Length: 10\r\n\r\n{}"),
        raw(OK + b"\r\n{"),
    ],
    ids=["503", "500", "502", "504", "429", "HTML", "empty", "no object", "hung up", "truncated", "cut off"],
)
def test_f11_f15_f16_a_passing_failure_is_cured_by_a_retry(bench: Bench, passing: Reply) -> None:
    bench.portal.say(SEARCH, passing, passing, GOOD)
    client = bench.client()
    assert search(client) == 1
    assert client.requests == 4
    assert len(bench.clock.waits) >= 2


@pytest.mark.parametrize("passing", [MAINTENANCE, answer(b"<html>"), raw()], ids=["503", "HTML", "hung up"])
def test_a_passing_failure_of_the_token_service_is_cured_by_a_retry(bench: Bench, passing: Reply) -> None:
    bench.portal.say(TOKEN, passing, answer(example("token")))
    assert search(bench.client()) == 1


def test_f11_a_portal_that_stays_down_is_given_up_within_a_minute(bench: Bench) -> None:
    bench.portal.say(SEARCH, MAINTENANCE)
    with pytest.raises(PortalUnavailable, match=r"HTTP 503, the portal is down .*indisponible.* after 7 tries"):
        search(bench.client())
    assert len(bench.portal.asked(SEARCH)) == 7
    assert sum(bench.clock.waits) < 60


def test_f11_the_breaker_keeps_later_calls_from_being_sent(bench: Bench) -> None:
    bench.portal.say(SEARCH, MAINTENANCE)
    client = bench.client()
    with pytest.raises(PortalUnavailable) as first:
        search(client)
    sent = client.requests
    with pytest.raises(PortalUnavailable) as second:
        client.history(7)
    assert second.value is first.value
    assert client.requests == sent


def test_f26_an_invoice_that_the_portal_stumbles_over_does_not_stop_the_connection(bench: Bench) -> None:
    bench.portal.say(HISTORY, answer(status=500))
    client = bench.client()
    for _ in range(3):
        with pytest.raises(UnexpectedAnswer, match="HTTP 500"):
            client.history(7)
        assert search(client) == 1
    assert len(bench.portal.asked(HISTORY)) == 12


def test_f26_a_search_for_one_invoice_that_the_portal_stumbles_over_does_not_stop_the_connection(bench: Bench) -> None:
    bench.portal.say(SEARCH, *[answer(status=500)] * 4, GOOD)
    client = bench.client()
    with pytest.raises(UnexpectedAnswer, match="HTTP 500"):
        client.search(Search(number="F-1"), 1, 10)
    assert search(client) == 1


def test_f11_a_portal_that_stumbles_over_every_invoice_is_down(bench: Bench) -> None:
    bench.portal.say(HISTORY, answer(status=500))
    client = bench.client()
    for error in (UnexpectedAnswer, UnexpectedAnswer, UnexpectedAnswer, PortalUnavailable, PortalUnavailable):
        with pytest.raises(error, match="HTTP 500"):
            client.history(7)
    assert len(bench.portal.asked(HISTORY)) == 7


def test_refused_requests_are_not_a_portal_that_is_down(bench: Bench) -> None:
    bench.portal.say(HISTORY, *[answer(status=404)] * 9, MAINTENANCE, answer(example("history")))
    client = bench.client()
    for _ in range(9):
        with pytest.raises(UnexpectedAnswer):
            client.history(7)
    assert client.history(7).current == "SUSPENDUE"


def test_f12_a_portal_that_nobody_listens_for_is_given_up(bench: Bench) -> None:
    with portal_server() as gone:
        bench.portal = gone
    with pytest.raises(PortalUnavailable, match=r"Chorus Pro \(token\): the portal refuses connections"):
        search(bench.client())


def test_f12_a_portal_that_hangs_is_given_up_within_the_time_allowed_in_all(bench: Bench) -> None:
    bench.portal.say(SEARCH, silence)
    started = time.monotonic()
    with pytest.raises(PortalUnavailable, match="given up after 2 tries"):
        search(bench.client(read_timeout=2, give_up_after=4))
    assert time.monotonic() - started < 5
    assert len(bench.portal.asked(SEARCH)) == 2


def test_f14_a_drip_that_used_up_its_deadline_is_not_asked_again(bench: Bench) -> None:
    bench.portal.say(SEARCH, drip(OK + b"\r\n"))
    with pytest.raises(PortalUnavailable, match=r"no complete answer within 0\.5 s"):
        search(bench.client(call_deadline=0.5, give_up_after=0.25))
    assert len(bench.portal.asked(SEARCH)) == 1


def test_f18_a_portal_that_answers_too_much_is_given_up(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(b" " * 2000))
    with pytest.raises(PortalUnavailable, match="unreadable answer: longer than 1000 bytes"):
        search(bench.client(max_answer_bytes=1000))


def test_failures_are_counted_from_the_last_good_answer(bench: Bench) -> None:
    bench.portal.say(SEARCH, *[MAINTENANCE, GOOD] * 10)
    client = bench.client()
    assert [search(client) for _ in range(10)] == [1] * 10


@pytest.mark.parametrize("status", [429, 503])
def test_f10_nothing_is_sent_before_the_moment_that_the_portal_asked_for(bench: Bench, status: int) -> None:
    bench.portal.say(SEARCH, answer(status=status, headers={"Retry-After": "7"}), GOOD)
    search(bench.client())
    (pause,) = [wait for wait in bench.clock.waits if wait > 1]
    assert 7 <= pause < 7.1
    assert len(bench.portal.asked(SEARCH)) == 2


def test_f10_the_moment_may_be_a_date(bench: Bench) -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    bench.portal.say(SEARCH, answer(status=429, headers={"Retry-After": moment}), GOOD)
    search(bench.client())
    assert 88 < max(bench.clock.waits) < 91


def test_f10_a_pause_longer_than_the_cap_is_not_waited_for(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(status=429, headers={"Retry-After": "3600"}))
    with pytest.raises(PortalUnavailable) as caught:
        search(bench.client())
    assert caught.value.retry_at is not None
    assert 3590 < (caught.value.retry_at - bench.clock.now()).total_seconds() <= 3600
    assert bench.clock.waits == []


def test_f10_the_pauses_of_a_run_have_a_budget(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(status=429, headers={"Retry-After": "100"}))
    with pytest.raises(PortalUnavailable, match="too many requests; given up after 3 tries"):
        search(bench.client(retry_after_budget=250))
    assert 200 < sum(bench.clock.waits) < 202


def test_f10_nobody_else_calls_on_that_account_meanwhile(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(status=429, headers={"Retry-After": "3600"}), GOOD)
    with pytest.raises(PortalUnavailable):
        search(bench.client())
    sent = len(bench.portal.requests)
    later = bench.client()
    with pytest.raises(PortalUnavailable, match="the portal asked for a pause") as caught:
        search(later)
    assert caught.value.retry_at is not None
    assert (len(bench.portal.requests), later.requests) == (sent, 0)


def test_f10_a_later_run_waits_for_what_is_left_of_the_pause(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(status=429, headers={"Retry-After": "3600"}), GOOD)
    with pytest.raises(PortalUnavailable):
        search(bench.client())
    bench.clock.skipped += 3570
    assert search(bench.client()) == 1
    assert 28 < max(bench.clock.waits) < 31


def test_f10_another_account_is_not_held(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(status=429, headers={"Retry-After": "3600"}), GOOD)
    with pytest.raises(PortalUnavailable):
        search(bench.client())
    other = type(CREDENTIALS)("client-7", CREDENTIALS.client_secret, "TECH_2@cpro.fr", "other password")
    assert search(ChorusClient(bench.transport(other))) == 1


def test_f10_the_connection_goes_slower_afterwards(bench: Bench) -> None:
    bench.portal.say(SEARCH, BUSY, BUSY, GOOD)
    client = bench.client(requests_per_second=10)
    search(client)
    bench.clock.waits.clear()
    search(client)
    assert bench.clock.waits[0] == pytest.approx(0.2, abs=0.19)


def test_f07_a_401_that_stays_stops_the_account_after_a_new_token(bench: Bench) -> None:
    challenge = {"WWW-Authenticate": 'Bearer realm="PISTE",error_description="login or password incorrects"'}
    bench.portal.say(SEARCH, answer(status=401, headers=challenge))
    client = bench.client()
    with pytest.raises(AccessRefused, match="HTTP 401, the login or password of the technical account"):
        search(client)
    with pytest.raises(AccessRefused):
        client.history(7)
    assert (len(bench.portal.asked(SEARCH)), len(bench.portal.asked(TOKEN))) == (2, 2)


def test_f07_other_failures_in_between_do_not_make_up_for_a_401(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(status=401), MAINTENANCE, answer(status=401))
    with pytest.raises(AccessRefused):
        search(bench.client())
    assert len(bench.portal.asked(SEARCH)) == 3


def test_f06_a_401_that_a_new_token_cures_is_nothing(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.portal.say(TOKEN, answer(example("token")), answer(example("token") | {"access_token": "second"}))
    bench.portal.say(SEARCH, answer(status=401), GOOD)
    client = bench.client()
    assert search(client) == 1
    assert bench.portal.asked(SEARCH)[1].headers["authorization"] == "Bearer second"
    assert caplog.records == []


def test_f06_a_401_now_and_then_never_stops_the_account(bench: Bench) -> None:
    bench.portal.say(SEARCH, *[answer(status=401), GOOD] * 5)
    client = bench.client()
    assert [search(client) for _ in range(5)] == [1] * 5


def test_f09_a_403_stops_the_account_at_once(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(status=403))
    client = bench.client()
    for _ in range(3):
        with pytest.raises(AccessRefused, match="subscription"):
            search(client)
    assert client.requests == 2


def test_f08_a_persistent_invalid_client_is_asked_five_times_and_never_again(bench: Bench) -> None:
    bench.portal.say(TOKEN, answer(example("token_refused"), status=400))
    client = bench.client()
    for _ in range(2):
        with pytest.raises(AccessRefused, match="client id or the client secret") as caught:
            search(client)
    assert (caught.value.operation, caught.value.code) == ("token", "invalid_client")
    assert (client.requests, bench.portal.asked(SEARCH)) == (5, [])


def test_f08_valid_credentials_that_piste_refuses_at_random_are_tried_again(bench: Bench) -> None:
    refused = answer(example("token_refused"), status=400)
    bench.portal.say(TOKEN, refused, refused, refused, refused, answer(example("token")))
    assert search(bench.client()) == 1


def test_f08_other_refusals_of_a_token_are_not_repeated(bench: Bench) -> None:
    bench.portal.say(TOKEN, answer({"error": "invalid_scope"}, status=400))
    client = bench.client()
    with pytest.raises(AccessRefused, match="invalid_scope"):
        search(client)
    assert client.requests == 1


def test_a_token_answer_without_token_names_what_is_missing(bench: Bench) -> None:
    bench.portal.say(TOKEN, answer({"token_type": "Bearer"}))
    with pytest.raises(UnexpectedAnswer, match="access_token"):
        search(bench.client())


@pytest.mark.parametrize("status", [400, 404, 413, 415])
def test_a_refused_request_is_not_repeated_and_the_next_one_is_sent(bench: Bench, status: int) -> None:
    bench.portal.say(SEARCH, answer(status=status))
    bench.portal.say(HISTORY, answer(example("history")))
    client = bench.client()
    with pytest.raises(UnexpectedAnswer, match=f"rechercher/fournisseur\\): HTTP {status}"):
        search(client)
    assert client.history(7).current == "SUSPENDUE"


def test_f04_stop_ends_a_pause_and_nothing_is_sent_any_more(bench: Bench) -> None:
    bench.portal.say(SEARCH, BUSY)
    bench.clock.on_wait = lambda seconds: bench.stop.set()
    client = bench.client()
    for _ in range(2):
        with pytest.raises(Stopped):
            search(client)
    assert len(bench.portal.asked(SEARCH)) == 1


def test_f04_stop_ends_a_real_pause_at_once(bench: Bench) -> None:
    def busy_and_stop(handler: Handler) -> None:
        bench.stop.set()
        BUSY(handler)

    bench.portal.say(SEARCH, busy_and_stop)
    client = ChorusClient(Transport(bench.portal.endpoints, CREDENTIALS, bench.limits(), bench.stop))
    started = time.monotonic()
    with pytest.raises(Stopped):
        search(client)
    assert time.monotonic() - started < 3


def test_s01_no_secret_reaches_a_message_or_a_log(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    echo = f"{CREDENTIALS.client_secret} {CREDENTIALS.password} {CREDENTIALS.cpro_account}".encode()
    texts = []
    for path in (TOKEN, SEARCH):
        for status in (200, 302, 400, 401, 403, 500):
            bench.portal.say(path, answer(echo, status=status, headers={"Location": "/" + CREDENTIALS.client_secret}))
            with pytest.raises((PortalUnavailable, AccessRefused, UnexpectedAnswer)) as caught:
                search(bench.client())
            texts.append(str(caught.value) + repr(caught.value) + str(caught.value.__dict__))
            bench.portal.say(path, answer(example("token")))
    seen = "".join(texts) + caplog.text
    assert "canary" not in seen
    assert CREDENTIALS.cpro_account not in seen
    assert example("token")["access_token"] not in seen


def test_the_log_has_operation_status_time_and_size(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "chorus.portal")
    search(bench.client())
    messages = [record.getMessage() for record in caplog.records if record.name == "chorus.portal"]
    assert messages[0].startswith("token answered HTTP 200 in ")
    assert messages[1].startswith("rechercher/fournisseur answered HTTP 200 in ")
    assert messages[1].endswith(" bytes")


def test_a_state_directory_that_cannot_be_used_is_a_matter_of_set_up(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    bench = Bench(portal, state_dir=tmp_path / "file")
    with pytest.raises(AccessRefused, match=r"directory of the limits that processes share .*file"):
        search(bench.client())
    assert portal.requests == []
