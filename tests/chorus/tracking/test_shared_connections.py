"""Law L7: companies that share a connection, and rows that find their invoice."""

from __future__ import annotations

from datetime import timedelta

from chorus.models import Company
from tests.chorus.tracking.helpers import SIRET, MakeInvoice, deposit_many, follow, make_company, make_invoice, status
from tests.chorus.tracking.simulated_portal import Manners, SimulatedPortal


def test_l7_companies_that_share_a_connection_share_its_calls(portal: SimulatedPortal, company: Company) -> None:
    other = make_company("OTHER", "11111111111111")
    for each in (company, other):
        make_invoice(each, "F-1")
        portal.deposit("F-1", each.siret, code="MANDATEE" if each == other else "DEPOSEE")
    result = follow(portal, [company, other])
    assert result.calls == 1
    assert {change.invoice.company: change.new for change in result.changes} == {"ACME": "DEPOSEE", "OTHER": "MANDATEE"}


def test_l7_a_company_that_joins_a_connection_is_read_from_the_beginning(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    other = make_company("OTHER", "11111111111111")
    invoice("F-1")
    make_invoice(other, "G-1", ask_by_number=False)
    portal.deposit("G-1", other.siret)
    portal.tick(timedelta(days=30))
    portal.deposit("F-1", SIRET)
    follow(portal, [company])
    follow(portal, [company, other])
    assert status("G-1") == "DEPOSEE"


def test_l7_twins_that_nothing_tells_apart_change_nothing_and_are_an_error(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    invoice("F-1")
    portal.deposit("F-1", SIRET, flow="CPP1")
    portal.deposit("F-1", SIRET, flow="CPP2", code="REJETEE")
    result = follow(portal, [company])
    assert status("F-1") == ""
    assert "1, 2" in result.tally.errors[0].message


def test_l7_twins_on_two_pages_are_twins_all_the_same(company: Company, invoice: MakeInvoice) -> None:
    portal = SimulatedPortal(Manners(page_cap=1))
    invoice("F-1", flow_number="CPP2")
    portal.deposit("F-1", SIRET, flow="")
    portal.deposit("F-1", SIRET, flow="CPP2", code="MANDATEE")
    follow(portal, [company])
    assert status("F-1") == "MANDATEE"


def test_l7_an_invoice_is_found_by_its_chorus_id_where_the_portal_has_another_number(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    deposit_many(portal, company, 1)
    follow(portal, [company])
    chorus_id = portal.deposit("WRITTEN-OTHERWISE", "99999999999999", code="MANDATEE")
    portal.tick(timedelta(days=30))
    portal.move(1, "MANDATEE")
    follow(portal, [company])
    invoice("ERP-7", chorus_id=chorus_id)
    follow(portal, [company])
    assert status("ERP-7") == "MANDATEE"
