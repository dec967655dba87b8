"""Of a treated flow the good invoices are integrated, and the others are refused with reasons."""

import datetime
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.records import Account, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import Client
from tests.chorus.local_portal.deposits import files
from tests.chorus.local_portal.deposits.depositor import Depositor, encoded
from tests.chorus.local_portal.deposits.files import (
    ACME,
    CII,
    CITY,
    COMMITMENT_CITY,
    SERVICE_CITY,
    STRICT_CITY,
)


def test_a_deposited_invoice_is_read_with_what_its_file_says(depositor: Depositor, store: Store) -> None:
    content = files.ubl(service="SERVICE_DEST_SERV_OBL", recipient=SERVICE_CITY, attachment=b"%PDF-1.7")
    depositor.treated(content)
    (row,) = store.rows("SELECT * FROM full_invoices WHERE number = 'F-1'")
    expected = {
        "supplier_siret": ACME,
        "recipient_siret": SERVICE_CITY,
        "service_code": "SERVICE_DEST_SERV_OBL",
        "date": "2026-11-20",
        "due_on": "2026-12-20",
        "amount_excl_tax": 100.0,
        "amount_incl_tax": 120.0,
        "amount_payable": 90.0,
        "currency": "EUR",
        "contract_number": "2026M0001",
        "original_number": "F-0",
        "payment_mode": "VIREMENT",
        "comment": "Prestation d'octobre",
        "size": len(content) + 8,
    }
    assert {name: row[name] for name in expected} == expected


def test_the_deposited_file_and_what_is_embedded_become_attachments(depositor: Depositor, store: Store) -> None:
    content = files.ubl(attachment=b"%PDF-1.7")
    depositor.treated(content)
    rows = store.rows(
        "SELECT role, type, designation, login, mime_type, extension, content"
        " FROM invoice_attachments JOIN attachments ON id = attachment_id ORDER BY role DESC"
    )
    login = depositor.client.login
    assert [tuple(row.values()) for row in rows] == [
        ("main", "01", "facture.xml", login, "application/xml", "XML", content),
        ("additional", "02", "bon.pdf", login, "application/pdf", "PDF", b"%PDF-1.7"),
    ]


def test_an_integrated_invoice_goes_on_its_way(depositor: Depositor, client: Client, clock: Clock) -> None:
    depositor.treated(files.ubl())
    clock.advance(datetime.timedelta(hours=1))
    (row,) = client.search(numeroFacture="F-1")["listeFactures"]
    assert row["statut"] == "MISE_A_DISPOSITION"


def test_a_technical_error_rejects_the_flow(depositor: Depositor, client: Client, clock: Clock) -> None:
    report = depositor.treated(files.ubl(day="hier"))
    assert report["etatCourantDepotFlux"] == "IN_REJETE"
    assert "listeErreurDP" not in report
    (error,) = report["listeErreurTechnique"]
    assert (error["codeErreur"], error["natureErreur"]) == ("ERR_XSD_001", "BLOQUANTE")
    assert error["libelleErreur"].startswith("IRRECEVABILITE: cvc-datatype-valid-1-2-1: Element 'IssueDate': 'hier'")
    assert client.numbers(numeroFacture="F-1") == []


@pytest.mark.parametrize(
    ("different", "text"),
    [
        (
            {"supplier": "99999999900001"},
            "L'identifiant fournisseur 99999999900001 n'est pas reference dans notre systeme.",
        ),
        (
            {"supplier": "81234567600017"},
            "Le deposant n'est pas habilite a deposer pour le fournisseur 81234567600017.",
        ),
        (
            {"recipient": "99999999900001"},
            "L'identifiant destinataire 99999999900001 n'est pas reference dans notre systeme.",
        ),
        ({"recipient": SERVICE_CITY}, f"Le code service est obligatoire pour le destinataire {SERVICE_CITY}."),
        (
            {"recipient": COMMITMENT_CITY},
            f"Le numero d'engagement est obligatoire pour le destinataire {COMMITMENT_CITY}.",
        ),
        (
            {"recipient": STRICT_CITY},
            f"Le code service est obligatoire pour le destinataire {STRICT_CITY}."
            f"|Le numero d'engagement est obligatoire pour le destinataire {STRICT_CITY}.",
        ),
        ({"number": "ACME-2026-001"}, f"La facture ACME-2026-001 a deja ete deposee par le fournisseur {ACME}."),
        ({"mode": "B1"}, "Le cadre de facturation B1 n'est pas accepte."),
    ],
)
def test_an_invoice_that_breaks_a_rule_is_refused_in_the_report(
    depositor: Depositor, different: dict[str, Any], text: str
) -> None:
    report = depositor.treated(files.ubl(**{"number": "F-1", **different}))
    assert report["etatCourantDepotFlux"] == "IN_REJETE"
    assert "listeErreurTechnique" not in report
    assert report["listeErreurDP"] == [
        {
            "numeroDP": different.get("number", "F-1"),
            "identifiantFournisseur": different.get("supplier", ACME),
            "identifiantDestinataire": different.get("recipient", CITY),
            "libelleErreurDP": text,
        }
    ]


