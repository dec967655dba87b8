"""rechercher/recipiendaire and consulter/recipiendaire: the invoices that a recipient receives."""

from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import FACTURES, Client

SEARCH, READ = f"{FACTURES}/rechercher/recipiendaire", f"{FACTURES}/consulter/recipiendaire"
ACME_ID, BRETAGNE_ID, CEVENNES_ID = 26073617, 26073618, 26073619
STATE_ID, STATE_SERVICE_ID = 25784156, 10653103
AVAILABLE = 4321008


def numbers(buyer: Client, **body: Any) -> list[str]:
    paging = {"nbResultatsParPage": 100, "triColonne": "NumeroFacture", "triSens": "Ascendant"}
    answer = buyer.call(SEARCH, {"paramRecherche": paging, **body})
    return [row["numeroFacture"] for row in answer.get("listeFactures", ())]


def test_a_recipient_finds_what_all_suppliers_sent_it(buyer: Client) -> None:
    assert len(numbers(buyer)) == 18
    assert numbers(buyer, idDestinataire=STATE_ID) == [
        *("ACME-2026-005", "ACME-2026-008", "BI2026/124", "CN-00433"),
    ]


def test_an_account_finds_nothing_of_recipients_that_it_is_not_attached_to(client: Client) -> None:
    assert client.call(SEARCH, {}) == {"codeRetour": 20000, "libelle": "TRA_MSG_00.015"}


def test_a_search_without_result_is_a_return_code_without_paging(buyer: Client) -> None:
    assert buyer.call(SEARCH, {"numeroFacture": "NONE"}) == {"codeRetour": 20000, "libelle": "TRA_MSG_00.015"}


def test_the_numbers_of_the_page_are_at_the_top_of_the_answer(buyer: Client) -> None:
    answer = buyer.call(SEARCH, {"paramRecherche": {"nbResultatsParPage": 5, "pageResultatDemandee": 4}})
    assert len(answer.pop("listeFactures")) == 3
    assert answer == {
        "codeRetour": 0,
        "libelle": "TRA_MSG_00.000",
        "pageCourante": 4,
        "pages": 4,
        "nbResultatsParPage": 5,
        "total": 18,
    }


def test_a_row_has_what_a_recipient_is_shown(buyer: Client) -> None:
    row = buyer.call(SEARCH, {"numeroFacture": "ACME-2026-004"})["listeFactures"][0]
    assert row == {
        "idFacture": 4321004,
        "typeDemandePaiement": "FACTURE",
        "codeFournisseur": "33254021516357",
        "typeIdentifiantFournisseur": "SIRET",
        "designationFournisseur": "ACME CONSEIL",
        "idDestinataire": 25784155,
        "codeDestinataire": "12345678200044",
        "designationDestinataire": "DESTINATAIRE SERVICE ET ENGAGEMENT OBLIGATOIRES",
        "idServiceExecutant": 10653102,
        "codeServiceExecutant": "SERVICE_DEST_SERV_EJ_OBL",
        "nomServiceExecutant": "Service des marchés",
        "typeFacture": "FACTURE",
        "numeroFacture": "ACME-2026-004",
        "dateFacture": "2026-10-05",
        "dateDepot": "2026-10-05",
        "montantHT": 15600,
        "montantTTC": 18720,
        "montantAPayer": 18720,
        "devise": "EUR",
        "statut": "SUSPENDUE",
        "numeroMarche": "2026M0003",
        "numeroBonCommande": "1000054111",
        "dateHeureEtatCourant": "2026-10-07T17:19:04.120+02:00",
        "commentaireEtatCourant": "Bon de livraison signé manquant.",
        "factureTelechargeeParDestinataire": False,
    }


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({"statutCourant": ["REJETEE"]}, ["ACME-2026-005", "BI2026/124"]),
        ({"listeTypeFacture": ["AVOIR"]}, ["CN-00420"]),
        ({"listeTypeFacture": []}, None),
        ({"numeroMarche": "2026M0011"}, ["BI2026/121"]),
        ({"numeroBonCommande": "1000054222"}, ["ACME-2026-007"]),
        ({"idServiceExecutant": STATE_SERVICE_ID, "statutCourant": ["MISE_A_DISPOSITION"]}, ["ACME-2026-008"]),
        ({"listeFournisseurs": [{"idFournisseur": CEVENNES_ID}], "montantTTCMax": 0}, ["CN-00420"]),
        ({"listeFournisseurs": [{"idFournisseur": BRETAGNE_ID, "listeIdService": [1]}]}, []),
        (
            {"listeFournisseurs": [{"idFournisseur": 1}, {"idFournisseur": BRETAGNE_ID}], "montantHTMin": 20000},
            ["BI2026/117"],
        ),
        (
            {
                "listeFournisseurs": [{"idFournisseur": ACME_ID}],
                "rechercheSirenFournisseur": True,
                "montantApayerMin": 15000,
            },
            ["ACME-2026-004"],
        ),
        ({"periodeDateFactureDu": "2026-11-18"}, ["ACME-2026-010", "CN-00440"]),
        ({"periodeDateDepotAu": "2026-09-02"}, ["BI2026/117"]),
        ({"periodeDateHeureEtatCourantDu": "2026-11-18T14:01:04.120+01:00"}, ["ACME-2026-010", "CN-00440"]),
        ({"typeDemandePaiement": "FACTURE"}, None),
        ({"typeDemandePaiement": "FACTURE_TRAVAUX"}, []),
        ({"listeTypeFactureTravaux": ["ETAT_ACOMPTE"]}, []),
        ({"factureTelechargeeParDestinataire": True}, []),
        ({"factureTelechargeeParDestinataire": False}, None),
    ],
)
def test_a_filter_lets_through_what_it_asks_for(buyer: Client, body: dict[str, Any], found: list[str] | None) -> None:
    assert numbers(buyer, **body) == (numbers(buyer) if found is None else found)


