"""Laws L1 and L2 where more rows than a page holds changed in one moment."""

from __future__ import annotations

import dataclasses
import math
from datetime import timedelta

import pytest

from chorus.models import Company, Invoice, Watermark
from chorus.tracking.ledger import Ledger
from chorus.tracking.seen import Seen
from tests.chorus.tracking.helpers import ACCOUNT, PAGE, RULES, deposit_many, follow, make_company
from tests.chorus.tracking.simulated_portal import MIDNIGHT, Manners, SimulatedPortal

MANY = 20 * PAGE
MOMENT = timedelta(milliseconds=123)
"""Of no whole second: a second later, the portal's clock has surely left it."""


def portal_with_a_moment(company: Company, manners: Manners, step: timedelta = MOMENT) -> SimulatedPortal:
    """Return a portal on which all invoices of the company but a page changed in one moment, just now."""
    manners.page_cap = PAGE
    portal = SimulatedPortal(manners)
    deposit_many(portal, company, MANY + PAGE)
    portal.step = step
    portal.move_together(range(1, MANY + 1), "MANDATEE")
    return portal


def move_some(portal: SimulatedPortal, count: int) -> None:
    for chorus_id in list(portal.rows)[:count]:
        portal.move(chorus_id, "COMPTABILISEE")


def number_of(code: str) -> int:
    return Invoice.objects.filter(chorus_status=code).count()


@pytest.mark.parametrize("inclusive", [True, False])
def test_l2_rows_of_one_moment_cost_two_calls_in_each_run_without_changes(company: Company, inclusive: bool) -> None:
    portal = portal_with_a_moment(company, Manners(inclusive=inclusive, tells_time=True))
    portal.tick()
    follow(portal, [company])
    for _ in range(4):
        again = follow(portal, [company])
        assert Watermark.objects.get().largest_total == MANY + PAGE
        assert (again.calls, again.tally.checked, again.tally.changed) == (2, MANY + PAGE, 0)


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("changed", [1, PAGE, 5 * PAGE + 3, MANY])
def test_l2_changes_after_rows_of_one_moment_cost_their_pages(company: Company, changed: int, inclusive: bool) -> None:
    portal = portal_with_a_moment(company, Manners(inclusive=inclusive, tells_time=True))
    portal.tick()
    follow(portal, [company])
    portal.step = timedelta(milliseconds=1)
    move_some(portal, changed)
    portal.tick()
    result = follow(portal, [company])
    assert (result.tally.changed, number_of("COMPTABILISEE")) == (changed, changed)
    assert result.calls <= 2 + math.ceil(changed / PAGE)
    assert follow(portal, [company]).calls <= 2


@pytest.mark.parametrize("changed", [PAGE + 1, 3 * PAGE, MANY])
def test_l2_a_run_with_changes_of_one_moment_costs_their_pages(company: Company, changed: int) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, tells_time=True))
    deposit_many(portal, company, MANY)
    follow(portal, [company])
    portal.step = MOMENT
    for code in ("MANDATEE", "COMPTABILISEE"):
        portal.move_together(range(1, changed + 1), code)
        portal.tick()
        result = follow(portal, [company])
        assert (result.tally.changed, number_of(code)) == (changed, changed)
        assert result.calls <= 2 + math.ceil(changed / PAGE)
        assert follow(portal, [company]).calls <= 2


@pytest.mark.parametrize(
    "manners",
    [
        Manners(by_day=True, tells_time=True),
        Manners(by_day=True, inclusive=False, tells_time=True),
        Manners(clock_shift=timedelta(hours=-1), tells_time=True),
        Manners(clock_shift=timedelta(hours=1), tells_time=True),
        Manners(),
    ],
    ids=["by day", "by day, exclusive", "another zone", "another zone, later", "tells no time"],
)
def test_l2_where_a_moment_cannot_be_left_out_its_pages_are_read_again_and_nothing_is_lost(
    company: Company, manners: Manners
) -> None:
    portal = portal_with_a_moment(company, manners)
    portal.tick()
    for _ in range(3):
        assert follow(portal, [company]).calls <= 3 + MANY / PAGE + 2
    move_some(portal, 3)
    follow(portal, [company])
    assert number_of("COMPTABILISEE") == 3


@pytest.mark.parametrize("step", [MOMENT, timedelta(minutes=1)], ids=["of a fraction", "of a whole second"])
def test_l1_a_row_that_changes_again_in_the_moment_in_which_it_was_read_is_seen(
    company: Company, step: timedelta
) -> None:
    portal = portal_with_a_moment(company, Manners(tells_time=True), step)
    follow(portal, [company])
    portal.step = timedelta(0)
    portal.move(7, "COMPTABILISEE")
    follow(portal, [company])
    assert number_of("COMPTABILISEE") == 1


@pytest.mark.parametrize(
    "cut", [timedelta(seconds=1), timedelta(minutes=1), timedelta(days=1)], ids=["second", "minute", "day"]
)
def test_l1_a_row_that_changes_again_within_what_its_date_was_cut_to_is_seen(company: Company, cut: timedelta) -> None:
    portal = portal_with_a_moment(company, Manners(tells_time=True, dates_cut_to=cut))
    follow(portal, [company])
    portal.step = timedelta(0)
    portal.tick(cut - timedelta(milliseconds=200) - (portal.now - portal.now.replace(hour=0, minute=0, second=0)) % cut)
    portal.move(7, "COMPTABILISEE")
    follow(portal, [company])
    assert number_of("COMPTABILISEE") == 1


