import dataclasses
from typing import Any

import pytest

from chorus.local_portal.faults import KINDS, Fault, FaultError, Latency, StateHostError, parse_json, parse_text
from chorus.local_portal.faults.refusals import TooMany
from tests.chorus.local_portal.client import SEARCH

WRITTEN = f"kind=too-many,retry-after=5,path={SEARCH},account=TECH_1_00001@cpro.fr,rate=0.25,times=3,after=2,seed=7"
ASKED = {
    "kind": "too-many",
    "path": SEARCH,
    "account": "TECH_1_00001@cpro.fr",
    "rate": 0.25,
    "times": 3,
    "after": 2,
    "seed": 7,
    "retry-after": 5,
    "form": "seconds",
}
NEEDED = {"latency": "ms=1", "page-cap": "rows=1", "total-cap": "rows=1", "dying-token": "calls=1", "redirect": "to=/x"}


def test_a_fault_is_the_same_from_a_text_from_json_and_in_python() -> None:
    fault = TooMany(
        retry_after=5, path=SEARCH, account="TECH_1_00001@cpro.fr", rate=0.25, times=3, after=2, seed=7, form="seconds"
    )
    assert parse_text(WRITTEN) == parse_json(ASKED) == fault
    assert fault.as_json() == ASKED


def test_blanks_around_names_and_values_do_not_matter() -> None:
    assert parse_text(" kind = latency , ms = 20 ") == Latency(ms=20)


def test_a_text_of_digits_stays_a_text_where_one_is_due() -> None:
    assert parse_text("kind=latency,ms=20,account=12345").account == "12345"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_asked_for_and_is_shown_as_it_was(kind: str) -> None:
    written = f"kind={kind},{NEEDED[kind]}" if kind in NEEDED else f"kind={kind}"
    fault = parse_text(written)
    assert fault.kind == kind
    assert parse_json(fault.as_json()) == fault
    assert type(fault).__doc__


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("", "'' is not name=value, as in kind=too-many,retry-after=5,times=3"),
        ("too-many", "'too-many' is not name=value"),
        ("kind=too-many,", "'' is not name=value"),
        ("kind=too-many,times=1,times=2", "times is given twice"),
        ("times=1", "a fault is an object with a kind, and that is one of latency, page-cap"),
        ("kind=429", "kind: '429' is not one of latency, page-cap"),
        ("kind=latency", "latency: ms is missing; accepted are account, path, rate, times, after, seed, ms"),
        ("kind=reset,ms=5", "reset: 'ms' is not known; accepted are account, path, rate, times, after, seed, when"),
        ("kind=reset,as_json=5", "reset: 'as_json' is not known"),
        ("kind=latency,ms=soon", "latency: ms: a whole number is due, not a text"),
        ("kind=latency,ms=0", "latency: ms: 0 is not between 1 and 3600000"),
        ("kind=latency,ms=1.5", "latency: ms: a whole number is due"),
        ("kind=latency,ms=" + "[" * 100_000, "latency: ms: a whole number is due"),
        ("kind=reset,rate=0", "reset: rate: 0 is not a number above 0 and up to 1"),
        ("kind=reset,rate=1.1", "reset: rate: 1.1 is not a number above 0 and up to 1"),
        ("kind=reset,rate=NaN", "reset: rate: nan is not a number above 0"),
        ("kind=reset,rate=true", "reset: rate: True is not a number above 0"),
        ("kind=reset,times=0", "reset: times: 0 is not between 1"),
        ("kind=reset,when=never", "reset: when: 'never' is not one of before, after"),
        ("kind=server-error,status=501", "server-error: status: 501 is not one of 500, 502, 503, 504"),
        ("kind=too-many,form=iso", "too-many: form: 'iso' is not one of seconds, date"),
        ("kind=too-many,retry-after=-1", "too-many: retry-after: -1 is not between 0"),
        ("kind=huge-body,packed=yes", "huge-body: packed: true or false is due"),
        ("kind=dying-token", "dying-token: seconds or calls is missing"),
        ("kind=redirect,to=ftp://127.0.0.1/", "redirect: to: 'ftp://127.0.0.1/' is neither an http address nor a path"),
        ("kind=redirect,to=//127.0.0.1/", "is neither an http address nor a path that begins with /"),
        ("kind=redirect,to=http://", "is neither an http address"),
        ("kind=redirect,to=http://[::1/", "is neither an http address"),
        ("kind=redirect,to=/a\r\nSet-Cookie: b=c", "is neither an http address"),
        ("kind=reset,account=", "reset: account: the text is empty"),
        ("kind=reset,path=/cpro/unknown", "reset: path: '/cpro/unknown' is none of /api/oauth/token, /cpro/factures"),
        ("kind=reset,path=/unknown/*", "reset: path: '/unknown/*' is none of"),
        (f"kind=invalid-client,path={SEARCH}", "is none of /api/oauth/token; the last character may be *"),
        ("kind=unauthorized,path=/api/oauth/token", "unauthorized: path: '/api/oauth/token' is none of /cpro/"),
    ],
)
def test_a_fault_that_cannot_be_had_is_refused_with_what_is_accepted(written: str, problem: str) -> None:
    with pytest.raises(FaultError) as raised:
        parse_text(written)
    assert problem in str(raised.value)


@pytest.mark.parametrize("asked", [None, [], "reset", {}, {"kind": 1}, {"kind": "reset", "times": "3"}, {"kind": []}])
def test_json_that_is_no_fault_is_refused(asked: Any) -> None:
    with pytest.raises(FaultError):
        parse_json(asked)


@pytest.mark.parametrize(
    "target",
    [
        "https://api.piste.gouv.fr/cpro",
        "https://SANDBOX-OAUTH.PISTE.GOUV.FR./api",
        "http://portail.chorus-pro.gouv.fr:80/",
        "http://user@chorus-pro.gouv.fr/",
        "https://x.aife.economie.gouv.fr",
        "http://api.piste%2Egouv.fr/",
    ],
)
def test_nobody_is_sent_to_the_state_s_platforms(target: str) -> None:
    with pytest.raises(StateHostError, match="is the State's; name another server"):
        parse_text(f"kind=redirect,to={target}")


def test_a_fault_cannot_be_changed_once_it_is_made() -> None:
    fault: Fault = Latency(ms=20)
    with pytest.raises(dataclasses.FrozenInstanceError):
        fault.times = 3  # type: ignore[misc]
