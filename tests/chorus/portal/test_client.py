"""The operations, each over a real socket, and what is sent held against the portal's contract."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chorus.portal.client import ChorusClient
from chorus.portal.errors import PortalUnavailable, UnexpectedAnswer
from chorus.portal.messages import InvoiceStatus, Search
from tests.chorus.portal.servers import HEALTH, HISTORY, INVOICE, SEARCH, Bench, answer, example
from tests.chorus.portal.test_structures import FIND, READ

CHECKER = Path(__file__).parents[4] / "shared" / "contract" / "check_traffic.py"


def everything(bench: Bench) -> ChorusClient:
    bench.portal.say(INVOICE, answer(example("invoice")))
    bench.portal.say(HISTORY, answer(example("history")))
    bench.portal.say(HEALTH, answer(example("health_check")))
    bench.portal.say(FIND, answer({"codeRetour": 0, "libelle": "TRA_MSG_00.000"}))
    bench.portal.say(READ, answer({"codeRetour": 0, "libelle": "TRA_MSG_00.000"}))
    client = bench.client()
    client.search(Search(datetime(2026, 10, 8, tzinfo=UTC), datetime(2026, 10, 9, tzinfo=UTC), "F-7", "CPP1"), 2, 500)
    client.search(Search(), 1, 10)
    client.invoice(4321098)
    client.history(4321098)
    client.health_check()
    client.structure_id("33254021516357")
    client.password_ends_on(26073617)
    return client


def test_each_operation_is_one_request_and_the_token_is_counted(bench: Bench) -> None:
    client = everything(bench)
    asked = [request.path for request in bench.portal.requests[1:]]
    assert asked == [SEARCH, SEARCH, INVOICE, HISTORY, HEALTH, FIND, READ]
    assert client.requests == len(bench.portal.requests) == 8


def test_a_page_is_asked_for_by_number_and_size(bench: Bench) -> None:
    bench.client().search(Search(number="F-7"), page=2, page_size=500)
    body = json.loads(bench.portal.asked(SEARCH)[0].body)
    assert body["numeroFacture"] == "F-7"
    assert body["rechercheFactureParFournisseur"]["pageResultatDemandee"] == 2
    assert body["rechercheFactureParFournisseur"]["nbResultatsParPage"] == 500


def test_no_result_is_no_error(bench: Bench) -> None:
    bench.portal.say(SEARCH, answer(example("search_no_result")))
    assert bench.client().search(Search(), 1, 10).total == 0


def test_one_invoice_is_asked_for_by_its_chorus_id(bench: Bench) -> None:
    bench.portal.say(INVOICE, answer(example("invoice")))
    assert bench.client().invoice(4321098) == InvoiceStatus(4321098, "F-2026-042", "SUSPENDUE")
    assert json.loads(bench.portal.asked(INVOICE)[0].body) == {"identifiantFactureCPP": 4321098}


def test_a_history_gives_the_buyers_reason(bench: Bench) -> None:
    bench.portal.say(HISTORY, answer(example("history")))
    assert bench.client().history(4321098).reason_for("SUSPENDUE") == "Pièce justificative manquante"


def test_the_health_check_is_a_get_with_the_technical_account(bench: Bench) -> None:
    bench.portal.say(HEALTH, answer(example("health_check")))
    bench.client().health_check()
    (request,) = bench.portal.asked(HEALTH)
    assert (request.method, request.body) == ("GET", "")
    assert request.headers["cpro-account"]


def test_a_portal_that_says_it_is_not_well_fails_the_health_check(bench: Bench) -> None:
    bench.portal.say(HEALTH, answer({"statusCode": "KO", "body": "maintenance"}))
    with pytest.raises(PortalUnavailable, match="maintenance"):
        bench.client().health_check()


@pytest.mark.parametrize("ask", [lambda client: client.invoice(7), lambda client: client.history(7)])
def test_f17_a_refusal_is_an_error_with_the_portals_code_and_the_connection_lives_on(
    bench: Bench, ask: Callable[[ChorusClient], object]
) -> None:
    for path in (INVOICE, HISTORY):
        bench.portal.say(path, answer(example("refused")))
    client = bench.client()
    with pytest.raises(UnexpectedAnswer, match=r"GDP_MSG_11\.008 - La demande de paiement n'existe pas"):
        ask(client)
    assert client.search(Search(), 1, 10).total == 1


@pytest.mark.skipif(not CHECKER.exists(), reason="the checker of the contract is not on this machine")
def test_what_is_sent_keeps_to_the_portals_contract(bench: Bench, tmp_path: Path) -> None:
    everything(bench)
    recorded = tmp_path / "traffic.jsonl"
    recorded.write_text("".join(json.dumps(exchange(request)) + "\n" for request in bench.portal.requests))
    exchanges, findings = checker().check_file(recorded, side="request")
    assert exchanges == 8
    assert findings == []


def exchange(request: Any) -> dict[str, Any]:
    body = json.loads(request.body) if request.body.startswith("{") else request.body or None
    return {"method": request.method, "path": request.path, "request_headers": request.headers, "request_body": body}


def checker() -> Any:
    spec = importlib.util.spec_from_file_location("check_traffic", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["check_traffic"] = module
    spec.loader.exec_module(module)
    return module
