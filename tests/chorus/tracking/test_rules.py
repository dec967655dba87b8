"""The rules of the batch that tracking keeps, each against a simulated portal."""

from __future__ import annotations

from chorus.models import Company, StatusChange
from chorus.statuses import DematerializationStatus
from tests.chorus.tracking.helpers import SIRET, MakeInvoice, follow, status
from tests.chorus.tracking.simulated_portal import SimulatedPortal


def test_rule_4_only_dematerialized_transmitted_open_invoices_are_followed(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    followed: dict[str, dict[str, object]] = {
        "F-1": {},
        "F-2": {"chorus_status": "MANDATEE"},
        "F-3": {"chorus_status": "UNKNOWN_CODE"},
    }
    others: dict[str, dict[str, object]] = {
        "F-4": {"dematerialized": False},
        "F-5": {"dematerialization_status": DematerializationStatus.TO_BE_TRANSMITTED},
        "F-6": {"chorus_status": "MISE_EN_PAIEMENT"},
    }
    for number, values in {**followed, **others}.items():
        invoice(number, **values)
        portal.deposit(number, SIRET, code="COMPTABILISEE")
    result = follow(portal, [company])
    assert sorted(change.invoice.number for change in result.changes) == sorted(followed)


def test_rule_5_a_change_is_stored_with_its_date_comment_and_a_status_change(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    chorus_id = portal.deposit("F-1", SIRET, flow="CPP1", comment="Reçue")
    follow(portal, [company])
    stored.refresh_from_db()
    assert (stored.chorus_status, stored.chorus_comment, stored.flow_number) == ("DEPOSEE", "Reçue", "CPP1")
    assert (stored.chorus_id, stored.chorus_status_at) == (chorus_id, portal.rows[chorus_id].since)
    change = StatusChange.objects.get()
    assert (change.old, change.new, change.at) == ("", "DEPOSEE", stored.chorus_status_at)


def test_rule_5_an_unknown_code_is_logged_once_a_run(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    for number in ("F-1", "F-2"):
        invoice(number)
        portal.deposit(number, SIRET, code="TOUT_NOUVEAU")
    result = follow(portal, [company])
    assert status("F-1") == status("F-2") == "TOUT_NOUVEAU"
    assert result.log.warnings == 1


def test_rule_6_a_rejection_denies_the_transmission(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    portal.deposit("F-1", SIRET, code="REJETEE", comment="Doublon")
    follow(portal, [company])
    stored.refresh_from_db()
    assert stored.dematerialization_status == DematerializationStatus.TRANSMISSION_DENIED


def test_rule_7_a_final_invoice_causes_no_call(portal: SimulatedPortal, company: Company, invoice: MakeInvoice) -> None:
    invoice("F-1", chorus_status="MISE_EN_PAIEMENT")
    assert follow(portal, [company]).calls == 0


def test_rule_9_one_invoice_that_the_database_refuses_stops_no_other(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    taken = portal.deposit("F-1", SIRET)
    invoice("F-0", chorus_id=taken, chorus_status="MISE_EN_PAIEMENT")  # final, and holds the Chorus id of F-1
    invoice("F-1")
    invoice("F-2")
    portal.deposit("F-2", SIRET)
    result = follow(portal, [company])
    assert (status("F-1"), status("F-2")) == ("", "DEPOSEE")
    assert [error.invoice for error in result.tally.errors] == ["F-1"]
