"""A portal that refuses, is down or talks nonsense in the middle of a run: F06 to F11, F15 to F19, as whole runs.

Each time one connection, or every one, meets the fault after its first page; then all is mended and the batch runs
again. The end equals that of a run that nothing disturbed.
"""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from batches.models import Run
from batches.outcomes import RunResult
from chorus.local_portal.faults import Fault
from chorus.local_portal.http.authentication import GatewayError
from chorus.local_portal.operations import RefusedError
from chorus.models import Invoice
from tests.chorus.portal.servers import HISTORY, SEARCH, TOKEN, portal_server
from tests.faults.portal_stage import Forbidden, Stage, assert_told, calls, snapshot, statuses

pytestmark = pytest.mark.wrong_traffic

TRIES = 7
ONE = {"path": SEARCH, "account": "TECH_BAD@cpro.fr", "after": 1}
"""A fault of the searches of BAD after its first page."""
ALL = {"path": SEARCH, "after": 1}
"""A fault of all searches after the first page of BAD."""
anyone = pytest.mark.parametrize("whom", [ONE, ALL], ids=["one connection", "every connection"])


def endure(stage: Stage, fault: Fault | dict[str, Any], *words: str) -> tuple[int, int]:
    """Run with the fault, then without it; return how often BAD asked for a token and searched in the first run."""
    expected = stage.undisturbed()
    stage.disturb(fault)
    result = stage.run()
    made = calls(stage, "BAD")
    assert_disturbed(result, fault, *words)
    kept = statuses()
    stage.mend()
    assert stage.run().exit_code == 0
    assert kept.items() <= statuses().items()
    assert snapshot() == expected
    return made


def assert_disturbed(result: RunResult, fault: Fault | dict[str, Any], *words: str) -> None:
    """BAD has kept its first page; GOOD was followed, unless the fault is for everybody."""
    account = fault.account if isinstance(fault, Fault) else fault.get("account")
    assert result.exit_code == (3 if account else 69)
    assert_told(result, ["BAD"] if account else ["BAD", "GOOD"], *words)
    assert {"G-0", "G-1"} & statuses().keys() == ({"G-0", "G-1"} if account else set())
    spared = 1 if isinstance(fault, Fault) else fault.get("after", 0)
    assert ("B-0" in statuses()) == bool(spared)


@pytest.mark.parametrize(
    ("status", "whom"), [(500, ONE), (502, ALL), (503, ONE), (504, ALL)], ids=["500", "502, all", "503", "504, all"]
)
def test_f11_a_portal_that_is_down_is_given_up_and_the_next_run_does_the_rest(
    stage: Stage, status: int, whom: dict[str, Any]
) -> None:
    fault = {"kind": "server-error", "status": status, **whom}
    made = endure(stage, fault, f"HTTP {status}, the portal is down", "given up after 7 tries", "nothing is lost")
    assert made == (1, 1 + TRIES)


def test_f11_a_token_service_that_is_down_is_given_up_like_the_portal(stage: Stage) -> None:
    made = endure(stage, {"kind": "server-error", "path": TOKEN}, "Chorus Pro (token): HTTP 503, the portal is down")
    assert made == (TRIES, 0)


@anyone
def test_f07_a_401_that_stays_stops_the_connection_before_the_account_is_locked(
    stage: Stage, whom: dict[str, Any]
) -> None:
    words = ["the login or password of the technical account is not accepted", "Correct the Chorus Pro connection"]
    tokens, searches = endure(stage, {"kind": "unauthorized", **whom}, *words)
    assert (tokens, searches - 1) == (2, 2)


@pytest.mark.parametrize("whom", [{"account": "bad"}, {}], ids=["one connection", "every connection"])
def test_f08_invalid_client_stops_the_connection_and_says_which_field(stage: Stage, whom: dict[str, Any]) -> None:
    made = endure(stage, {"kind": "invalid-client", **whom}, "PISTE does not accept the client id or the client secret")
    assert made == (5, 0)


@anyone
def test_f09_a_403_stops_the_connection_and_says_which_right_is_usually_missing(
    stage: Stage, whom: dict[str, Any]
) -> None:
    words = ["HTTP 403", "has no subscription to this API", "conditions of use", "lacks rights on the structure"]
    assert endure(stage, Forbidden(**whom), *words) == (1, 2)


@anyone
def test_f10_too_many_requests_are_waited_for_then_given_up(stage: Stage, whom: dict[str, Any]) -> None:
    began = stage.clock.skipped
    made = endure(stage, {"kind": "too-many", "retry-after": 100, **whom}, "too many requests", "not to be called")
    assert made == (1, 1 + 3)  # 300 s in all: the budget of a run
    assert stage.clock.skipped - began > 200


