"""rechercher/atraiter/fournisseur: the invoices that a supplier may act on."""

from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import FACTURES, Client

SEARCH = f"{FACTURES}/rechercher/atraiter/fournisseur"
BRETAGNE_ID, CEVENNES_ID = 26073618, 26073619


def numbers(client: Client, **body: Any) -> list[str]:
    paging = {"nbResultatsParPage": 100, "triColonne": "NumeroFacture", "triSens": "Ascendant"}
    answer = client.call(SEARCH, {"rechercheFactureATraiterParFournisseur": paging, **body})
    return [row["numeroFacture"] for row in answer["listeFactures"]]


def test_invoices_that_are_on_their_way_or_came_back_are_to_be_treated(client: Client) -> None:
    assert numbers(client) == [f"ACME-2026-{number:03}" for number in (4, 5, 6, 8, 9, 10)]


def test_rejected_invoices_are_hidden_where_that_is_asked_for(client: Client) -> None:
    assert "ACME-2026-005" not in numbers(client, masquerRejetee=True)
    assert "ACME-2026-005" in numbers(client, masquerRejetee=False)


def test_a_rejection_that_was_handled_is_not_to_be_treated(client: Client) -> None:
    client.call(f"{FACTURES}/traiterRejet", {"listeDemandePaiement": [{"idDemandePaiement": 4321005}]})
    assert "ACME-2026-005" not in numbers(client)


@pytest.mark.parametrize("status", ["MANDATEE", "MISE_EN_PAIEMENT", "COMPLETEE", "SERVICE_FAIT"])
def test_an_invoice_that_the_buyer_works_on_is_not_to_be_treated(store: Store, client: Client, status: str) -> None:
    store.set_status(4321008, status)
    assert "ACME-2026-008" not in numbers(client)


def test_a_structure_may_be_chosen(portal: LocalPortal) -> None:
    other = Client(portal.url, "TECH_2_00002@cpro.fr")
    assert numbers(other, idStructure=BRETAGNE_ID) == ["BI2026/124"]
    assert numbers(other, idStructure=CEVENNES_ID) == ["CN-00420", "CN-00433", "CN-00440"]


def test_a_row_has_less_than_one_of_the_supplier_s_search(store: Store, client: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE invoices SET size = 2048 WHERE id = 4321006")
    row = client.call(SEARCH, {"recupererTaille": True})["listeFactures"][-1]
    assert row["numeroFacture"] == "ACME-2026-004"
    assert row["statut"] == "SUSPENDUE"
    assert not row.keys() & {"dateHeureEtatCourant", "commentaireEtatCourant", "numeroFluxDepot", "rejetTraite"}
    sizes = [row.get("taille") for row in client.call(SEARCH, {"recupererTaille": True})["listeFactures"]]
    assert 2048 in sizes


def test_pages_are_given_and_announced(client: Client) -> None:
    asked = {"nbResultatsParPage": 4, "pageResultatDemandee": 2, "triColonne": "MontantTTC"}
    answer = client.call(SEARCH, {"rechercheFactureATraiterParFournisseur": asked})
    assert [row["montantTTC"] for row in answer["listeFactures"]] == [768, 540.3]
    assert answer["parametresRetour"] == {"pageCourante": 2, "pages": 2, "nbResultatsParPage": 4, "total": 6}
