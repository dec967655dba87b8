from __future__ import annotations

import threading
from urllib.parse import parse_qs

import pytest

from akuiteo.masking import masker
from chorus.portal.auth import Authenticator, Token, authenticator_for, build_token_request, parse_token
from chorus.portal.client import ChorusClient
from chorus.portal.connection import Credentials, Endpoints
from chorus.portal.errors import Stopped, UnexpectedAnswer
from chorus.portal.messages import Search
from tests.chorus.portal.servers import CREDENTIALS, SEARCH, TOKEN, Bench, FakeClock, answer, example


def test_the_form_is_that_of_client_credentials() -> None:
    assert parse_qs(build_token_request(CREDENTIALS).decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["client-7"],
        "client_secret": ["canary/secret&1"],
        "scope": ["openid"],
    }


@pytest.mark.parametrize(
    ("expires_in", "usable_for"),
    [(3600, 3540), (61, 1), (60, 30), ("3600", 3540), (None, 3540), ("soon", 3540), ([], 3540)],
)
def test_a_token_is_kept_until_60_seconds_before_it_ends(expires_in: object, usable_for: float) -> None:
    token = parse_token({"access_token": "abc", "expires_in": expires_in}, asked_at=1000)
    assert token == Token("abc", 1000 + usable_for)


@pytest.mark.parametrize("value", [None, "", "  ", 7, "a\r\nX-Injected: b", "é"])
def test_a_token_that_cannot_be_sent_is_an_error_that_names_it(value: object) -> None:
    with pytest.raises(UnexpectedAnswer, match="no usable access_token"):
        parse_token({"access_token": value}, asked_at=0)


def test_a_token_shows_nothing_of_itself() -> None:
    assert "abc" not in repr(Token("abc", 0))


def test_one_token_serves_many_calls_and_clients_of_the_process(bench: Bench) -> None:
    for client in (bench.client(), bench.client()):
        client.search(Search(), 1, 10)
        client.search(Search(), 2, 10)
    assert len(bench.portal.asked(TOKEN)) == 1
    assert len(bench.portal.asked(SEARCH)) == 4


def test_f06_a_token_that_is_about_to_end_is_renewed_without_a_refusal(bench: Bench) -> None:
    client = bench.client()
    client.search(Search(), 1, 10)
    bench.clock.skipped += 3539
    client.search(Search(), 1, 10)
    assert len(bench.portal.asked(TOKEN)) == 1
    bench.clock.skipped += 1
    client.search(Search(), 1, 10)
    assert len(bench.portal.asked(TOKEN)) == 2


def test_another_application_or_secret_has_its_own_token() -> None:
    here = Endpoints("http://a/token", "http://a")
    assert authenticator_for(here, CREDENTIALS) is authenticator_for(here, CREDENTIALS)
    changed = Credentials("client-7", "corrected", "TECH", "password")
    assert authenticator_for(here, CREDENTIALS) is not authenticator_for(here, changed)


def test_threads_that_need_a_token_together_fetch_one(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(example("search_one_invoice")))
    client = bench.client(concurrency=4)
    threads = [threading.Thread(target=client.search, args=(Search(), 1, 10)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bench.portal.asked(TOKEN)) == 1
    assert client.requests == 5


def test_a_refused_token_is_forgotten_only_while_it_is_the_current_one() -> None:
    authenticator = Authenticator()
    values = iter(["first", "second"])

    def current() -> str:
        return authenticator.current(lambda: Token(next(values), float("inf")), FakeClock(), threading.Event())

    assert current() == "first"
    authenticator.forget("first")
    assert current() == "second"
    authenticator.forget("first")
    assert current() == "second"


def test_who_waits_for_another_threads_token_can_be_stopped() -> None:
    authenticator, fetching, end, stop = Authenticator(), threading.Event(), threading.Event(), threading.Event()

    def fetch_slowly() -> Token:
        fetching.set()
        end.wait(10)
        return Token("late", float("inf"))

    thread = threading.Thread(target=authenticator.current, args=(fetch_slowly, FakeClock(), threading.Event()))
    thread.start()
    fetching.wait(10)
    stop.set()
    with pytest.raises(Stopped):
        authenticator.current(fetch_slowly, FakeClock(), stop)
    end.set()
    thread.join()


def test_the_technical_account_is_sent_in_its_own_header(bench: Bench) -> None:
    ChorusClient(bench.transport()).search(Search(), 1, 10)
    headers = bench.portal.asked(SEARCH)[0].headers
    assert headers["cpro-account"] == "VEVDSF8xXzAwMDAxQGNwcm8uZnI6Y2FuYXJ5OnBhc3Mgd8O2cmQ="
    assert "cpro-account" not in bench.portal.asked(TOKEN)[0].headers


def test_s01_a_token_is_masked_from_the_moment_it_is_read() -> None:
    parse_token({"access_token": "canary-of-the-token", "expires_in": 3600}, asked_at=0.0)
    assert "canary" not in masker.mask("the portal echoed canary-of-the-token")
