"""Requests of public clients that no other test here sends, by hand, with what these clients need of the answers."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from tests.chorus.local_portal.client import Client
from tests.clients.conftest import TREATMENT
from tests.clients.invoices import RECIPIENT, Invoice, factur_x, ubl

SUPPLIER_ID = 26073617
RECIPIENT_ID = 25784152
INVOICE_ID = 4321008  # of the seed, at its buyer's


@pytest.fixture
def supplier(portal: LocalPortal) -> Client:
    return Client(portal.url)


def done(client: Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/cpro/{path}", body)
    assert answer.status_code == 200, answer.text
    known: dict[str, Any] = answer.json()
    assert known["codeRetour"] == 0, known
    return known


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


@pytest.mark.parametrize("restricted", ["", "true", "false", True, False])
def test_pastell_finds_a_structure_with_or_without_a_choice_among_private_ones(
    supplier: Client, restricted: Any
) -> None:
    body = {"structure": {"identifiantStructure": RECIPIENT}, "restreindreStructuresPrivees": restricted}
    assert done(supplier, "structures/v1/rechercher", body)["listeStructures"][0]["idStructureCPP"] == RECIPIENT_ID


@pytest.mark.parametrize(("restricted", "found"), [("", 0), ("true", 0), ("false", 1)])
def test_pastell_finds_other_suppliers_only_where_it_asks_for_them(
    supplier: Client, restricted: str, found: int
) -> None:
    body = {"structure": {"identifiantStructure": "81234567600017"}, "restreindreStructuresPrivees": restricted}
    assert len(done(supplier, "structures/v1/rechercher", body)["listeStructures"]) == found


def test_pastell_reads_the_invoices_of_a_buyer_and_treats_one(buyer: Client) -> None:
    paging = {"nbResultatsParPage": 1000, "pageResultatDemandee": 1, "nbResultatsMaximum": 999999}
    window = {
        "periodeDateHeureEtatCourantDu": "2026-10-01",
        "periodeDateHeureEtatCourantAu": "2026-11-30T23:59:59",
    }
    body = {"typeDemandePaiement": "FACTURE", "paramRecherche": paging, "idDestinataire": RECIPIENT_ID, **window}
    assert done(buyer, "factures/v1/rechercher/recipiendaire", body)["pageCourante"] == 1
    works = buyer.post("/cpro/factures/v1/rechercher/recipiendaire", {**body, "typeDemandePaiement": "FACTURE_TRAVAUX"})
    assert works.json() == {"codeRetour": 20000, "libelle": "TRA_MSG_00.015"}

    known = {"listeFournisseurs": [{"idFournisseur": SUPPLIER_ID}], "numeroFacture": "ACME-2026-008"}
    (row,) = done(buyer, "factures/v1/rechercher/recipiendaire", known)["listeFactures"]
    assert row["idFacture"] == INVOICE_ID
    done(buyer, "factures/v1/consulter/historique", {"idFacture": INVOICE_ID, "nbResultatsMaximum": 50})
    for form in ("PDF", "PIVOT"):
        body = {"format": form, "listeFacture": [{"idFacture": INVOICE_ID}]}
        assert done(buyer, "factures/v1/telecharger/groupe", body)["fichierResultat"]
    treatment = {"nouveauStatut": "PRISE_EN_COMPTE_DESTINATAIRE", "motif": "", "numeroDPMandat": ""}
    done(buyer, "factures/v1/traiter/recue", {"idFacture": INVOICE_ID, **treatment})


def test_pastell_deposits_an_xml_without_a_word_on_its_signature(supplier: Client, clock: Clock) -> None:
    content = encoded(ubl(Invoice(number="P-1")))
    body = {"fichierFlux": content, "nomFichier": "P-1.xml", "syntaxeFlux": "IN_DP_E1_UBL_INVOICE"}
    flow = done(supplier, "factures/v1/deposer/flux", body)
    clock.advance(TREATMENT)
    report = {"numeroFluxDepot": flow["numeroFluxDepot"], "syntaxeFlux": flow["syntaxeFlux"]}  # as a client in C# asks
    assert done(supplier, "transverses/v1/consulterCRDetaille", report)["etatCourantDepotFlux"] == "IN_INTEGRE"


def test_pastell_deposits_a_pdf_and_submits_it(supplier: Client) -> None:
    pdf = encoded(factur_x(Invoice(number="P-2")))
    body = {"fichierFacture": pdf, "nomFichier": "P-2.pdf", "formatDepot": "PDF_NON_SIGNE"}
    piece = done(supplier, "factures/v1/deposer/pdf", body)["pieceJointeId"]
    invoice = {
        "modeDepot": "DEPOT_PDF_API",
        "numeroFactureSaisi": "P-2",
        "dateFacture": "2026-11-20",
        "destinataire": {"codeDestinataire": RECIPIENT},
        "fournisseur": {"idFournisseur": SUPPLIER_ID},
        "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
        "references": {
            "deviseFacture": "EUR",
            "typeFacture": "FACTURE",
            "typeTva": "TVA_SUR_DEBIT",
            "modePaiement": "VIREMENT",
        },
        "montantTotal": {
            "montantHtTotal": 1000.0,
            "montantTVA": 200.0,
            "montantTtcTotal": 1200.0,
            "montantAPayer": 1200.0,
        },
        "pieceJointePrincipale": [{"pieceJointePrincipaleDesignation": "ma facture", "pieceJointePrincipaleId": piece}],
    }
    answer = done(supplier, "factures/v1/soumettre", invoice)
    assert (answer["numeroFacture"], answer["statutFacture"]) == ("P-2", "DEPOSEE")


def test_a_client_in_php_submits_an_invoice_that_the_portal_numbers(supplier: Client) -> None:
    """The test command of a client on Symfony; the State's sandbox answered it with a number of 20 digits."""
    some = {
        "parametres": {"nbResultatsParPage": 3, "pageResultatDemandee": 1},
        "restreindreStructuresPrivees": False,
        "structure": {"statutStructure": "ACTIF"},
    }
    assert len(done(supplier, "structures/v1/rechercher", some)["listeStructures"]) == 3
    invoice = {
        "modeDepot": "SAISIE_API",
        "destinataire": {"codeDestinataire": RECIPIENT},
        "fournisseur": {"idFournisseur": SUPPLIER_ID},
        "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
        "references": {
            "deviseFacture": "EUR",
            "typeFacture": "FACTURE",
            "typeTva": "TVA_SUR_DEBIT",
            "modePaiement": "VIREMENT",
        },
        "lignePoste": [
            {
                "lignePosteNumero": 1,
                "lignePosteReference": "PREST-001",
                "lignePosteDenomination": "Conseil",
                "lignePosteQuantite": 1,
                "lignePosteUnite": "lot",
                "lignePosteMontantUnitaireHT": 100.0,
                "lignePosteTauxTvaManuel": 20.0,
            }
        ],
        "ligneTva": [
            {
                "ligneTvaTauxManuel": 20.0,
                "ligneTvaMontantBaseHtParTaux": 100.0,
                "ligneTvaMontantTvaParTaux": 20.0,
            }
        ],
        "montantTotal": {"montantHtTotal": 100.0, "montantTVA": 20.0, "montantAPayer": 120.0},
    }
    answer = done(supplier, "factures/v1/soumettre", invoice)
    assert (len(answer["numeroFacture"]), answer["statutFacture"]) == (20, "DEPOSEE")
    assert answer["identifiantFactureCPP"] > 0
    assert answer["empreinteCertificatDepot"]
