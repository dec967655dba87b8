import datetime
from typing import Any

import pytest

from chorus.local_portal.state.records import Invoice, StatusChange
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import HISTORY, READ, Client

ACME, CITY, OTHER_SUPPLIER_S = "33254021516357", "12345678200051", 4321011
NOON = datetime.datetime(2026, 11, 9, 11, 0, tzinfo=datetime.UTC)


def read(client: Client, invoice_id: int) -> Any:
    return client.post(READ, {"identifiantFactureCPP": invoice_id}).json()


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
            "miseEnPaiementDestinataire": False,
            "adresseDestinataireDetail": "8 cours de Verdun",
            "adresseDestinataireCodePostal": "33000",
            "adresseDestinataireVille": "Bordeaux",
            "adresseDestinataireCodePays": "FR",
            "adresseDestinataireLibellePays": "France",
        },
        "fournisseur": {
            "idFournisseur": 26073617,
            "typeIdentifiantFournisseur": "SIRET",
            "codeFournisseur": ACME,
            "raisonSocialeFournisseur": "ACME CONSEIL",
            "designationFournisseur": "ACME CONSEIL",
            "adresseFournisseurDetail": "12 rue du Port",
            "adresseFournisseurCodePostal": "29200",
            "adresseFournisseurVille": "Brest",
            "adresseFournisseurCodePays": "FR",
            "adresseFournisseurLibellePays": "France",
            "coordBancairesFournisseurId": 5100001,
            "coordBancairesFournisseurType": "IBAN",
            "coordBancairesFournisseurLibelle": "Compte principal",
            "coordBancairesFournisseurCodePays": "FR",
            "coordBancairesFournisseurCleIban": "76",
            "coordBancairesFournisseurCompteBancaire": "30006000011234567890189",
            "coordBancairesBicSwift": "AGRIFRPP",
        },
        "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
        "references": {
            "dateFacture": "2026-10-05",
            "dateDepot": "2026-10-05",
            "dateCreationFacture": "2026-10-05 10:03",
            "dateEcheancePaiement": "2026-11-04",
            "codeDeviseFacture": "EUR",
            "libelleDeviseFacture": "Euro",
            "typeFacture": "FACTURE",
            "numeroMarche": "2026M0003",
            "numeroBonCommande": "1000054111",
            "modePaiement": "VIREMENT",
        },
        "recapitulatifDeTva": {
            "ligneTva": [
                {
                    "ligneTvaTauxManuel": 20,
                    "ligneTvaMontantBaseHtParTaux": 15600,
                    "ligneTvaMontantTvaParTaux": 3120,
                }
            ],
            "pageCouranteLignesRecapitulativesTVA": 1,
            "pagesLignesRecapitulativesTVA": 1,
            "nbResultatsParPageLignesRecapitulativesTVA": 10,
            "totalLignesRecapitulativesTVA": 1,
        },
        "montantTotal": {
            "montantHtTotal": 15600,
            "montantTVA": 3120,
            "montantTtcTotal": 18720,
            "montantAPayer": 18720,
        },
        "lignesDePoste": {
            "lignePoste": [
                {
                    "lignePosteNumero": 1,
                    "lignePosteReference": "AUDIT",
                    "lignePosteDenomination": "Audit énergétique",
                    "lignePosteQuantite": 12,
                    "lignePosteUniteLibelle": "jour",
                    "lignePosteMontantUnitaireHT": 1050,
                    "lignePosteTauxTvaManuel": 20,
                    "lignePosteMontantHtApresRemise": 12600,
                },
                {
                    "lignePosteNumero": 2,
                    "lignePosteReference": "RAPPORT",
                    "lignePosteDenomination": "Rapport et restitution",
                    "lignePosteQuantite": 1,
                    "lignePosteMontantUnitaireHT": 3000,
                    "lignePosteTauxTvaManuel": 20,
                    "lignePosteMontantHtApresRemise": 3000,
                },
            ],
            "pageCouranteLignesPoste": 1,
            "pagesLignesPoste": 1,
            "nbResultatsParPageLignesPoste": 10,
            "totalLignesPoste": 2,
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


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(("path", "name"), [(READ, "identifiantFactureCPP"), (HISTORY, "idFacture")])
def test_the_id_of_the_invoice_is_due(client: Client, path: str, name: str) -> None:
    answer = client.post(path, {})
    assert (answer.status_code, answer.json()["libelle"]) == (400, f"GCU_MSG_01_400 - {name}: missing")


def test_the_words_of_currency_and_country_are_in_the_language_that_is_asked_for(store: Store, client: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE structures SET country = 'DE' WHERE siret = ?", (ACME,))
        connection.execute("UPDATE invoices SET currency = 'CHF' WHERE id = 4321004")
    words = [
        (facture["fournisseur"]["adresseFournisseurLibellePays"], facture["references"]["libelleDeviseFacture"])
        for language in ("fr", "EN")
        for facture in [client.call(READ, {"identifiantFactureCPP": 4321004, "codeLangue": language})["facture"]]
    ]
    assert words == [("Allemagne", "Franc suisse"), ("Germany", "Swiss franc")]


def test_a_recipient_that_shows_its_payments_is_told_from_one_that_does_not(client: Client) -> None:
    shown = [read(client, each)["facture"]["destinataire"]["miseEnPaiementDestinataire"] for each in (4321001, 4321004)]
    assert shown == [True, False]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [1, 2]),
        ({"triSensListeLignesPoste": "Descendant"}, [2, 1]),
        ({"triColonneListeLignesPoste": "LignePosteMontantUnitaireHT"}, [1, 2]),
        ({"triColonneListeLignesPoste": "LignePosteQuantite"}, [2, 1]),
        ({"triColonneListeLignesPoste": "LignePosteUniteLibelle"}, [2, 1]),
        ({"triColonneListeLignesPoste": "LignePosteUniteLibelle", "triSensListeLignesPoste": "Descendant"}, [1, 2]),
        ({"nbResultatsParPageLignesPoste": 1}, [1]),
        ({"nbResultatsParPageLignesPoste": 1, "pageResultatDemandeeLignesPoste": 2}, [2]),
        ({"nbResultatsParPageLignesPoste": 1, "pageResultatDemandeeLignesPoste": 3}, []),
    ],
)
def test_the_lines_are_sorted_and_paged_as_asked(client: Client, asked: dict[str, Any], found: list[int]) -> None:
    body = {"identifiantFactureCPP": 4321004, "getpLignesPoste": asked}
    lines = client.call(READ, body)["facture"]["lignesDePoste"]
    assert [line["lignePosteNumero"] for line in lines["lignePoste"]] == found
    assert lines["totalLignesPoste"] == 2


