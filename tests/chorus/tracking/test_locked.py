"""What others have locked for too long (F29) is read again by the next run, which finds its watermark unmoved."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError

from akuiteo.contention import ContendedError, short_transaction
from chorus.models import Company, Invoice, Watermark
from chorus.tracking import ledger
from tests.chorus.tracking.helpers import deposit_many, follow
from tests.chorus.tracking.simulated_portal import SimulatedPortal

INVOICES = 3


@pytest.mark.parametrize("locks_everything", [True, False])
def test_f29_l4_the_watermark_stays_where_it_is_while_something_is_unwritten(
    portal: SimulatedPortal, company: Company, monkeypatch: pytest.MonkeyPatch, locks_everything: bool
) -> None:
    deposit_many(portal, company, INVOICES)
    locked = [True]

    def once_locked(*args: Any, **options: Any) -> Any:
        if locked:
            raise ContendedError(OperationalError(f"locked: {locked.pop()}"))
        return short_transaction(*args, **options)

    monkeypatch.setattr(ledger, "locks_everything", lambda: locks_everything)
    monkeypatch.setattr(ledger, "short_transaction", once_locked)
    first = follow(portal, [company])
    assert bool(first.tally.errors) is locks_everything
    assert not Watermark.objects.exists()
    follow(portal, [company])
    assert Watermark.objects.exists()
    assert not Invoice.objects.filter(chorus_status="").exists()