def test_f10_a_pause_that_is_too_long_is_not_waited_for_and_kept_by_the_next_runs(stage: Stage) -> None:
    fault = {"kind": "too-many", "retry-after": 3600, "times": 1, **ONE}
    expected = stage.undisturbed()
    stage.disturb(fault)
    assert_disturbed(stage.run(), fault, "too many requests", "not to be called before")
    made = calls(stage, "BAD")
    stage.clock.skipped += 600
    result = stage.run()
    assert_told(result, ["BAD"], "the portal asked for a pause")
    assert (result.exit_code, calls(stage, "BAD")) == (3, made)
    stage.clock.skipped += 3000
    assert stage.run().exit_code == 0
    assert snapshot() == expected


def test_f10_a_pause_that_the_portal_asks_for_is_kept_and_is_no_error(stage: Stage) -> None:
    expected = stage.undisturbed()
    stage.disturb({"kind": "too-many", "retry-after": 30, "times": 2, **ONE})
    assert stage.run().exit_code == 0
    moments = [at for at, path, account in stage.trace.passages if (path, account) == (SEARCH, "TECH_BAD@cpro.fr")]
    assert [after - before >= 30 for before, after in itertools.pairwise(moments)] == [
        *(False, True, True),  # the first page, the second one three times
        False,
    ]
    assert snapshot() == expected


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "truncated-body", **ONE}, "unreadable answer: it was cut off"),
        ({"kind": "reset", **ALL}, "connection lost"),
        ({"kind": "reset", "when": "after", **ONE}, "connection lost"),
    ],
    ids=["truncated", "reset, all", "reset after the call"],
)
def test_f15_answers_that_break_off_are_asked_for_again_and_then_given_up(
    stage: Stage, fault: dict[str, Any], words: str
) -> None:
    assert endure(stage, fault, words) == (1, 1 + TRIES)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "invalid-body", "form": "html", **ALL}, "unreadable answer, it begins with “<"),
        ({"kind": "invalid-body", "form": "cut", **ONE}, "unreadable answer, it begins with “{"),
        ({"kind": "invalid-body", "form": "not-utf-8", **ONE}, "unreadable answer, it begins with “{"),
        ({"kind": "empty-body", **ONE}, "empty answer"),
    ],
    ids=["HTML, all", "cut", "not UTF-8", "empty"],
)
def test_f16_nonsense_is_asked_for_again_and_then_given_up(stage: Stage, fault: dict[str, Any], words: str) -> None:
    assert endure(stage, fault, words) == (1, 1 + TRIES)


