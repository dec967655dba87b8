"""consulter/historique: statuses, events and the actions of users."""

from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import FACTURES, HISTORY, Client

HISTORY_PAGING = "paramRechercheHistoStatuts"


def history(client: Client, invoice_id: int, **paging: Any) -> Any:
    return client.post(HISTORY, {"idFacture": invoice_id, HISTORY_PAGING: paging}).json()["historiquesDesStatuts"]


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


def test_changes_of_one_minute_stay_in_their_order(store: Store, client: Client) -> None:
    for status in ("SERVICE_FAIT", "MANDATEE", "COMPTABILISEE"):
        store.set_status(4321008, status)
    for paging, newest in (({}, 0), ({"triSensListeHistoStatut": "Ascendant"}, -1)):
        assert history(client, 4321008, **paging)["histoStatut"][newest]["histoStatutCode"] == "COMPTABILISEE"


def test_an_invoice_without_events_and_actions_has_empty_lists_of_them(client: Client) -> None:
    answer = client.call(HISTORY, {"idFacture": 4321001})
    assert answer["historiquesDesEvenementsComplementaires"] == {
        "evenement": [],
        "pageCouranteEvenement": 1,
        "pagesEvenement": 0,
        "nbResultatsParPageEvenement": 10,
        "totalEvenement": 0,
    }
    assert answer["historiquesDesActionsUtilisateurs"]["histoAction"] == []
    assert "derniereAction" not in answer


def test_actions_are_newest_first_with_pages(client: Client, buyer: Client) -> None:
    body = {"listeFacture": [{"idFacture": 4321005}], "format": "PDF"}
    buyer.call(f"{FACTURES}/telecharger/groupe", body)
    client.call(f"{FACTURES}/traiterRejet", {"listeDemandePaiement": [{"idDemandePaiement": 4321005}]})
    asked = {"nbResultatsParPageListeHistoAction": 1, "pageResultatDemandeeListeHistoAction": 2}
    answer = client.call(HISTORY, {"idFacture": 4321005, "paramRechercheHistoActionsUtilisateurs": asked})
    page = answer["historiquesDesActionsUtilisateurs"]
    action = page.pop("histoAction")[0]
    assert (action["histoActionCode"], action["histoActionUtilisateurNom"]) == ("TELECHARGEMENT_FACTURE", buyer.login)
    assert page == {
        "pageCouranteHistoAction": 2,
        "pagesHistoAction": 2,
        "nbResultatsParPageHistoAction": 1,
        "totalHistoAction": 2,
    }
    assert answer["derniereAction"]["derniereActionCode"] == "TRAITEMENT_REJET"


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ({}, "TRAITEMENT_REJET"),
        ({"triSensListeHistoAction": "Ascendant"}, "TELECHARGEMENT_FACTURE"),
        (
            {"triColonneListeHistoAction": "HistoActionCode", "triSensListeHistoAction": "Ascendant"},
            "TELECHARGEMENT_FACTURE",
        ),
        ({"triColonneListeHistoAction": "HistoActionUtilisateurNom"}, "TELECHARGEMENT_FACTURE"),
    ],
)
def test_actions_are_sorted_as_asked(client: Client, buyer: Client, asked: dict[str, str], first: str) -> None:
    buyer.call(f"{FACTURES}/telecharger/groupe", {"listeFacture": [{"idFacture": 4321005}], "format": "PDF"})
    client.call(f"{FACTURES}/traiterRejet", {"listeDemandePaiement": [{"idDemandePaiement": 4321005}]})
    answer = client.call(HISTORY, {"idFacture": 4321005, "paramRechercheHistoActionsUtilisateurs": asked})
    assert answer["historiquesDesActionsUtilisateurs"]["histoAction"][0]["histoActionCode"] == first


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    ("block", "member"),
    [
        ("paramRechercheHistoStatuts", "pageResultatDemandeeListeHistoStatut"),
        ("paramRechercheHistoEvenementsComplementaires", "nbResultatsParPageListeHistoEvenement"),
        ("paramRechercheHistoActionsUtilisateurs", "pageResultatDemandeeListeHistoAction"),
    ],
)
def test_a_page_below_1_is_malformed(client: Client, block: str, member: str) -> None:
    assert client.post(HISTORY, {"idFacture": 4321001, block: {member: 0}}).status_code == 400