def test_a_supplier_s_other_establishments_are_found_by_the_siren(store: Store, buyer: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE structures SET siret = '33254021599999' WHERE id = ?", (BRETAGNE_ID,))
    asked = {"listeFournisseurs": [{"idFournisseur": ACME_ID}], "statutCourant": ["REJETEE"]}
    assert numbers(buyer, **asked) == ["ACME-2026-005"]
    assert numbers(buyer, **asked, rechercheSirenFournisseur=True) == ["ACME-2026-005", "BI2026/124"]


@pytest.mark.parametrize(
    ("column", "first"),
    [
        ("MontantTTC", "CN-00420"),
        ("Fournisseur", "ACME-2026-001"),
        ("Destinataire", "ACME-2026-002"),
        ("TypeFactureTravaux", "ACME-2026-001"),
        ("FactureTelechargeeParDestinataire", "ACME-2026-001"),
        ("DateDepot", "BI2026/117"),
    ],
)
def test_rows_are_sorted_by_the_column_that_is_asked_for(buyer: Client, column: str, first: str) -> None:
    paging = {"triColonne": column, "triSens": "Ascendant"}
    assert buyer.call(SEARCH, {"paramRecherche": paging})["listeFactures"][0]["numeroFacture"] == first


@pytest.mark.parametrize("column", ["DateDepot", None])
def test_the_newest_deposits_come_first_by_default(buyer: Client, column: str | None) -> None:
    paging = {} if column is None else {"triColonne": column}
    assert buyer.call(SEARCH, {"paramRecherche": paging})["listeFactures"][0]["numeroFacture"] == "ACME-2026-010"


def test_only_a_download_by_the_recipient_counts_as_one(client: Client, buyer: Client) -> None:
    body = {"listeFacture": [{"idFacture": AVAILABLE}], "format": "PDF"}
    client.call(f"{FACTURES}/telecharger/groupe", body)
    assert numbers(buyer, factureTelechargeeParDestinataire=True) == []
    buyer.call(f"{FACTURES}/telecharger/groupe", body)
    assert numbers(buyer, factureTelechargeeParDestinataire=True) == ["ACME-2026-008"]


def test_the_page_cap_holds_for_recipients(store: Store) -> None:
    with LocalPortal(store, page_cap=4) as portal:
        answer = Client(portal.url, "TECH_3_00003@cpro.fr").call(SEARCH, {"paramRecherche": {"nbResultatsParPage": 9}})
    assert (len(answer["listeFactures"]), answer["nbResultatsParPage"], answer["pages"]) == (4, 4, 5)


def test_the_size_is_shown_where_it_is_asked_for(store: Store, buyer: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE invoices SET size = 2048 WHERE id = ?", (AVAILABLE,))
    asked = {"numeroFacture": "ACME-2026-008"}
    assert "taille" not in buyer.call(SEARCH, asked)["listeFactures"][0]
    assert buyer.call(SEARCH, {**asked, "recupererTaille": True})["listeFactures"][0]["taille"] == 2048


def test_a_recipient_reads_an_invoice_without_what_only_its_supplier_is_shown(buyer: Client) -> None:
    facture = buyer.call(READ, {"identifiantFactureCPP": 4321004})["facture"]
    assert (facture["numeroFacture"], facture["statutFacture"]) == ("ACME-2026-004", "SUSPENDUE")
    assert "rejetTraite" not in facture
    assert not facture["destinataire"].keys() & {"designationDestinataire", "miseEnPaiementDestinataire"}
    assert "raisonSocialeFournisseur" not in facture["fournisseur"]


def test_the_lists_inside_an_invoice_have_pages_for_recipients_too(buyer: Client) -> None:
    body = {
        "identifiantFactureCPP": 4321004,
        "rechercheLignePoste": {"nbResultatsParPageLignesPoste": 1, "pageResultatDemandeeLignesPoste": 2},
        "rechercheligneTvaRecap": {"nbResultatsParPageListeListeRecapitulatifTVA": 1},
        "recherchePj": {"nbResultatsParPageListePieceJointe": 1},
    }
    lines = buyer.call(READ, body)["facture"]["lignesDePoste"]
    assert [line["lignePosteDenomination"] for line in lines.pop("lignePoste")] == ["Rapport et restitution"]
    assert lines == {
        "pageCouranteLignesPoste": 2,
        "pagesLignesPoste": 2,
        "nbResultatsParPageLignesPoste": 1,
        "totalLignesPoste": 2,
    }


@pytest.mark.parametrize(("invoice_id", "code"), [(1, 20000), (AVAILABLE, 20001)])
def test_a_supplier_does_not_read_as_a_recipient(client: Client, invoice_id: int, code: int) -> None:
    assert client.call(READ, {"identifiantFactureCPP": invoice_id})["codeRetour"] == code
