import datetime
from pathlib import Path

import pytest

from chorus.local_portal import dates
from chorus.local_portal.life import due, moves, planned
from chorus.local_portal.life.scenarios import PLATFORM, SCENARIOS
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.store import Store, UnknownInvoiceError
from tests.chorus.local_portal.life.stories import (
    BEGINNING,
    BUYER,
    SHY_BUYER,
    SUPPLIER,
    add,
    all_changes,
    statuses,
)

ON_THE_WAY = ["DEPOSEE", "EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION"]
A_MINUTE = datetime.timedelta(minutes=1)


def test_a_deposited_invoice_reaches_its_buyer_by_itself(store: Store, clock: Clock) -> None:
    (invoice_id,) = add(store)
    moves.deposited(store, [invoice_id])
    due.catch_up(store)
    assert statuses(store, invoice_id) == ["DEPOSEE"]
    clock.advance(A_MINUTE)
    due.catch_up(store)
    assert statuses(store, invoice_id) == ON_THE_WAY
    assert moves.planned_for(store, invoice_id) is None


def test_an_invoice_that_nobody_deposited_stays_as_it_is(
    store: Store, clock: Clock, a_year: datetime.timedelta
) -> None:
    (invoice_id,) = add(store)
    clock.advance(a_year)
    due.catch_up(store)
    assert statuses(store, invoice_id) == ["DEPOSEE"]


def test_an_invoice_that_is_deposited_again_is_sent_on_its_way_again(store: Store, clock: Clock) -> None:
    (invoice_id,) = add(store, status="A_RECYCLER")
    moves.move(store, invoice_id, "DEPOSEE", clock.now(), "corrected", "TECH")
    clock.advance(A_MINUTE)
    due.catch_up(store)
    assert statuses(store, invoice_id) == ["A_RECYCLER", *ON_THE_WAY]


def test_a_move_is_in_the_history_with_its_date_its_author_and_its_comment(store: Store, clock: Clock) -> None:
    (invoice_id,) = add(store, status="MISE_A_DISPOSITION")
    at = clock.now() + A_MINUTE
    moves.move(store, invoice_id, "REJETEE", at, "Doublon", "VILLE")
    change = store.status_changes(invoice_id)[-1]
    assert (change["at"], change["comment"], change["author"]) == (dates.to_instant(at), "Doublon", "VILLE")
    assert store.invoice(invoice_id)["status_comment"] == "Doublon"


def test_a_move_of_an_invoice_that_does_not_exist_is_an_error(store: Store, clock: Clock) -> None:
    with pytest.raises(UnknownInvoiceError):
        moves.move(store, 1, "REJETEE", clock.now())


def test_planned_moves_have_their_own_dates_however_late_somebody_looks(store: Store, clock: Clock) -> None:
    (invoice_id,) = add(store)
    moves.deposited(store, [invoice_id])
    plan = moves.planned_for(store, invoice_id)
    assert plan
    clock.advance(datetime.timedelta(days=3))
    due.catch_up(store)
    change = store.status_changes(invoice_id)[1]
    assert (change["status"], change["at"], change["author"]) == (plan["status"], plan["due_at"], PLATFORM)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_a_life_is_the_same_whether_it_is_looked_at_often_or_once(
    store: Store, clock: Clock, scenario: str, a_year: datetime.timedelta
) -> None:
    add(store, 20)
    moves.begin(store, scenario, seed=5)
    for _ in range(366):
        clock.advance(a_year / 366)
        due.catch_up(store)
    with Store(clock=Clock(start=BEGINNING, monotonic=lambda: 0.0)) as other:
        for structure in (SUPPLIER, BUYER, SHY_BUYER):
            other.add_structure(structure)
        add(other, 20)
        moves.begin(other, scenario, seed=5)
        other.clock.advance(a_year)
        due.catch_up(other)
        assert all_changes(other) == all_changes(store)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_thousands_of_moves_that_are_due_at_once_are_done_in_the_order_of_their_dates(
    store: Store, clock: Clock, scenario: str, a_year: datetime.timedelta
) -> None:
    invoice_ids = add(store, planned.AT_A_TIME + 100)
    moves.begin(store, scenario)
    clock.advance(a_year)
    due.catch_up(store)
    instants = [change["at"] for change in all_changes(store)]
    assert len(instants) > 3 * len(invoice_ids)
    assert instants == sorted(instants)
    assert store.row("SELECT 1 FROM planned_moves") is None


def test_much_that_is_due_is_done_in_many_transactions(
    store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planned, "AT_A_TIME", 3)
    moves.deposited(store, add(store, 10))
    clock.advance(A_MINUTE)
    commits = []
    store._database.set_trace_callback(lambda sql: commits.append(sql) if sql == "COMMIT" else None)
    due.catch_up(store)
    assert len(commits) > 3
    assert {row["status"] for row in store.rows("SELECT status FROM invoices")} == {"MISE_A_DISPOSITION"}


def test_what_was_due_before_a_move_is_done_before_it(store: Store, clock: Clock) -> None:
    moved, other = add(store, 2)
    moves.deposited(store, [moved, other])
    clock.advance(A_MINUTE)
    moves.move(store, moved, "SUSPENDUE", clock.now(), "RIB")
    assert statuses(store, other) == ON_THE_WAY
    assert all_changes(store)[-1]["status"] == "SUSPENDUE"