def test_the_vat_is_sorted_as_asked(store: Store, client: Client) -> None:
    vat = [{"ligneTvaTauxManuel": rate, "ligneTvaMontantBaseHtParTaux": base} for rate, base in ((20, 1), (5.5, 2))]
    invoice_id = store.add_invoice(
        Invoice(
            number="F",
            supplier=ACME,
            recipient=CITY,
            date=NOON.date(),
            history=[StatusChange("DEPOSEE", NOON)],
            details={"vat": vat},
        )
    )
    for asked, rates in (({}, [20, 5.5]), ({"triColonneListeRecapitulatifTVA": "LigneTvaTauxManuel"}, [5.5, 20])):
        body = {"identifiantFactureCPP": invoice_id, "getpLigneRecapTva": asked}
        lines = client.call(READ, body)["facture"]["recapitulatifDeTva"]["ligneTva"]
        assert [line["ligneTvaTauxManuel"] for line in lines] == rates


def test_the_main_attachment_is_told_from_the_others(store: Store, client: Client) -> None:
    with store.writing() as connection:
        for attachment_id, role in ((1, "main"), (2, "additional"), (3, "additional")):
            values = (attachment_id, f"{attachment_id}.pdf", b"x" * attachment_id)
            connection.execute("INSERT INTO attachments VALUES (?, NULL, ?, 'application/pdf', 'PDF', ?, 0)", values)
            connection.execute(
                "INSERT INTO invoice_attachments VALUES (4321004, ?, ?, '02', ?, NULL)",
                (attachment_id, role, f"Pièce {4 - attachment_id}"),
            )
    asked = {"triColonneListePiecesJointes": "PieceJointeDesignation", "nbResultatsParPageListePieceJointe": 1}
    body = {"identifiantFactureCPP": 4321004, "getpListePiecesJointes": asked, "codeLangue": "EN"}
    facture = client.call(READ, body)["facture"]
    assert facture["pieceJointePrincipale"] == {"idPieceJointePrincipale": 1}
    assert facture["references"]["tailleTotalePiecesJointes"] == 6
    assert facture["listeDesPiecesJointes"] == {
        "pieceJointe": [
            {
                "pieceJointeId": 3,
                "pieceJointeTypeCode": "02",
                "pieceJointeTypeLibelle": "Standard attachment",
                "pieceJointeDesignation": "Pièce 1",
                "pieceJointeExtension": "PDF",
            }
        ],
        "pageCouranteListePiecesJointe": 1,
        "pagesListePiecesJointe": 2,
        "nbResultatsParPageListePiecesJointe": 1,
        "totalListePiecesJointe": 2,
    }
