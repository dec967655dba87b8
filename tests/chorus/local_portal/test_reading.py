import datetime
from typing import Any

import pytest

from chorus.local_portal.records import Invoice, StatusChange
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.store import Store
from tests.chorus.local_portal.client import HISTORY, READ, Client

ACME, CITY, OTHER_SUPPLIER_S = "33254021516357", "12345678200051", 4321011
NOON = datetime.datetime(2026, 11, 9, 11, 0, tzinfo=datetime.UTC)
HISTORY_PAGING = "paramRechercheHistoStatuts"


def read(client: Client, invoice_id: int) -> Any:
    return client.post(READ, {"identifiantFactureCPP": invoice_id}).json()


def history(client: Client, invoice_id: int, **paging: Any) -> Any:
    return client.post(HISTORY, {"idFacture": invoice_id, HISTORY_PAGING: paging}).json()["historiquesDesStatuts"]


def test_an_invoice_is_read_with_its_parties_references_and_totals(client: Client) -> None:
    answer = read(client, 4321004)
    assert (answer["codeRetour"], answer["libelle"]) == (0, "TRA_MSG_00.000")
    assert answer["facture"] == {
        "identifiantFactureCPP": 4321004,
        "numeroFacture": "ACME-2026-004",
        "statutFacture": "SUSPENDUE",
        "modeDepot": "UPLOAD_API",
        "rejetTraite": False,
        "destinataire": {
            "idDestinataire": 25784155,
            "codeDestinataire": "12345678200044",
            "libelleDestinataire": "DESTINATAIRE SERVICE ET ENGAGEMENT OBLIGATOIRES",
            "designationDestinataire": "DESTINATAIRE SERVICE ET ENGAGEMENT OBLIGATOIRES",
            "idServiceExecutant": 10653102,
            "codeServiceExecutant": "SERVICE_DEST_SERV_EJ_OBL",
            "libelleServiceExecutant": "Service des marchés",
        },
        "fournisseur": {
            "idFournisseur": 26073617,
            "typeIdentifiantFournisseur": "SIRET",
            "codeFournisseur": ACME,
            "raisonSocialeFournisseur": "ACME CONSEIL",
            "designationFournisseur": "ACME CONSEIL",
        },
        "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
        "references": {
            "dateFacture": "2026-10-05",
            "dateDepot": "2026-10-05",
            "dateCreationFacture": "2026-10-05 10:03",
            "dateEcheancePaiement": "2026-11-04",
            "codeDeviseFacture": "EUR",
            "typeFacture": "FACTURE",
            "numeroMarche": "2026M0003",
            "numeroBonCommande": "1000054111",
        },
        "montantTotal": {
            "montantHtTotal": 15600,
            "montantTVA": 3120,
            "montantTtcTotal": 18720,
            "montantAPayer": 18720,
        },
    }


def test_an_invoice_without_amounts_is_read_without_totals(store: Store, client: Client) -> None:
    history = [StatusChange("DEPOSEE", NOON)]
    invoice_id = store.add_invoice(
        Invoice(number="F", supplier=ACME, recipient=CITY, date=NOON.date(), history=history)
    )
    assert "montantTotal" not in read(client, invoice_id)["facture"]


def test_validators_bank_and_factor_are_read_where_they_are_known(store: Store, client: Client) -> None:
    members = {
        "codeValideur1": "90876543100022",
        "coordBancairesFournisseurCodePays": "FR",
        "affactureurCode": "AFF",
        "nomPrenomUtilisateurCreateur": "Le Gall Anne",
    }
    history = [StatusChange("DEPOSEE", NOON)]
    invoice_id = store.add_invoice(
        Invoice(number="F", supplier=ACME, recipient=CITY, date=NOON.date(), history=history, other_members=members)
    )
    facture = read(client, invoice_id)["facture"]
    assert facture["cadreDeFacturation"]["codeValideur1"] == "90876543100022"
    assert facture["fournisseur"]["coordBancairesFournisseurCodePays"] == "FR"
    assert facture["fournisseur"]["affactureur"] == {"affactureurCode": "AFF"}


@pytest.mark.parametrize(("path", "name"), [(READ, "identifiantFactureCPP"), (HISTORY, "idFacture")])
def test_an_invoice_that_does_not_exist_is_refused_with_the_portal_s_code(client: Client, path: str, name: str) -> None:
    answer = client.post(path, {name: 1})
    assert answer.status_code == 200
    assert answer.json() == {
        "codeRetour": 20000,
        "libelle": "GDP_MSG_11.008 - La demande de paiement n'existe pas.",
    }


