"""Law L1 where the portal caps its results, and announces the cap as the total."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chorus.models import Company, Invoice
from chorus.portal.messages import RemoteStatus
from chorus.tracking.reading import Reader
from chorus.tracking.seen import Seen
from chorus.tracking.windows import Window
from tests.chorus.tracking.helpers import PAGE, SIRET, deposit_many, follow, make_company, make_invoice, status
from tests.chorus.tracking.simulated_portal import Manners, SimulatedPortal


def test_l1_what_a_cap_may_hide_from_a_company_when_another_joins_it_is_asked_for(company: Company) -> None:
    portal = SimulatedPortal(Manners(page_cap=1))
    other = make_company("OTHER", "11111111111111")
    make_invoice(company, "Z-1")
    hidden = portal.deposit("Z-1", company.siret)
    follow(portal, [company])
    portal.manners.total_cap = 10
    for place in range(10):
        make_invoice(other, f"A-{place}")
        portal.deposit(f"A-{place}", other.siret)
    portal.move(hidden, "MANDATEE")
    follow(portal, [company, other])
    assert status("Z-1") == "MANDATEE"


def test_a_cap_that_no_window_gets_below_is_met_by_asking_one_by_one(company: Company) -> None:
    portal = SimulatedPortal(Manners(total_cap=4))
    deposit_many(portal, company, 12)
    follow(portal, [company])
    moment = portal.tick()
    for chorus_id in list(portal.rows):
        portal.move(chorus_id, "MANDATEE")
        portal.now = moment  # all at once: they cannot be told apart by date
    follow(portal, [company])
    assert set(Invoice.objects.values_list("chorus_status", flat=True)) == {"MANDATEE"}


def test_a_capped_portal_that_ignores_upper_bounds_is_given_up_soon_and_asked_one_by_one(company: Company) -> None:
    portal = SimulatedPortal(Manners(total_cap=10, heeds_upper_bound=False))
    for place in range(40):
        make_invoice(company, f"F-{place:04}")
        portal.tick(timedelta(days=1))
        portal.deposit(f"F-{place:04}", SIRET)
    result = follow(portal, [company])
    assert set(Invoice.objects.values_list("chorus_status", flat=True)) == {"DEPOSEE"}
    assert result.calls < 3 * 40


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize(("before", "after"), [(None, PAGE), (None, 3), (40, 15), (15, 2 * PAGE)])
def test_l1_a_cap_that_is_new_or_another_hides_nothing(
    company: Company, before: int | None, after: int, inclusive: bool
) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, total_cap=before, inclusive=inclusive))
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    portal.manners.total_cap = after
    for chorus_id in list(portal.rows)[: 3 * PAGE]:
        portal.move(chorus_id, "MANDATEE")
    follow(portal, [company])
    assert Invoice.objects.filter(chorus_status="MANDATEE").count() == 3 * PAGE


def test_l1_a_cap_of_as_many_rows_as_the_window_had_hides_nothing(company: Company) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE))
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    portal.manners.total_cap = PAGE
    make_invoice(company, "Z-1", ask_by_number=False)  # the last one by number: its row is the one that is hidden
    portal.deposit("Z-1", company.siret)
    follow(portal, [company])
    assert status("Z-1") == "DEPOSEE"


def test_l2_a_cap_that_is_new_costs_no_more_calls_once_it_is_known(company: Company) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, tells_time=True))
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    portal.manners.total_cap = PAGE // 2
    follow(portal, [company])
    assert follow(portal, [company]).calls <= 2


def test_l2_a_portal_that_compares_by_day_is_not_taken_for_a_capped_one(company: Company) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, by_day=True))
    deposit_many(portal, company, 5 * PAGE)
    portal.tick(timedelta(days=10))
    follow(portal, [company])
    for changed in (3 * PAGE, 1, 0):
        for chorus_id in list(portal.rows)[:changed]:
            portal.move(chorus_id, "MANDATEE" if changed > 1 else "COMPTABILISEE")
        result = follow(portal, [company])
        assert (result.tally.changed, result.log.warnings) == (changed, 0)
        assert result.calls <= 2 + 3 + 1  # the rows of the day, a total to compare with, a page of overlap


def test_l1_a_row_that_leaves_a_part_does_not_make_up_for_one_that_slips_away() -> None:
    portal = SimulatedPortal(Manners(page_cap=2, order="newest change"))
    ids = [portal.deposit(f"F-{place}", SIRET) for place in range(6)]
    end = portal.now
    leaving = iter(ids[-1:])  # which is on the first page

    def change_one() -> None:
        for chorus_id in leaving:
            portal.move(chorus_id, "MANDATEE")

    portal.between_pages = change_one
    taken: list[RemoteStatus] = []
    with Seen() as seen:
        reading = Reader(portal, 2, seen, taken.extend, lambda number, page: None).read(Window(until=end))
    assert reading.complete
    assert {row.chorus_id for row in taken} == set(ids)