@pytest.mark.parametrize(
    "passing",
    [
        {"kind": "server-error"},
        {"kind": "too-many"},
        {"kind": "truncated-body"},
        {"kind": "reset"},
        {"kind": "invalid-body", "form": "html"},
        {"kind": "empty-body"},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_f10_f11_f15_f16_what_a_retry_cures_is_no_error(stage: Stage, passing: dict[str, Any]) -> None:
    expected = stage.undisturbed()
    stage.disturb({"path": "/cpro/*", "times": 3, **passing}, {"path": TOKEN, "times": 1, **passing})
    assert stage.run().exit_code == 0
    assert not Run.objects.latest("pk").log_lines.filter(level__in=["WARN", "ERROR"]).exists()
    assert snapshot() == expected


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip bomb"])
def test_f18_a_huge_answer_is_not_read_to_its_end(stage: Stage, packed: bool) -> None:
    fault = {"kind": "huge-body", "megabytes": 17, "packed": packed, **ONE}
    assert endure(stage, fault, "unreadable answer: longer than 16777216 bytes") == (1, 1 + TRIES)


@pytest.mark.parametrize(
    ("path", "status"), [(SEARCH, 307), (SEARCH, 302), (TOKEN, 308)], ids=["search, 307", "search, 302", "token, 308"]
)
def test_f19_s10_a_redirect_is_refused_and_its_target_hears_nothing(stage: Stage, path: str, status: int) -> None:
    with portal_server() as elsewhere:
        fault = {"kind": "redirect", "to": elsewhere.url + path, "status": status, "path": path}
        made = endure(stage, fault, f"HTTP {status}, redirect to 127.0.0.1 refused")
        assert elsewhere.requests == []
    assert made == ((1, 1) if path == SEARCH else (1, 0))


class RedirectedNumber(Fault):
    """A redirect of the searches for one invoice."""

    kind = "redirected-number"

    def asked(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("numeroFacture"):
            raise GatewayError(307)
        return body


def test_f19_s21_a_portal_that_begins_to_redirect_is_not_asked_for_one_invoice_after_the_other(stage: Stage) -> None:
    for place in range(5, 25):
        stage.deposit(stage.company("BAD"), f"B-{place}")
    stage.run()
    reopened = Invoice.objects.filter(company__code="BAD")[:5].values("pk")
    Invoice.objects.filter(pk__in=reopened).update(tracking_reopened=True, ask_by_number=True)
    stage.trace.passages.clear()
    stage.disturb(RedirectedNumber(path=SEARCH))
    assert_told(stage.run(), ["BAD"], "HTTP 307, redirect to another path refused")
    assert calls(stage, "BAD")[1] <= 2 + 1  # the changes, a total to compare with, and the first of the five


class Refused(Fault):
    """codeRetour 20001 to each question of this kind, or to the one about an invoice number."""

    kind = "refused"
    number = ""

    def asked(self, body: dict[str, Any]) -> dict[str, Any]:
        if self.number in (body.get("numeroFacture", ""), ""):
            raise RefusedError(20001, "GDP_MSG_11.005 - Aucun espace ne correspond")
        return body


class RefusedNumber(Refused):
    number = "B-2"


def test_f17_a_refusal_of_the_portal_is_an_error_of_its_connection_in_the_portals_words(stage: Stage) -> None:
    expected = stage.undisturbed()
    stage.disturb(Refused(path=SEARCH))
    result = stage.run()
    assert result.exit_code == 3  # who refuses works
    assert_told(result, ["BAD", "GOOD"], "GDP_MSG_11.005 - Aucun espace ne correspond")
    assert calls(stage, "BAD") == (1, 1)
    stage.mend()
    assert stage.run().exit_code == 0
    assert snapshot() == expected


def test_f17_f26_a_refusal_about_one_invoice_is_an_error_of_that_invoice_alone(stage: Stage) -> None:
    stage.run()
    for number in ("B-2", "G-0"):
        Invoice.objects.filter(number=number).update(ask_by_number=True, tracking_reopened=True)
    stage.disturb(RefusedNumber(path=SEARCH))
    stage.clock.skipped += 1
    later = stage.deposit(stage.company("GOOD"), "G-7")
    result = stage.run()
    assert [(error.company, error.invoice) for error in result.errors] == [("BAD", "B-2")]
    assert (result.exit_code, statuses()["G-7"]) == (3, "DEPOSEE")
    assert "GDP_MSG_11.005" in result.errors[0].message
    stage.mend()
    stage.move(later, "MANDATEE")
    assert (stage.run().exit_code, statuses()["G-7"]) == (0, "MANDATEE")


class StumblingOverNumber(Fault):
    """HTTP 500 to each search for one invoice number."""

    kind = "stumbling"

    def asked(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("numeroFacture") == "B-2":
            raise GatewayError(500)
        return body


def test_f11_f26_an_invoice_that_the_portal_stumbles_over_holds_up_nobody(stage: Stage) -> None:
    stage.run()
    Invoice.objects.filter(number__in=["B-2", "B-4"]).update(ask_by_number=True, tracking_reopened=True)
    stage.disturb(StumblingOverNumber(path=SEARCH))
    result = stage.run()
    assert [(error.company, error.invoice, result.exit_code) for error in result.errors] == [("BAD", "B-2", 3)]
    assert Invoice.objects.filter(ask_by_number=True).get().number == "B-2"
    stage.mend()
    assert stage.run().exit_code == 0
    assert not Invoice.objects.filter(ask_by_number=True).exists()


def test_f17_a_reason_that_the_portal_refuses_to_tell_is_asked_for_again(stage: Stage) -> None:
    expected = stage.undisturbed()
    stage.disturb(Refused(path=HISTORY))
    result = stage.run()
    assert [(error.company, error.invoice) for error in result.errors] == [("BAD", "B-3")]
    assert (result.exit_code, statuses()["B-3"]) == (3, "SUSPENDUE")
    assert "the buyer's reason could not be read" in result.errors[0].message
    stage.mend()
    assert stage.run().exit_code == 0
    assert snapshot() == expected


def test_f06_a_token_that_dies_in_the_middle_of_a_run_is_renewed_and_no_error(stage: Stage) -> None:
    expected = stage.undisturbed()
    stage.disturb({"kind": "dying-token", "calls": 2})
    result = stage.run()
    assert (result.exit_code, calls(stage, "BAD")[0]) == (0, 2)
    assert not Run.objects.latest("pk").log_lines.filter(level__in=["WARN", "ERROR"]).exists()
    assert snapshot() == expected


def test_f06_a_token_is_renewed_a_minute_before_it_ends(stage: Stage) -> None:
    stage.run()
    stage.clock.skipped += 3600 - 60 - 30
    stage.run()
    assert calls(stage, "GOOD")[0] == 1
    stage.clock.skipped += 30
    stage.deposit(stage.company("GOOD"), "G-7")
    stage.run()
    assert calls(stage, "GOOD")[0] == 2


def test_f17_a_history_that_the_portal_refuses_costs_no_status(stage: Stage) -> None:
    """Where the ERP has another number than the portal, the Chorus id leads to the invoice, the history to its date."""
    stage.run()
    renamed = {"number": "ERP-2", "ask_by_number": True, "chorus_status": "", "chorus_status_at": None}
    Invoice.objects.filter(number="B-2").update(**renamed)
    stage.disturb(Refused(path=HISTORY))
    stage.run()
    found = Invoice.objects.get(number="ERP-2")
    assert (found.chorus_status, found.missing_since) == ("MANDATEE", None)
