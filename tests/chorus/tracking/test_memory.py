"""Law L6: memory is flat."""

from __future__ import annotations

import tracemalloc
from datetime import date

from chorus.models import Company, Invoice
from chorus.statuses import DematerializationStatus
from tests.chorus.tracking.helpers import SIRET, follow
from tests.chorus.tracking.simulated_portal import SimulatedPortal


def peak_memory_of_a_run(company: Company, invoices: int) -> int:
    """Return the highest memory of a run, in bytes, with so many open invoices of which none has changed."""
    Invoice.objects.all().delete()
    Invoice.objects.bulk_create(
        Invoice(
            company=company,
            number=f"F-{place:05}",
            date=date(2026, 10, 1),
            dematerialization_status=DematerializationStatus.TRANSMITTED,
            chorus_status="DEPOSEE",
            ask_by_number=False,
        )
        for place in range(invoices)
    )
    portal = SimulatedPortal()
    portal.deposit("F-00000", SIRET)
    follow(portal, [company])
    tracemalloc.start()
    follow(portal, [company])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_l6_memory_is_flat_however_many_invoices_are_open(company: Company) -> None:
    few = peak_memory_of_a_run(company, 100)
    assert peak_memory_of_a_run(company, 5000) < 2 * few
