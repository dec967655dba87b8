"""The faults that answer in place of the portal, as a client meets them."""

import datetime
from email.utils import parsedate_to_datetime

import pytest
import requests

from chorus.local_portal.faults import Faults, parse_text
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.seed import DEFAULT_SEED, load_seed
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import HEALTH_CHECK, SEARCH, TOKEN, TREAT, Client

pytestmark = pytest.mark.wrong_traffic

FORM = {"grant_type": "client_credentials", "client_id": "local", "client_secret": "local-secret"}
INVOICE = 4321008
MANDATE = {"idFacture": INVOICE, "nouveauStatut": "MANDATEE"}


def go_wrong(portal: LocalPortal, *faults: str) -> None:
    portal.faults.add(parse_text(fault) for fault in faults)


def status(store: Store) -> str:
    return str(store.invoice(INVOICE)["status"])


def test_too_many_calls_get_429_with_the_seconds_to_wait(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=too-many,retry-after=5")
    answer = client.post(SEARCH, {})
    assert (answer.status_code, answer.headers["Retry-After"], answer.content) == (429, "5", b"")


def test_too_many_calls_get_429_with_the_date_to_wait_for(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=too-many,retry-after=60,form=date")
    answer = client.post(SEARCH, {})
    again, sent = (parsedate_to_datetime(answer.headers[name]) for name in ("Retry-After", "Date"))
    # A second may begin between the two.
    assert again - sent in (datetime.timedelta(seconds=60), datetime.timedelta(seconds=59))


def test_on_a_faster_clock_the_date_to_wait_for_is_still_one_by_which_clients_wait() -> None:
    start = datetime.datetime(2040, 1, 1, tzinfo=datetime.UTC)
    with Store(clock=Clock(speed=1.001, start=start)) as store:
        load_seed(DEFAULT_SEED, store)
        with LocalPortal(store, faults=Faults([parse_text("kind=too-many,retry-after=60,form=date")])) as portal:
            answer = requests.get(portal.url + HEALTH_CHECK, timeout=10)
    assert parsedate_to_datetime(answer.headers["Date"]).year == 2040
    assert parsedate_to_datetime(answer.headers["Retry-After"]).year < 2040


def test_the_date_of_answers_is_this_machine_s_where_the_clock_is_not_faster(client: Client) -> None:
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    date = parsedate_to_datetime(client.post(SEARCH, {}).headers["Date"])
    assert before <= date <= datetime.datetime.now(datetime.UTC)


def test_429_without_a_word_on_how_long_to_wait(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=too-many")
    answer = client.post(SEARCH, {})
    assert answer.status_code == 429
    assert "Retry-After" not in answer.headers


def test_right_credentials_are_refused_like_wrong_ones(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=invalid-client")
    refused = requests.post(portal.url + TOKEN, data=FORM, timeout=10)
    wrong = requests.post(portal.url + TOKEN, data={**FORM, "client_secret": "wrong"}, timeout=10)
    assert (refused.status_code, refused.content) == (wrong.status_code, wrong.content)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client")
    assert client.post(SEARCH, {}).status_code == 200


def test_a_valid_token_gets_401_and_tokens_are_still_given(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=unauthorized,times=1")
    answer = client.post(SEARCH, {})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="PISTE"')
    assert requests.post(portal.url + TOKEN, data=FORM, timeout=10).status_code == 200
    assert client.post(SEARCH, {}).status_code == 200


def test_a_token_dies_after_some_calls_although_it_was_announced_for_an_hour(portal: LocalPortal) -> None:
    go_wrong(portal, "kind=dying-token,calls=2,times=1")
    assert requests.post(portal.url + TOKEN, data=FORM, timeout=10).json()["expires_in"] == 3600
    go_wrong(portal, "kind=dying-token,calls=2,times=1")
    client = Client(portal.url)
    assert [client.post(SEARCH, {}).status_code for _ in range(4)] == [200, 200, 401, 401]
    assert Client(portal.url).post(SEARCH, {}).status_code == 200


def test_a_token_dies_after_some_seconds(portal: LocalPortal) -> None:
    go_wrong(portal, "kind=dying-token,seconds=0")
    assert Client(portal.url).post(SEARCH, {}).status_code == 401


@pytest.mark.parametrize("number", [500, 502, 503, 504])
def test_a_gateway_in_trouble_answers_with_a_page(portal: LocalPortal, client: Client, number: int) -> None:
    go_wrong(portal, f"kind=server-error,status={number}")
    answer = client.post(SEARCH, {})
    assert (answer.status_code, answer.headers["Content-Type"]) == (number, "text/html")
    assert f"<title>{number} " in answer.text
    assert parsedate_to_datetime(answer.headers["Date"]).tzinfo


@pytest.mark.parametrize(("when", "left"), [("before", "MISE_A_DISPOSITION"), ("after", "MANDATEE")])
def test_a_server_error_says_nothing_about_whether_the_call_was_done(
    portal: LocalPortal, buyer: Client, when: str, left: str
) -> None:
    go_wrong(portal, f"kind=server-error,status=504,when={when}")
    assert buyer.post(TREAT, MANDATE).status_code == 504
    assert status(portal.store) == left


@pytest.mark.parametrize("number", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("target", ["http://127.0.0.1:9/elsewhere", "/elsewhere"])
def test_a_redirection_sends_the_caller_elsewhere(
    portal: LocalPortal, client: Client, number: int, target: str
) -> None:
    go_wrong(portal, f"kind=redirect,to={target},status={number}")
    answer = requests.post(portal.url + SEARCH, json={}, headers=client.headers, timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"], answer.content) == (number, target, b"")


def test_a_fault_without_path_also_meets_callers_that_would_be_refused(portal: LocalPortal) -> None:
    go_wrong(portal, "kind=server-error")
    assert requests.post(portal.url + SEARCH, json={}, timeout=10).status_code == 503
    assert requests.post(portal.url + TOKEN, data={}, timeout=10).status_code == 503
    assert requests.post(portal.url + "/cpro/unknown", json={}, timeout=10).status_code == 503


def test_a_fault_of_an_account_meets_nobody_who_only_claims_to_be_it(portal: LocalPortal) -> None:
    go_wrong(portal, "kind=server-error,account=local")
    wrong = requests.post(portal.url + TOKEN, data={**FORM, "client_secret": "wrong"}, timeout=10)
    assert wrong.status_code == 400
    assert requests.post(portal.url + TOKEN, data=FORM, timeout=10).status_code == 503
