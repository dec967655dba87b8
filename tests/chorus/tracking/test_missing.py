"""Law L8: an absent invoice is no error at first."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from chorus.models import Company
from tests.chorus.tracking.helpers import PAGE, SIRET, MakeInvoice, deposit_many, follow
from tests.chorus.tracking.simulated_portal import SimulatedPortal


def test_l8_an_absent_invoice_is_counted_and_no_error(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    result = follow(portal, [company])
    stored.refresh_from_db()
    assert (result.tally.missing, result.tally.checked, result.tally.errors) == (1, 0, [])
    assert stored.missing_since is not None


@pytest.mark.parametrize(("days", "warnings"), [(3, 1), (400, 0)])
def test_l8_absence_is_warned_of_only_some_days_after_the_deposit(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice, settings: Settings, days: int, warnings: int
) -> None:
    settings.CHORUS_MISSING_AFTER_DAYS = days
    invoice("F-1")
    assert follow(portal, [company]).log.warnings == warnings


def test_l8_many_absent_invoices_are_not_asked_for_one_by_one(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    deposit_many(portal, company, 3 * PAGE)
    for place in range(40):
        invoice(f"M-{place}")
    result = follow(portal, [company])
    assert result.tally.missing == 40
    assert result.calls <= 3 + 2  # the pages, and the proof that their total is no cap


def test_l8_an_absent_invoice_that_appears_is_followed(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    follow(portal, [company])
    portal.deposit("F-1", SIRET)
    result = follow(portal, [company])
    stored.refresh_from_db()
    assert (stored.chorus_status, stored.missing_since, result.tally.missing) == ("DEPOSEE", None, 0)
