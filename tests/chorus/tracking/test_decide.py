"""Rules 5, 6 and 7 of the batch: what a portal row means for an invoice."""

from __future__ import annotations

import dataclasses
from datetime import datetime

import pytest

from chorus.statuses import FINAL, DematerializationStatus
from chorus.tracking.decide import decide
from chorus.tracking.states import Change, InvoiceState, Rules
from tests.chorus.tracking.builders import MONDAY, TUESDAY, row, state

RULES = Rules(final=frozenset(FINAL), alerting=frozenset({"REJETEE"}))


def change(stored: InvoiceState, **remote: object) -> Change:
    decided = decide(stored, row(**remote), RULES)
    assert decided is not None
    return decided


def test_rule_5_a_different_status_is_a_change_with_its_date_and_comment() -> None:
    decided = change(state(), code="MANDATEE", comment="Bon à payer")
    assert (decided.old, decided.new, decided.since) == ("DEPOSEE", "MANDATEE", TUESDAY)
    assert decided.comment == "Bon à payer"


def test_rule_5_the_same_status_is_no_change_even_at_another_date() -> None:
    assert decide(state(code="MANDATEE"), row(code="MANDATEE", since=TUESDAY), RULES) is None


def test_rule_5_a_first_status_is_a_change() -> None:
    assert change(state(code="", since=None), code="DEPOSEE").old == ""


def test_rule_5_a_status_that_goes_backwards_is_followed() -> None:
    assert change(state(code="MANDATEE", since=TUESDAY), code="MISE_A_DISPOSITION", since=MONDAY).since == MONDAY


def test_rule_5_an_unknown_code_is_stored_as_it_is_and_is_not_final() -> None:
    decided = change(state(), code="Nouveau Code")
    assert decided.new == "Nouveau Code"
    assert not decided.final


def test_rule_6_a_rejected_invoice_is_denied() -> None:
    assert change(state(), code="REJETEE").dematerialization == DematerializationStatus.TRANSMISSION_DENIED


@pytest.mark.parametrize("code", ["SUSPENDUE", "A_RECYCLER", "MISE_EN_PAIEMENT", "MANDATEE", "Nouveau Code"])
def test_rule_6_no_other_status_touches_the_dematerialization_status(code: str) -> None:
    assert change(state(), code=code).dematerialization is None


def test_rule_6_a_rejection_that_is_taken_back_is_transmitted_again() -> None:
    decided = change(state(code="REJETEE", reopened=True), code="MISE_A_DISPOSITION")
    assert decided.dematerialization == DematerializationStatus.TRANSMITTED


@pytest.mark.parametrize("code", sorted(FINAL))
def test_rule_7_a_final_invoice_is_never_overwritten(code: str) -> None:
    assert decide(state(code=code), row(code="MANDATEE"), RULES) is None


@pytest.mark.parametrize("code", sorted(FINAL))
def test_rule_7_a_reopened_invoice_is_followed_again(code: str) -> None:
    assert change(state(code=code, reopened=True), code="MANDATEE").old == code


def test_rule_7_a_reopened_invoice_that_is_suspended_again_later_is_a_change() -> None:
    reopened = state(code="SUSPENDUE", since=MONDAY, reopened=True)
    assert decide(reopened, row(code="SUSPENDUE", since=MONDAY), RULES) is None
    assert change(reopened, code="SUSPENDUE", since=TUESDAY).new == "SUSPENDUE"


def test_rule_8_only_listed_statuses_alert() -> None:
    assert change(state(), code="REJETEE").alert
    assert not change(state(), code="SUSPENDUE").alert


@pytest.mark.parametrize(
    ("since", "limit", "alerts"),
    [
        (MONDAY, TUESDAY, False),
        (TUESDAY, TUESDAY, True),
        (TUESDAY, MONDAY, True),
        (None, TUESDAY, True),  # it may be new
        (MONDAY, None, True),  # no limit is set
    ],
)
def test_f48_what_the_portal_dates_before_the_limit_alerts_nobody(
    since: datetime | None, limit: datetime | None, alerts: bool
) -> None:
    decided = decide(state(), row(code="REJETEE", since=since), dataclasses.replace(RULES, alert_since=limit))
    assert decided is not None
    assert (decided.alert, decided.too_old) == (alerts, not alerts)


def test_f48_what_would_not_alert_anyway_is_not_counted_as_too_old() -> None:
    decided = decide(state(), row(code="MANDATEE", since=MONDAY), dataclasses.replace(RULES, alert_since=TUESDAY))
    assert decided is not None
    assert (decided.alert, decided.too_old) == (False, False)


@pytest.mark.parametrize(
    ("code", "due"), [("REJETEE", True), ("SUSPENDUE", True), ("A_RECYCLER", True), ("MANDATEE", False)]
)
def test_l9_the_reason_is_due_where_the_buyer_must_give_one(code: str, due: bool) -> None:
    assert change(state(), code=code).reason_due is due


def test_l9_a_reason_that_the_row_has_is_not_asked_for() -> None:
    assert not change(state(), code="REJETEE", comment="Doublon").reason_due
