"""Law L3: invoices that come late, or come back, get their status."""

from __future__ import annotations

import dataclasses
from datetime import date, timedelta

from pytest_django import Settings

from chorus.models import Company, Invoice, Watermark
from tests.chorus.tracking.helpers import PAGE, SIRET, MakeInvoice, deposit_many, follow, status
from tests.chorus.tracking.simulated_portal import SimulatedPortal


def test_l3_an_invoice_imported_after_its_last_change_was_read_past_gets_its_status(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice, settings: Settings
) -> None:
    deposit_many(portal, company, 3 * PAGE)
    portal.deposit("A-LATE", SIRET, code="MANDATEE")
    portal.tick(timedelta(days=30))
    portal.move(1, "MANDATEE")
    follow(portal, [company])
    invoice("A-LATE")
    follow(portal, [company])
    assert status("A-LATE") == "MANDATEE"


def test_l3_many_latecomers_are_read_in_bulk(portal: SimulatedPortal, company: Company, invoice: MakeInvoice) -> None:
    for place in range(3 * PAGE):
        portal.deposit(f"F-{place:04}", SIRET)
    portal.tick(timedelta(days=30))
    portal.deposit("G-1", SIRET)
    invoice("G-1")
    follow(portal, [company])
    for place in range(3 * PAGE):
        invoice(f"F-{place:04}")
    result = follow(portal, [company])
    assert result.tally.changed == 3 * PAGE
    assert result.calls <= 6


def test_l3_a_reopened_invoice_gets_its_status(portal: SimulatedPortal, company: Company, invoice: MakeInvoice) -> None:
    stored = invoice("F-1", chorus_status="SUSPENDUE", chorus_id=1, ask_by_number=False)
    invoice("F-2")
    portal.deposit("F-1", SIRET, code="COMPLETEE")
    portal.tick(timedelta(days=30))
    portal.deposit("F-2", SIRET)
    follow(portal, [company])
    assert status("F-1") == "SUSPENDUE"
    Invoice.objects.filter(pk=stored.pk).update(tracking_reopened=True, ask_by_number=True)
    follow(portal, [company])
    assert status("F-1") == "COMPLETEE"


def test_l3_a_status_that_we_do_not_know_is_asked_for_again_once_a_day(
    portal: SimulatedPortal, company: Company
) -> None:
    """A portal may take a wrong code back and leave its date as it is: no window shows that."""
    deposit_many(portal, company, 3 * PAGE)
    good = portal.rows[1]
    portal.rows[1] = dataclasses.replace(good, code="NOUVEAU_STATUT")
    follow(portal, [company])
    assert status("F-0000") == "NOUVEAU_STATUT"
    portal.rows[1] = good
    follow(portal, [company])
    assert status("F-0000") == "NOUVEAU_STATUT"
    Watermark.objects.update(missing_asked_on=date(2026, 1, 1))
    follow(portal, [company])
    assert status("F-0000") == "DEPOSEE"
