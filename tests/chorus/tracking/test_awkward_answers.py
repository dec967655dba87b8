"""Portals whose answers cannot be read, or do not add up."""

from __future__ import annotations

from chorus.models import Company, Watermark
from chorus.portal.messages import Search, SearchPage
from tests.chorus.tracking.helpers import PAGE, SIRET, MakeInvoice, follow, status
from tests.chorus.tracking.simulated_portal import SimulatedPortal


class SpoilingPortal(SimulatedPortal):
    """One of whose rows is unreadable while it is spoilt."""

    spoilt = True

    def search(self, search: Search, page: int, page_size: int) -> SearchPage:
        found = super().search(search, page, page_size)
        if not self.spoilt or not found.rows:
            return found
        return SearchPage(found.rows[1:], ("Row 1 cannot be read",), found.page, found.pages, PAGE, found.total)


def test_an_unreadable_row_is_an_error_and_is_read_again_by_the_next_run(
    company: Company, invoice: MakeInvoice
) -> None:
    portal = SpoilingPortal()
    for number in ("F-1", "F-2"):
        invoice(number, ask_by_number=False, chorus_status="DEPOSEE")
        portal.deposit(number, SIRET, code="MANDATEE")
    result = follow(portal, [company])
    assert ([error.message for error in result.tally.errors], status("F-2")) == (["Row 1 cannot be read"], "MANDATEE")
    assert result.tally.missing == 0
    portal.spoilt = False
    follow(portal, [company])
    assert status("F-1") == "MANDATEE"


def test_a_portal_that_announces_more_rows_than_it_gives_is_told_and_read_again(
    company: Company, invoice: MakeInvoice
) -> None:
    class Boaster(SimulatedPortal):
        def search(self, search: Search, page: int, page_size: int) -> SearchPage:
            found = super().search(search, page, page_size)
            return SearchPage(found.rows, (), page, found.pages, found.page_size, found.total + 1)

    invoice("F-1")
    boaster = Boaster()
    boaster.deposit("F-1", SIRET)
    result = follow(boaster, [company])
    assert result.log.warnings == 1
    assert not Watermark.objects.exists()


def test_a_portal_that_announces_pages_for_ever_is_not_followed_for_ever(
    company: Company, invoice: MakeInvoice
) -> None:
    class Endless(SimulatedPortal):
        def search(self, search: Search, page: int, page_size: int) -> SearchPage:
            found = super().search(search, 1, page_size)
            return SearchPage(found.rows, (), page, page + 1, 1, 1)

    invoice("F-1")
    endless = Endless()
    endless.deposit("F-1", SIRET)
    assert follow(endless, [company]).calls < 50
    assert status("F-1") == "DEPOSEE"