@pytest.mark.parametrize(("path", "name"), [(READ, "identifiantFactureCPP"), (HISTORY, "idFacture")])
def test_an_invoice_of_another_supplier_is_refused(client: Client, path: str, name: str) -> None:
    answer = client.post(path, {name: OTHER_SUPPLIER_S}).json()
    assert (answer["codeRetour"], answer["libelle"][:14]) == (20001, "GDP_MSG_11.005")


def test_the_buyer_cannot_read_as_the_supplier_but_sees_the_history(buyer: Client) -> None:
    assert read(buyer, 4321004)["codeRetour"] == 20001
    assert buyer.post(HISTORY, {"idFacture": 4321004}).json()["codeRetour"] == 0


@pytest.mark.parametrize(("path", "name"), [(READ, "identifiantFactureCPP"), (HISTORY, "idFacture")])
def test_the_id_of_the_invoice_is_due(client: Client, path: str, name: str) -> None:
    answer = client.post(path, {})
    assert (answer.status_code, answer.json()["libelle"]) == (400, f"GCU_MSG_01_400 - {name}: missing")


def test_the_history_of_an_invoice_is_newest_first(client: Client) -> None:
    answer = client.post(HISTORY, {"idFacture": 4321004}).json()
    assert {name: answer[name] for name in list(answer)[:6]} == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "idFacture": 4321004,
        "numeroFacture": "ACME-2026-004",
        "modeDepot": "UPLOAD_API",
        "statutCourantCode": "SUSPENDUE",
    }
    changes = answer["historiquesDesStatuts"]["histoStatut"]
    assert [change["histoStatutCode"] for change in changes] == [
        "SUSPENDUE",
        "MISE_A_DISPOSITION",
        "EN_COURS_ACHEMINEMENT",
        "DEPOSEE",
    ]
    ids = [change["histoStatutId"] for change in changes]
    assert ids == sorted(ids, reverse=True)


def test_a_status_in_the_history_has_its_minute_in_paris_its_comment_and_author(client: Client) -> None:
    change = history(client, 4321004)["histoStatut"][0]
    assert change.pop("histoStatutId") > 8_500_000
    assert change == {
        "histoStatutCode": "SUSPENDUE",
        "histoStatutDatePassage": "2026-10-07 17:19",
        "histoStatutCommentaire": "Bon de livraison signé manquant.",
        "histoStatutUtilisateurNom": "DESTINATAIRE SERVICE ET ENGAGEMENT OBLIGATOIRES",
    }


def test_the_history_has_pages(client: Client) -> None:
    page = history(client, 4321001, nbResultatsParPageListeHistoStatut=3, pageResultatDemandeeListeHistoStatut=3)
    assert [change["histoStatutCode"] for change in page.pop("histoStatut")] == ["DEPOSEE"]
    assert page == {
        "pageCouranteHistoStatut": 3,
        "pagesHistoStatut": 3,
        "nbResultatsParPageHistoStatut": 3,
        "totalHistoStatut": 7,
    }


def test_the_page_cap_holds_for_the_history(store: Store) -> None:
    with LocalPortal(store, page_cap=2) as portal:
        page = history(Client(portal.url), 4321001)
    assert (len(page["histoStatut"]), page["nbResultatsParPageHistoStatut"]) == (2, 2)


@pytest.mark.parametrize(
    ("paging", "first"),
    [
        ({"triSensListeHistoStatut": "Ascendant"}, "DEPOSEE"),
        ({"triColonneListeHistoStatut": "HistoStatutCode"}, "SUSPENDUE"),
        ({"triColonneListeHistoStatut": "HistoStatutCode", "triSensListeHistoStatut": "Ascendant"}, "DEPOSEE"),
        ({"triColonneListeHistoStatut": "HistoStatutCommentaire"}, "SUSPENDUE"),
        ({"triColonneListeHistoStatut": "HistoStatutUtilisateurEmail"}, "SUSPENDUE"),
    ],
)
def test_the_history_is_sorted_as_asked(client: Client, paging: dict[str, str], first: str) -> None:
    assert history(client, 4321004, **paging)["histoStatut"][0]["histoStatutCode"] == first
