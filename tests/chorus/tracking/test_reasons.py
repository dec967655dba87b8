"""Law L9: the buyer's reasons."""

from __future__ import annotations

import pytest

from chorus.models import Company, StatusChange
from chorus.portal.errors import PortalUnavailable, UnexpectedAnswer
from chorus.portal.messages import StatusHistory
from tests.chorus.tracking.helpers import SIRET, MakeInvoice, follow, status
from tests.chorus.tracking.simulated_portal import SimulatedPortal


def test_l9_the_reason_is_asked_from_the_history_where_the_row_has_none(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    chorus_id = portal.deposit("F-1", SIRET, code="REJETEE")
    portal.reasons[chorus_id, "REJETEE"] = "Doublon"
    follow(portal, [company])
    stored.refresh_from_db()
    assert stored.chorus_comment == StatusChange.objects.get().comment == "Doublon"


def test_l9_the_history_is_asked_only_then(portal: SimulatedPortal, company: Company, invoice: MakeInvoice) -> None:
    invoice("F-1")
    invoice("F-2")
    portal.deposit("F-1", SIRET, code="REJETEE", comment="Doublon")
    portal.deposit("F-2", SIRET, code="MANDATEE")
    follow(portal, [company])
    assert "history" not in portal.calls


class MutePortal(SimulatedPortal):
    """One whose history cannot be had."""

    error: Exception = UnexpectedAnswer("consulter/historique", "refused")

    def history(self, chorus_id: int) -> StatusHistory:
        super().history(chorus_id)
        raise self.error


@pytest.mark.parametrize("error", [MutePortal.error, PortalUnavailable("consulter/historique", "down")])
def test_l9_a_reason_that_cannot_be_read_costs_an_error_and_comes_with_the_next_run(
    company: Company, invoice: MakeInvoice, error: Exception
) -> None:
    stored, mute = invoice("F-1"), MutePortal()
    mute.error = error
    chorus_id = mute.deposit("F-1", SIRET, code="REJETEE")
    result = follow(mute, [company])
    assert (status("F-1"), [each.invoice for each in result.tally.errors]) == ("REJETEE", ["F-1"])
    healthy = SimulatedPortal()
    healthy.rows, healthy.reasons[chorus_id, "REJETEE"] = mute.rows, "Doublon"
    invoice("F-2")
    follow(healthy, [company])
    stored.refresh_from_db()
    assert (stored.chorus_comment, stored.reason_due) == ("Doublon", False)