def test_many_messages_are_cut_at_200_characters(depositor: Depositor) -> None:
    (error,) = depositor.treated(files.ubl(number="F#1", recipient=STRICT_CITY, mode="B1"))["listeErreurDP"]
    assert len(error["libelleErreurDP"]) == 200


def test_of_several_invoices_the_good_ones_are_integrated(depositor: Depositor, client: Client) -> None:
    flow = {
        "1.xml": files.ubl("F-1"),
        "2.xml": files.ubl("F-2", recipient="99999999900001"),
        "3.xml": files.ubl("F-3"),
        "4.xml": files.ubl("F-3"),
    }
    report = depositor.treated(files.tar_gz(flow))
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE_PARTIEL"
    assert [error["numeroDP"] for error in report["listeErreurDP"]] == ["F-2", "F-3"]
    assert client.numbers(numeroFluxDepot=report["nomFichier"].rpartition("_")[2]) == ["F-1", "F-3"]


@pytest.mark.parametrize(
    ("second", "state"), [(files.ubl("F-2"), "IN_INTEGRE"), (files.ubl("F-2", mode="B1"), "IN_INTEGRE_PARTIEL")]
)
def test_a_whole_archive_is_one_flow(depositor: Depositor, second: bytes, state: str) -> None:
    report = depositor.treated(files.tar_gz({"1.xml": files.ubl("F-1"), "2.xml": second}))
    assert report["etatCourantDepotFlux"] == state


def test_one_unreadable_file_rejects_the_whole_archive(depositor: Depositor, client: Client) -> None:
    report = depositor.treated(files.tar_gz({"1.xml": files.ubl("F-1"), "2.xml": b"<a/>"}))
    assert report["etatCourantDepotFlux"] == "IN_REJETE"
    assert report["listeErreurTechnique"][0]["libelleErreur"].startswith("2.xml: IRRECEVABILITE")
    assert client.numbers(numeroFacture="F-1") == []


def test_a_number_that_was_only_refused_may_be_deposited_again(depositor: Depositor) -> None:
    assert depositor.treated(files.cii(vat_category=None), CII)["etatCourantDepotFlux"] == "IN_REJETE"
    assert depositor.treated(files.cii(), CII)["etatCourantDepotFlux"] == "IN_INTEGRE"
    assert depositor.treated(files.cii(), CII)["etatCourantDepotFlux"] == "IN_REJETE"


def test_an_invoice_that_its_buyer_rejected_needs_a_new_number(depositor: Depositor, store: Store) -> None:
    depositor.treated(files.ubl())
    (row,) = store.rows("SELECT id FROM invoices WHERE number = 'F-1'")
    store.set_status(row["id"], "REJETEE")
    assert depositor.treated(files.ubl())["etatCourantDepotFlux"] == "IN_REJETE"


def test_identifiers_of_the_seed_may_be_any_text_and_have_blanks(
    store: Store, portal: LocalPortal, clock: Clock
) -> None:
    store.add_structure(Structure("FR 12 345", "Fournisseur", "supplier"))
    store.add_structure(Structure("987 654", "Destinataire", "recipient"))
    store.add_account(Account("TECH_9", "local-password-1", ["FR 12 345"]))
    client = Client(portal.url)
    client.headers["cpro-account"] = encoded(b"TECH_9:local-password-1")
    report = Depositor(client, clock).treated(files.ubl(supplier="FR12345", recipient="987654"))
    assert report["etatCourantDepotFlux"] == "IN_INTEGRE"


def test_the_content_of_a_flow_is_not_kept_twice(depositor: Depositor, store: Store) -> None:
    depositor.treated(files.ubl())
    assert store.rows("SELECT content, treated FROM flows") == [{"content": None, "treated": 1}]
