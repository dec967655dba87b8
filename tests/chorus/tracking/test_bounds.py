"""Law L1 where the portal takes the bounds of a window otherwise than they are meant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chorus.models import Company
from chorus.tracking.changes import read_changes
from chorus.tracking.reading import Reader
from chorus.tracking.seen import Seen
from chorus.tracking.windows import Progress, Shortcut
from tests.chorus.tracking.helpers import PAGE, SIRET, deposit_many, follow, status
from tests.chorus.tracking.simulated_portal import MIDNIGHT, Manners, SimulatedPortal

DAY = timedelta(days=1)


@pytest.mark.parametrize("hours", [0, -1, -12], ids="{} h".format)
def test_l1_a_portal_that_compares_by_day_is_not_thought_exact_for_a_row_of_midnight(
    company: Company, hours: int
) -> None:
    shift = timedelta(hours=hours)
    portal = SimulatedPortal(Manners(page_cap=PAGE, by_day=True, inclusive=False, clock_shift=shift, tells_time=True))
    deposit_many(portal, company, 3 * PAGE)
    follow(portal, [company])
    portal.tick(timedelta(hours=1))
    portal.move(1, "MANDATEE")
    portal.now, portal.step = MIDNIGHT + timedelta(days=1) - shift, timedelta(0)
    portal.move(2, "MANDATEE")
    follow(portal, [company])
    assert (status("F-0000"), status("F-0001")) == ("MANDATEE", "MANDATEE")


@pytest.mark.parametrize(("cap", "step"), [(3, timedelta(minutes=30)), (25, timedelta(hours=12))])
def test_l1_a_portal_in_another_zone_is_not_thought_exact_because_of_its_cap(
    company: Company, cap: int, step: timedelta
) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, clock_shift=timedelta(hours=1), tells_time=True))
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    portal.manners.total_cap = cap
    portal.tick(timedelta(minutes=5))
    portal.move(5 * PAGE, "MANDATEE")
    for chorus_id in range(1, 3 * PAGE):
        portal.tick(step)
        portal.move(chorus_id, "MANDATEE")
    follow(portal, [company])
    assert {status(row.number) for row in portal.rows.values() if row.code == "MANDATEE"} == {"MANDATEE"}


def test_l1_a_shortcut_is_not_taken_where_no_wider_window_could_make_good_for_it() -> None:
    portal = SimulatedPortal()
    for number in ("F-1", "F-2"):
        portal.deposit(number, SIRET)
    last = portal.now
    progress = Progress(last - DAY, last + 3 * DAY, shortcut=Shortcut(last, rows=1))
    with Seen() as seen:
        reader = Reader(portal, PAGE, seen, take=lambda _rows: None, show=lambda _number, _page: None)
        assert read_changes(reader, progress).window == progress.window()