@pytest.mark.parametrize("inclusive", [True, False])
def test_l1_a_row_that_joins_a_moment_that_was_left_out_is_seen(company: Company, inclusive: bool) -> None:
    other = make_company("OTHER", "11111111111111")
    portal = portal_with_a_moment(company, Manners(inclusive=inclusive, tells_time=True))
    moment = portal.now
    portal.now -= timedelta(days=10)
    late = portal.deposit("Z-1", other.siret)
    portal.now = moment + timedelta(minutes=1)
    follow(portal, [company])
    assert Watermark.objects.get().shortcut_since is not None
    portal.now, portal.step = moment, timedelta(0)  # the portal's clock is put back
    portal.move(late, "COMPTABILISEE")
    assert follow(portal, [company]).calls > MANY / PAGE


def test_l1_a_change_soon_after_a_moment_that_is_left_out_is_seen(company: Company) -> None:
    portal = portal_with_a_moment(company, Manners(tells_time=True))
    portal.tick(timedelta(milliseconds=1900))
    follow(portal, [company])
    assert Watermark.objects.get().shortcut_since is not None
    portal.step = timedelta(milliseconds=1)
    move_some(portal, 3)
    follow(portal, [company])
    assert number_of("COMPTABILISEE") == 3


def test_l1_a_portal_that_reads_bounds_later_and_knows_no_upper_one_loses_nothing(company: Company) -> None:
    portal = portal_with_a_moment(company, Manners(heeds_upper_bound=False, tells_time=True))
    portal.tick()
    follow(portal, [company])
    portal.manners.clock_shift = timedelta(hours=1)
    move_some(portal, 3)
    portal.tick(timedelta(hours=2))
    portal.move(MANY, "COMPTABILISEE")
    follow(portal, [company])
    assert number_of("COMPTABILISEE") == 4


@pytest.mark.parametrize("shift", [timedelta(hours=1), timedelta(hours=-1)])
def test_l1_a_portal_that_reads_bounds_otherwise_one_day_loses_nothing(company: Company, shift: timedelta) -> None:
    portal = portal_with_a_moment(company, Manners(tells_time=True))
    portal.tick()
    follow(portal, [company])
    portal.manners.clock_shift = shift
    move_some(portal, 3)
    follow(portal, [company])
    assert number_of("COMPTABILISEE") == 3


def test_l1_a_row_that_joins_a_moment_after_its_rows_were_read_is_seen(company: Company) -> None:
    portal = portal_with_a_moment(company, Manners(tells_time=True))
    portal.tick()
    follow(portal, [company])
    first = portal.rows[1]
    last = MANY + PAGE  # which the portal dates into that moment, though it is over
    portal.rows[last] = dataclasses.replace(portal.rows[last], code="COMPTABILISEE", since=first.since)
    follow(portal, [company])
    assert number_of("COMPTABILISEE") == 1


@pytest.mark.parametrize("hours", [0, -1, -12], ids="{} h".format)
def test_l1_a_portal_that_compares_by_day_does_not_leave_out_a_moment_of_its_midnight(
    company: Company, hours: int
) -> None:
    manners = Manners(by_day=True, inclusive=False, clock_shift=timedelta(hours=hours), tells_time=True)
    portal = SimulatedPortal(manners)
    manners.page_cap = PAGE
    deposit_many(portal, company, MANY)
    portal.now, portal.step = MIDNIGHT + timedelta(days=1, hours=-hours), timedelta(0)
    portal.move_together(portal.rows, "MANDATEE")
    portal.tick(timedelta(minutes=5))
    follow(portal, [company])
    portal.tick()
    move_some(portal, 3)
    follow(portal, [company])
    assert number_of("COMPTABILISEE") == 3


def test_l1_changes_that_come_while_a_moment_is_read_are_seen(company: Company) -> None:
    portal = portal_with_a_moment(company, Manners(tells_time=True))
    portal.tick()
    portal.step = timedelta(milliseconds=1)  # it takes longer to read a page
    unread = iter(range(1, MANY + PAGE + 1, 11))

    def change_one() -> None:
        portal.move(next(unread), "COMPTABILISEE")

    portal.between_pages = change_one
    follow(portal, [company])
    portal.between_pages = lambda: None
    follow(portal, [company])
    truth = sum(row.code == "COMPTABILISEE" for row in portal.rows.values())
    assert number_of("COMPTABILISEE") == truth > 0


def test_a_shortcut_is_taken_only_where_it_is_that_of_all_companies_of_the_connection(company: Company) -> None:
    other = make_company("OTHER", "11111111111111")
    portal = portal_with_a_moment(company, Manners(tells_time=True))
    portal.tick()
    follow(portal, [company, other])
    with Seen() as seen:
        ledger = Ledger([company, other], RULES, None, seen)
        assert ledger.progress(ACCOUNT).shortcut is not None
        Watermark.objects.filter(company=other).update(shortcut_rows=1)
        assert ledger.progress(ACCOUNT).shortcut is None
