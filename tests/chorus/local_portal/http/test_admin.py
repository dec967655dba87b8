import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from chorus.local_portal.faults import Faults
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.seed import DEFAULT_SEED, load_seed
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import SEARCH, SUPPLIER_LOGIN, TREAT, Client
from tests.chorus.local_portal.faults.test_refusals import INVOICE, MANDATE, status
from tests.chorus.local_portal.http import wire

pytestmark = pytest.mark.wrong_traffic

FAULTS, RESET = "/admin/faults", "/admin/reset"
TOO_MANY = {"kind": "too-many", "retry-after": 5, "path": SEARCH, "account": SUPPLIER_LOGIN, "times": 3}


@pytest.fixture
def seed(tmp_path: Path) -> Path:
    seed = tmp_path / "seed.json"
    seed.write_bytes(DEFAULT_SEED.read_bytes())
    return seed


@pytest.fixture
def portal(store: Store, seed: Path) -> Iterator[LocalPortal]:
    with LocalPortal(store, faults=Faults(seed=7), seed=seed) as portal:
        yield portal


def ask(portal: LocalPortal, method: str, path: str, body: Any = None, **headers: str) -> requests.Response:
    return requests.request(method, portal.url + path, json=body, headers=headers, timeout=10)


def test_faults_are_added_shown_and_cleared_without_any_credentials(portal: LocalPortal, client: Client) -> None:
    assert ask(portal, "GET", FAULTS).json() == {"seed": 7, "faults": []}
    added = ask(portal, "POST", FAULTS, [TOO_MANY, {"kind": "reset", "rate": 0.5, "after": 100}])
    shown = [{**TOO_MANY, "form": "seconds", "hit": 0}, {"kind": "reset", "rate": 0.5, "after": 100, "when": "before"}]
    assert (added.status_code, added.json()["faults"]) == (200, [shown[0], {**shown[1], "hit": 0}])
    assert client.post(SEARCH, {}).headers["Retry-After"] == "5"
    assert ask(portal, "GET", FAULTS).json()["faults"][0]["hit"] == 1
    assert ask(portal, "DELETE", FAULTS, {}).json() == {"seed": 7, "faults": []}
    assert client.post(SEARCH, {}).status_code == 200