def test_who_moves_an_invoice_prevents_what_was_planned_for_it(store: Store, clock: Clock) -> None:
    (invoice_id,) = add(store)
    moves.deposited(store, [invoice_id])
    clock.advance(A_MINUTE)
    moves.move(store, invoice_id, "REJETEE", clock.now(), "Doublon")
    clock.advance(A_MINUTE)
    due.catch_up(store)
    assert statuses(store, invoice_id) == ["DEPOSEE", "REJETEE"]


def test_in_a_scenario_the_buyer_goes_on_after_the_supplier_has_done_their_duty(
    store: Store, clock: Clock, a_year: datetime.timedelta
) -> None:
    (invoice_id,) = add(store, status="SUSPENDUE")
    moves.begin(store, "steady")
    clock.advance(a_year)
    due.catch_up(store)
    assert statuses(store, invoice_id) == ["SUSPENDUE"]
    moves.move(store, invoice_id, "COMPLETEE", clock.now(), "Voici", "TECH")
    clock.advance(a_year)
    due.catch_up(store)
    assert statuses(store, invoice_id)[-1] == "MISE_EN_PAIEMENT"


def test_nothing_happens_before_the_beginning_of_a_scenario(
    store: Store, clock: Clock, a_year: datetime.timedelta
) -> None:
    (invoice_id,) = add(store, status="MISE_A_DISPOSITION", at=BEGINNING - a_year)
    moves.begin(store, "steady")
    due.catch_up(store)
    assert statuses(store, invoice_id) == ["MISE_A_DISPOSITION"]
    plan = moves.planned_for(store, invoice_id)
    assert plan
    assert plan["due_at"] > dates.to_instant(clock.now())


def test_nothing_happens_to_an_invoice_of_the_future_before_its_time(store: Store, clock: Clock) -> None:
    tomorrow = BEGINNING + datetime.timedelta(days=1)
    (invoice_id,) = add(store, at=tomorrow)
    moves.begin(store, "steady")
    plan = moves.planned_for(store, invoice_id)
    assert plan
    assert plan["due_at"] > dates.to_instant(tomorrow)


def test_a_buyer_whose_payments_are_hidden_ends_before(store: Store, clock: Clock, a_year: datetime.timedelta) -> None:
    add(store, 50, recipient=SHY_BUYER)
    moves.begin(store, "steady")
    clock.advance(a_year)
    due.catch_up(store)
    ends = {row["status"] for row in store.rows("SELECT status FROM invoices")}
    assert "COMPTABILISEE" in ends
    assert "MISE_EN_PAIEMENT" not in ends


def test_an_unknown_scenario_is_refused_with_those_that_there_are(store: Store) -> None:
    with pytest.raises(ValueError, match="no scenario 'fast'; there are steady, slow-payer, rejects, chaos"):
        moves.begin(store, "fast")


def test_the_same_scenario_goes_on_where_a_state_file_left_it(tmp_path: Path) -> None:
    def open_state() -> Store:
        return Store(tmp_path / "state", Clock(start=BEGINNING, monotonic=lambda: 0.0))

    with open_state() as store:
        store.add_structure(SUPPLIER)
        store.add_structure(BUYER)
        (invoice_id,) = add(store)
        moves.begin(store, "steady", seed=3)
        plan = moves.planned_for(store, invoice_id)
    with open_state() as store:
        store.clock.advance(datetime.timedelta(seconds=1))
        moves.begin(store, "steady", seed=3)
        assert moves.planned_for(store, invoice_id) == plan


@pytest.mark.parametrize(("scenario", "seed"), [("slow-payer", 0), ("steady", 1)])
def test_another_scenario_or_seed_plans_anew(store: Store, clock: Clock, scenario: str, seed: int) -> None:
    (invoice_id,) = add(store, status="MISE_A_DISPOSITION")
    moves.begin(store, "steady")
    plan = moves.planned_for(store, invoice_id)
    moves.begin(store, scenario, seed)
    assert moves.planned_for(store, invoice_id) not in (None, plan)


def test_without_a_scenario_the_buyers_stop_and_the_platform_goes_on(store: Store, clock: Clock) -> None:
    deposited, available = *add(store), *add(store, status="MISE_A_DISPOSITION")
    moves.begin(store, "steady")
    moves.begin(store)
    assert moves.planned_for(store, available) is None
    clock.advance(A_MINUTE)
    due.catch_up(store)
    assert statuses(store, deposited) == ON_THE_WAY
    assert moves.planned_for(store, deposited) is None


def test_a_deposit_during_a_scenario_lives_it(store: Store, clock: Clock, a_year: datetime.timedelta) -> None:
    moves.begin(store, "steady")
    (invoice_id,) = add(store)
    moves.deposited(store, [invoice_id])
    clock.advance(a_year)
    due.catch_up(store)
    assert statuses(store, invoice_id)[-1] in {"MISE_EN_PAIEMENT", "SUSPENDUE", "REJETEE", "A_RECYCLER"}


def test_many_invoices_begin_their_life_at_once(store: Store) -> None:
    invoice_ids = add(store, 2 * planned.AT_A_TIME + 1)
    moves.begin(store, "chaos")
    assert store.row("SELECT count(*) AS n FROM planned_moves") == {"n": len(invoice_ids)}
