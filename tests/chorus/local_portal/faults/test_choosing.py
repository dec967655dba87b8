"""Which calls a fault meets."""

import threading

import pytest

from chorus.local_portal.faults import Faults, parse_text
from chorus.local_portal.server import LocalPortal
from tests.chorus.local_portal.client import BUYER_LOGIN, HISTORY, READ, SEARCH, SUPPLIER_LOGIN, TOKEN, Client
from tests.chorus.local_portal.faults.test_refusals import go_wrong

pytestmark = pytest.mark.wrong_traffic


def faults(*written: str, seed: int = 1) -> Faults:
    return Faults([parse_text(each) for each in written], seed)


def hits(chosen: Faults, count: int, path: str = SEARCH, account: str = SUPPLIER_LOGIN) -> list[bool]:
    return [bool(chosen.choose(path, account)) for _ in range(count)]


def kinds(chosen: Faults, path: str = SEARCH, account: str = SUPPLIER_LOGIN) -> list[str]:
    return [fault.kind for fault in chosen.choose(path, account)]


def test_a_fault_of_an_account_meets_no_other_one(portal: LocalPortal, client: Client, buyer: Client) -> None:
    go_wrong(portal, f"kind=server-error,account={BUYER_LOGIN}")
    assert (client.post(SEARCH, {}).status_code, buyer.post(SEARCH, {}).status_code) == (200, 503)


def test_a_fault_of_a_path_meets_no_other_one(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, f"kind=server-error,path={HISTORY}")
    answers = [client.post(path, {"idFacture": 4321008}).status_code for path in (SEARCH, HISTORY)]
    assert answers == [400, 503]


@pytest.mark.parametrize(
    ("written", "met"),
    [
        ("", {TOKEN, SEARCH, READ, ""}),
        (",path=*", {TOKEN, SEARCH, READ, ""}),
        (",path=/cpro/*", {SEARCH, READ}),
        (f",path={READ[:-3]}*", {READ}),
        (",path=/api/oauth/token", {TOKEN}),
    ],
)
def test_a_path_may_stand_for_all_that_begin_like_it(written: str, met: set[str]) -> None:
    chosen = faults(f"kind=server-error{written}")
    assert {path for path in (TOKEN, SEARCH, READ, "") if chosen.choose(path, "anybody")} == met


def test_a_fault_spares_the_first_calls_and_ends_after_some() -> None:
    assert hits(faults("kind=reset,after=2,times=3"), 7) == [False, False, True, True, True, False, False]


def test_calls_that_a_fault_is_not_for_do_not_count() -> None:
    chosen = faults(f"kind=reset,after=1,times=1,path={SEARCH}")
    assert hits(chosen, 3, READ) == [False] * 3
    assert hits(chosen, 3) == [False, True, False]


def test_a_rate_hits_about_that_share_of_the_calls() -> None:
    assert 60 < sum(hits(faults("kind=reset,rate=0.1"), 1000)) < 140


def test_the_same_seed_hits_the_same_calls_and_another_one_others() -> None:
    first, again, other = (hits(faults("kind=reset,rate=0.5", seed=seed), 100) for seed in (1, 1, 2))
    assert first == again != other


def test_a_fault_may_have_a_seed_of_its_own() -> None:
    first, again = (hits(faults("kind=reset,rate=0.5,seed=9", seed=seed), 100) for seed in (1, 2))
    assert first == again


def test_faults_of_one_seed_do_not_hit_in_step() -> None:
    chosen = faults("kind=unknown-keys,rate=0.5", "kind=unknown-status,rate=0.5")
    assert {len(chosen.choose(SEARCH, SUPPLIER_LOGIN)) for _ in range(100)} == {0, 1, 2}


def test_what_an_account_meets_does_not_depend_on_how_threads_come_by() -> None:
    alone = {account: hits(faults("kind=reset,rate=0.5"), 200, account=account) for account in ("a", "b", "c")}
    together, shared = faults("kind=reset,rate=0.5"), dict[str, list[bool]]()

    def call(account: str) -> None:
        shared[account] = hits(together, 200, account=account)

    threads = [threading.Thread(target=call, args=(account,)) for account in alone]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shared == alone


def test_of_the_faults_that_make_the_whole_answer_the_first_acts_and_the_others_wait() -> None:
    chosen = faults("kind=reset,times=1", "kind=too-many,times=1", "kind=unknown-keys", "kind=latency,ms=1")
    assert kinds(chosen) == ["reset", "unknown-keys", "latency"]
    assert kinds(chosen) == ["too-many", "unknown-keys", "latency"]
    assert kinds(chosen) == ["unknown-keys", "latency"]


def test_without_a_seed_there_is_a_new_one_at_every_start() -> None:
    assert len({Faults().seed for _ in range(5)}) > 1


@pytest.mark.parametrize(
    ("written", "matters"),
    [("kind=reset", False), ("kind=reset,rate=0.5,seed=1", False), ("kind=reset,rate=0.5", True)],
)
def test_the_seed_matters_where_something_is_random(written: str, matters: bool) -> None:
    assert faults(written).are_random == matters


def test_latency_and_page_cap_of_a_portal_are_faults_like_others(portal: LocalPortal) -> None:
    with LocalPortal(portal.store, latency_ms=20, page_cap=3) as other:
        shortcuts = other.faults.as_json()
    assert shortcuts == [{"kind": "latency", "ms": 20, "hit": 0}, {"kind": "page-cap", "rows": 3, "hit": 0}]
