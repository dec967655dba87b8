"""Laws L4 and L5: what is read is kept, and the watermark moves last, by the portal's own dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chorus.models import Company, StatusChange, Watermark
from chorus.portal.errors import PortalUnavailable
from chorus.tracking.reading import Reader
from chorus.tracking.seen import Seen
from chorus.tracking.windows import Window
from tests.chorus.tracking.helpers import PAGE, SIRET, MakeInvoice, deposit_many, follow, status
from tests.chorus.tracking.simulated_portal import Manners, SimulatedPortal


def test_l4_the_portals_own_word_tells_when_the_reading_began() -> None:
    portal = SimulatedPortal(Manners(tells_time=True))
    portal.deposit("F-1", SIRET)
    told = portal.tick(timedelta(hours=1))
    with Seen() as seen:
        reader = Reader(portal, PAGE, seen, take=lambda _rows: None, show=lambda _number, _page: None)
        reader.read(Window())
    assert reader.began == told


def test_l4_the_watermark_stays_where_the_reading_was_cut_short(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 3 * PAGE)

    def break_down() -> None:
        raise PortalUnavailable("rechercher/fournisseur", "down")

    portal.between_pages = break_down
    with pytest.raises(PortalUnavailable):
        follow(portal, [company])
    assert not Watermark.objects.exists()


def test_l4_the_watermark_comes_from_the_portals_dates(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 3)
    follow(portal, [company])
    newest = max(row.since for row in portal.rows.values() if row.since)
    assert Watermark.objects.get().settled_until == newest


def test_l4_a_date_in_the_far_future_does_not_move_the_watermark_there(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    deposit_many(portal, company, 3)
    present = portal.now
    portal.now = datetime(9999, 1, 1, tzinfo=UTC)
    portal.deposit("NONSENSE", SIRET)
    portal.now = present
    follow(portal, [company])
    portal.move(1, "MANDATEE")
    follow(portal, [company])
    assert status("F-0000") == "MANDATEE"
    assert Watermark.objects.get().settled_until < datetime(2027, 1, 1, tzinfo=UTC)  # type: ignore[operator]


def test_l5_what_was_read_before_a_failure_is_kept_and_the_next_run_does_the_rest(
    portal: SimulatedPortal, company: Company
) -> None:
    deposit_many(portal, company, 3 * PAGE)
    pages = iter([None])

    def break_down_on_the_third_page() -> None:
        if next(pages, "broken") == "broken":
            raise PortalUnavailable("rechercher/fournisseur", "down")

    portal.between_pages = break_down_on_the_third_page
    with pytest.raises(PortalUnavailable):
        follow(portal, [company])
    kept = StatusChange.objects.count()
    portal.between_pages = lambda: None
    follow(portal, [company])
    assert kept >= PAGE
    assert StatusChange.objects.count() == 3 * PAGE
