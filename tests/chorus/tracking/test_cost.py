"""Law L2: the calls of a run follow the changes, not the open invoices."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest

from chorus.models import Company
from tests.chorus.tracking.helpers import PAGE, SIRET, MakeInvoice, deposit_many, follow
from tests.chorus.tracking.simulated_portal import Manners, SimulatedPortal


def test_l2_an_unchanged_portal_costs_two_calls_however_many_invoices_are_open(
    portal: SimulatedPortal, company: Company
) -> None:
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    again = follow(portal, [company])
    assert again.calls <= 2
    assert (again.tally.checked, again.tally.changed) == (5 * PAGE, 0)


def test_l2_a_window_with_the_widest_overlap_is_not_widened(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    for number in ("F-1", "F-2", "F-3"):
        invoice(number)
        portal.deposit(number, SIRET)
        portal.tick(timedelta(days=10))
    follow(portal, [company])
    assert follow(portal, [company]).calls == 2  # the window, and a total to compare with


@pytest.mark.parametrize("changed", [1, 7, PAGE, 23, 50])
def test_l2_the_cost_follows_the_changes(portal: SimulatedPortal, company: Company, changed: int) -> None:
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    for chorus_id in list(portal.rows)[:changed]:
        portal.move(chorus_id, "MANDATEE")
    result = follow(portal, [company])
    assert result.tally.changed == changed
    assert result.calls <= 2 + math.ceil(changed / PAGE)


def test_l2_the_run_after_many_changes_costs_two_calls_again(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    for chorus_id in portal.rows:
        portal.move(chorus_id, "MANDATEE")
    follow(portal, [company])
    assert follow(portal, [company]).calls <= 2


def test_l2_the_run_after_a_burst_of_changes_costs_two_calls(company: Company) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, tells_time=True))
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    for chorus_id in list(portal.rows)[: 3 * PAGE + 5]:
        portal.tick(timedelta(milliseconds=2) - timedelta(seconds=20))
        portal.move(chorus_id, "MANDATEE")
    portal.tick()
    follow(portal, [company])
    assert follow(portal, [company]).calls <= 2


def test_l2_a_window_always_holds_its_witness_and_is_not_read_twice(company: Company) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, inclusive=False))
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    for chorus_id in list(portal.rows)[: 3 * PAGE + 5]:
        portal.tick(timedelta(microseconds=100) - timedelta(seconds=20))
        portal.move(chorus_id, "MANDATEE")
    follow(portal, [company])
    assert (
        follow(portal, [company]).calls <= 5
    )  # the burst's pages, a total to compare with, and no second reading of three days


def test_l2_invoices_that_the_portal_does_not_know_cost_no_call_each(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    deposit_many(portal, company, 2 * PAGE)
    for place in range(5):
        invoice(f"M-{place}")
    follow(portal, [company])
    again = follow(portal, [company])
    assert again.calls <= 2
    assert again.tally.missing == 5


@pytest.mark.parametrize("inclusive", [True, False])
def test_l2_rows_that_change_again_and_again_cost_their_page(company: Company, inclusive: bool) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, inclusive=inclusive, tells_time=True))
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    for code in ("MISE_A_DISPOSITION", "SERVICE_FAIT", "MANDATEE", "COMPTABILISEE"):
        for chorus_id in list(portal.rows)[:PAGE]:
            portal.move(chorus_id, code)  # so that none of the rows of the overlap is left
        result = follow(portal, [company])
        assert (result.tally.changed, result.calls) == (PAGE, 3)