def test_what_is_shown_may_be_asked_for_again(portal: LocalPortal) -> None:
    shown = ask(portal, "POST", FAULTS, [TOO_MANY]).json()["faults"]
    for fault in shown:
        fault.pop("hit")
    assert ask(portal, "POST", FAULTS, shown).status_code == 200


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"kind": "reset"}, "Send a list of faults, as ["),
        (None, "Send a list of faults, as ["),
        ([{"kind": "reset"}, {"kind": "?"}], "kind: '?' is not one of latency, page-cap"),
        ([{"kind": "latency", "ms": "20"}], "latency: ms: a whole number is due, not a text"),
        ([{"kind": "redirect", "to": "https://api.piste.gouv.fr/"}], "redirect: to: api.piste.gouv.fr is the State's"),
    ],
)
def test_faults_that_cannot_be_had_are_refused_all_together(portal: LocalPortal, body: Any, problem: str) -> None:
    answer = requests.post(
        portal.url + FAULTS, data=json.dumps(body), headers={"Content-Type": "application/json"}, timeout=10
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json;charset=utf-8")
    assert answer.json()["error"].startswith(problem)
    assert portal.faults.as_json() == []


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000], ids=["cut", "not utf-8", "deep"])
def test_what_is_not_json_is_refused(portal: LocalPortal, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = requests.post(portal.url + FAULTS, data=content, headers=headers, timeout=10)
    assert (answer.status_code, "Send a list of faults" in answer.json()["error"]) == (400, True)


@pytest.mark.parametrize(("method", "path"), [("POST", FAULTS), ("DELETE", FAULTS), ("POST", RESET)])
@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_page_of_another_site_cannot_give_orders_by_a_form(
    portal: LocalPortal, store: Store, method: str, path: str, content_type: str
) -> None:
    store.set_status(INVOICE, "REJETEE")
    headers = {"Content-Type": content_type}
    answer = requests.request(method, portal.url + path, data='[{"kind": "reset"}]', headers=headers, timeout=10)
    assert (answer.status_code, answer.json()) == (
        415,
        {"error": "Send JSON, with Content-Type: application/json"},
    )
    assert (portal.faults.as_json(), status(store)) == ([], "REJETEE")


def test_a_browser_that_asks_first_is_not_allowed_to_give_orders(portal: LocalPortal) -> None:
    asked = {"Origin": "https://example.org", "Access-Control-Request-Method": "DELETE"}
    answer = ask(portal, "OPTIONS", FAULTS, **asked)
    assert not answer.ok
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("host", ["example.org", "127.0.0.1.example.org", "", "[::1", "192.0.2.1:8100"])
@pytest.mark.parametrize(("method", "path"), [("GET", FAULTS), ("POST", RESET)])
def test_a_name_that_is_only_made_to_resolve_to_this_machine_is_refused(
    portal: LocalPortal, method: str, path: str, host: str
) -> None:
    answer = ask(portal, method, path, {}, Host=host)
    assert answer.status_code in (400, 403)
    if host != "":
        assert answer.text == "Call this server by the address that it said at its start.\n"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:80", "127.0.0.1", "[::1]:1"])
def test_this_machine_is_known_by_its_own_names(portal: LocalPortal, host: str) -> None:
    assert ask(portal, "GET", FAULTS, Host=host).status_code == 200


def test_where_other_machines_may_call_any_name_will_do(store: Store) -> None:
    with LocalPortal(store, host="0.0.0.0") as portal:  # noqa: S104 - that is the case
        assert not portal.is_for_this_machine
        assert portal.url.startswith("http://127.0.0.1:")
        assert requests.get(portal.url + FAULTS, headers={"Host": "portal.example"}, timeout=10).status_code == 200


def test_the_loopback_of_ipv6_is_this_machine_too(store: Store) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with LocalPortal(store, host="::1") as portal:
        assert portal.is_for_this_machine
        assert requests.get(portal.url + FAULTS, timeout=10).status_code == 200
        assert requests.get(portal.url + FAULTS, headers={"Host": "example.org"}, timeout=10).status_code == 403


def test_a_reset_goes_back_to_the_seed_and_keeps_tokens_and_faults(portal: LocalPortal, buyer: Client) -> None:
    ask(portal, "POST", FAULTS, [{"kind": "unknown-keys"}])
    buyer.post(TREAT, MANDATE)
    before = portal.store.status_changes(INVOICE)
    assert ask(portal, "POST", RESET, {}).json() == {"reset": True}
    assert status(portal.store) == "MISE_A_DISPOSITION"
    assert portal.store.status_changes(INVOICE) == before[:-1]
    assert buyer.post(TREAT, MANDATE).json()["nouveauStatut"] == "MANDATEE"
    assert [fault["kind"] for fault in portal.faults.as_json()] == ["unknown-keys"]


def test_a_reset_needs_no_body(portal: LocalPortal) -> None:
    answer = requests.post(portal.url + RESET, headers={"Content-Type": "application/json"}, timeout=10)
    assert answer.status_code == 200


def test_a_reset_of_a_scenario_begins_it_anew(store: Store, seed: Path) -> None:
    with LocalPortal(store, seed=seed, scenario="steady", scenario_seed=3) as portal:
        planned = store.rows("SELECT invoice_id, status FROM planned_moves ORDER BY invoice_id")
        assert planned
        ask(portal, "POST", RESET, {})
        assert store.rows("SELECT invoice_id, status FROM planned_moves ORDER BY invoice_id") == planned


def test_a_seed_that_cannot_be_used_any_more_leaves_everything_as_it_was(
    portal: LocalPortal, buyer: Client, seed: Path
) -> None:
    buyer.post(TREAT, MANDATE)
    seed.write_text('{"invoices": [{"number": 1}]}', encoding="utf-8")
    answer = ask(portal, "POST", RESET, {})
    assert answer.status_code == 409
    assert answer.json()["error"] == f"Nothing was changed. {seed}: invoices[0].number: a text is due, not a number"
    assert status(portal.store) == "MANDATEE"


def test_without_a_seed_there_is_no_way_back(store: Store) -> None:
    with LocalPortal(store) as portal:
        answer = ask(portal, "POST", RESET, {})
    assert (answer.status_code, answer.json()["error"]) == (
        409,
        "There is no way back: this server was not started from a seed file",
    )


def test_orders_are_neither_recorded_nor_hit_by_faults(portal: LocalPortal) -> None:
    ask(portal, "POST", FAULTS, [{"kind": "reset"}])
    assert ask(portal, "GET", FAULTS).json()["faults"][0]["hit"] == 0
    assert portal.recorder.last(10) == []


def test_an_order_that_does_not_exist_is_404_without_credentials(portal: LocalPortal) -> None:
    assert ask(portal, "GET", "/admin/unknown").status_code == 404
    assert wire.send(portal.url, b"GET /admin/../cpro/ HTTP/1.0\r\n\r\n").head.startswith("HTTP/1.1 404")


def test_a_state_in_a_file_goes_back_to_the_seed_as_well(tmp_path: Path, seed: Path) -> None:
    with Store(tmp_path / "state.sqlite3") as store:
        load_seed(seed, store)
        with LocalPortal(store, seed=seed) as portal:
            store.set_status(INVOICE, "REJETEE")
            assert ask(portal, "POST", RESET, {}).status_code == 200
    with Store(tmp_path / "state.sqlite3") as store:
        assert status(store) == "MISE_A_DISPOSITION"
