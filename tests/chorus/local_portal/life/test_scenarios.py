import datetime
import itertools
from collections import Counter
from dataclasses import replace
from statistics import mean

import pytest

from chorus.local_portal.codes import STATUSES
from chorus.local_portal.life.reasons import SENDING_BACK
from chorus.local_portal.life.scenarios import (
    DAY,
    ON_THE_WAY,
    PLATFORM,
    SCENARIOS,
    Life,
    PlannedMove,
    Position,
    next_move,
)
from chorus.local_portal.life.transitions import FOLLOWING, NEEDS_REASON, may_follow

MIDNIGHT = 1_793_491_200_000
AVAILABLE = Position(4_300_001, "MISE_A_DISPOSITION", MIDNIGHT, 3, "VILLE DE TEST", payment_hidden=False)
MORE_THAN_A_LIFE = 100


def life(name: str, seed: int = 0) -> Life:
    return Life(SCENARIOS[name], seed)


def lived(life: Life, position: Position) -> list[PlannedMove]:
    """Return all that happens to an invoice that nobody touches."""
    moves = []
    while move := next_move(life, position):
        moves.append(move)
        position = replace(position, status=move.status, at=move.due_at, changes=position.changes + 1)
        assert len(moves) < MORE_THAN_A_LIFE
    return moves


def many(name: str, count: int = 1000, **facts: object) -> list[list[PlannedMove]]:
    return [lived(life(name), replace(AVAILABLE, invoice_id=n, **facts)) for n in range(count)]  # type: ignore[arg-type]


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_tables_have_only_moves_that_the_matrix_allows(name: str) -> None:
    for status, steps in SCENARIOS[name].steps.items():
        assert status in STATUSES
        for step in steps:
            assert may_follow(status, step.status), (status, step.status)
            assert step.share > 0
            assert 0 <= step.days[0] <= step.days[1]


def test_the_platform_brings_a_deposit_to_its_buyer_within_a_minute() -> None:
    deposited = replace(AVAILABLE, status="DEPOSEE", changes=1)
    moves = lived(Life(), deposited)
    assert [move.status for move in moves] == ["EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION"]
    assert {move.author for move in moves} == {PLATFORM}
    assert 0 < moves[0].due_at - MIDNIGHT < moves[1].due_at - MIDNIGHT < 60_000
    assert ON_THE_WAY.steps.keys() == {"DEPOSEE", "EN_COURS_ACHEMINEMENT"}


@pytest.mark.parametrize("status", sorted(FOLLOWING.keys() - {"DEPOSEE", "EN_COURS_ACHEMINEMENT"}))
def test_without_a_scenario_nobody_plays_the_buyer(status: str) -> None:
    assert next_move(Life(), replace(AVAILABLE, status=status)) is None


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("status", ["REJETEE", "MISE_EN_PAIEMENT", "A_RECYCLER", "ABANDONNEE", "NEVER_HEARD_OF"])
def test_ends_and_duties_of_the_supplier_stay_as_they_are(name: str, status: str) -> None:
    assert next_move(life(name), replace(AVAILABLE, status=status)) is None


@pytest.mark.parametrize("name", ["steady", "slow-payer", "rejects"])
def test_what_is_suspended_waits_for_its_supplier(name: str) -> None:
    assert next_move(life(name), replace(AVAILABLE, status="SUSPENDUE")) is None


@pytest.mark.parametrize(("name", "days"), [("steady", (27, 33)), ("slow-payer", (70, 80))])
def test_payers_pay_after_about_so_many_days(name: str, days: tuple[int, int]) -> None:
    payments = [moves[-1].due_at for moves in many(name) if moves[-1].status == "MISE_EN_PAIEMENT"]
    assert days[0] < mean(payment - MIDNIGHT for payment in payments) / DAY < days[1]


@pytest.mark.parametrize(
    ("name", "low", "high"), [("steady", 0.02, 0.1), ("slow-payer", 0.1, 0.3), ("rejects", 0.7, 0.9)]
)
def test_buyers_send_back_as_often_as_they_do(name: str, low: float, high: float) -> None:
    ends = Counter(moves[-1].status for moves in many(name))
    assert low < sum(ends[status] for status in SENDING_BACK) / ends.total() < high


@pytest.mark.parametrize("name", SCENARIOS)
def test_who_sends_back_says_why_and_who_goes_on_says_nothing(name: str) -> None:
    for moves in many(name, 200):
        for move in moves:
            assert move.comment in SENDING_BACK.get(move.status, (None,))
            assert move.author == "VILLE DE TEST"
    assert SENDING_BACK.keys() >= NEEDS_REASON


def test_a_reason_is_no_longer_than_the_portal_takes() -> None:
    assert max(len(reason) for reasons in SENDING_BACK.values() for reason in reasons) <= 255


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_buyer_whose_payments_are_hidden_never_pays(name: str) -> None:
    lives = many(name, 300, payment_hidden=True)
    assert "MISE_EN_PAIEMENT" not in {move.status for moves in lives for move in moves}
    assert "COMPTABILISEE" in {moves[-1].status for moves in lives if moves}


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_same_seed_repeats_the_same_life(name: str) -> None:
    assert lived(life(name, 7), AVAILABLE) == lived(life(name, 7), AVAILABLE)


@pytest.mark.parametrize("name", SCENARIOS)
def test_another_seed_invoice_or_stage_has_another_life(name: str) -> None:
    others = [replace(AVAILABLE, invoice_id=1), replace(AVAILABLE, changes=9)]
    first = lived(life(name, 7), AVAILABLE)
    assert all(lived(life(name, 7), other) != first for other in others)
    assert lived(life(name, 8), AVAILABLE) != first


def test_in_chaos_everything_that_the_matrix_allows_happens() -> None:
    pairs = set()
    for moves in many("chaos", 4000):
        statuses = ["MISE_A_DISPOSITION", *(move.status for move in moves)]
        pairs |= set(itertools.pairwise(statuses))
    reached = {status for _, status in pairs} | {"MISE_A_DISPOSITION"}
    assert pairs == {(status, new) for status, following in FOLLOWING.items() for new in following if status in reached}


def test_in_chaos_an_invoice_changes_several_times_at_one_moment_and_back_and_forth() -> None:
    lives = many("chaos")
    at_one_moment = Counter((move.invoice_id, move.due_at) for moves in lives for move in moves)
    assert max(at_one_moment.values()) > 2
    assert max(Counter(move.status for move in moves)["SUSPENDUE"] for moves in lives) > 1


def test_in_chaos_changes_come_in_bursts_every_six_hours() -> None:
    moves = [move for moves in many("chaos") for move in moves]
    six_hours = datetime.timedelta(hours=6) // datetime.timedelta(milliseconds=1)
    assert {move.due_at % six_hours for move in moves} == {0}
    assert max(Counter(move.due_at for move in moves).values()) > 100
