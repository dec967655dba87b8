"""A dry run, and calls that hold no transaction."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from django.db import connection

from chorus.models import Company, Invoice, Watermark
from chorus.portal.messages import Search, SearchPage, StatusHistory
from chorus.tracking.preview import Preview
from chorus.tracking.states import Change
from tests.chorus.tracking.helpers import PAGE, SIRET, deposit_many, follow, make_company, make_invoice
from tests.chorus.tracking.simulated_portal import Manners, SimulatedPortal


def test_a_dry_run_finds_the_same_changes_and_writes_nothing(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 2 * PAGE)
    make_invoice(company, "MISSING")
    before = list(Invoice.objects.order_by("pk").values())
    preview = follow(portal, [company], ledger=Preview)
    assert list(Invoice.objects.order_by("pk").values()) == before
    assert not Watermark.objects.exists()
    assert counts(preview.changes) == counts(follow(portal, [company]).changes)


def test_a_dry_run_counts_what_the_run_would_count(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 2 * PAGE)
    make_invoice(company, "MISSING")
    preview = follow(portal, [company], ledger=Preview).tally
    assert preview.counts() == follow(portal, [company]).tally.counts()


def counts(changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    return sorted((change.invoice.number, change.old, change.new) for change in changes)


@pytest.mark.django_db(transaction=True)
def test_no_call_is_made_inside_a_database_transaction() -> None:
    class Watching(SimulatedPortal):
        def search(self, search: Search, page: int, page_size: int) -> SearchPage:
            assert not connection.in_atomic_block
            return super().search(search, page, page_size)

        def history(self, chorus_id: int) -> StatusHistory:
            assert not connection.in_atomic_block
            return super().history(chorus_id)

    company = make_company("ACME", SIRET)
    watching = Watching(Manners(page_cap=PAGE))
    deposit_many(watching, company, 2 * PAGE)
    watching.move(1, "REJETEE")
    make_invoice(company, "MISSING")
    assert follow(watching, [company]).tally.changed == 2 * PAGE
    assert "history" in watching.calls
