import datetime
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chorus.local_portal.codes import STATUSES
from chorus.local_portal.dates import PARIS
from chorus.local_portal.life.transitions import FOLLOWING
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import HISTORY, READ, SEARCH, TREAT, Client

AVAILABLE, SUSPENDED, REJECTED = 4321008, 4321004, 4321005
SET_BY_RECIPIENTS = {
    *("MISE_A_DISPOSITION", "SUSPENDUE", "REJETEE", "MANDATEE", "MISE_EN_PAIEMENT", "COMPTABILISEE"),
    *("MISE_A_DISPOSITION_COMPTABLE", "A_RECYCLER"),
    *("SERVICE_FAIT", "COMPLETEE", "PRISE_EN_COMPTE_DESTINATAIRE", "TRANSMISE_MOA"),
}


def treat(buyer: Client, invoice_id: int, status: str, **fields: str) -> Any:
    return buyer.post(TREAT, {"idFacture": invoice_id, "nouveauStatut": status, **fields}).json()


def test_the_buyer_moves_an_invoice_on(buyer: Client) -> None:
    answer = treat(buyer, AVAILABLE, "MANDATEE")
    assert answer.pop("dateTraitement") in {
        (datetime.datetime.now(PARIS) - datetime.timedelta(days=days)).date().isoformat() for days in (0, 1)
    }
    assert answer == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "idFacture": AVAILABLE,
        "numeroFacture": "ACME-2026-008",
        "nouveauStatut": "MANDATEE",
    }


def test_the_supplier_sees_the_buyer_s_reason_in_the_search_and_in_the_history(client: Client, buyer: Client) -> None:
    before = datetime.datetime.now(PARIS).replace(microsecond=0)
    treat(buyer, AVAILABLE, "SUSPENDUE", motif="Pièce justificative manquante")
    row = client.post(SEARCH, {"numeroFacture": "ACME-2026-008"}).json()["listeFactures"][0]
    assert (row["statut"], row["commentaireEtatCourant"]) == ("SUSPENDUE", "Pièce justificative manquante")
    assert datetime.datetime.fromisoformat(row["dateHeureEtatCourant"]) >= before
    change = client.post(HISTORY, {"idFacture": AVAILABLE}).json()["historiquesDesStatuts"]["histoStatut"][0]
    assert change["histoStatutCommentaire"] == "Pièce justificative manquante"
    assert change["histoStatutUtilisateurNom"] == buyer.login


def test_the_comment_of_a_status_leaves_the_search_with_the_next_status(client: Client, buyer: Client) -> None:
    treat(buyer, SUSPENDED, "COMPLETEE")
    row = client.post(SEARCH, {"numeroFacture": "ACME-2026-004"}).json()["listeFactures"][0]
    assert "commentaireEtatCourant" not in row


def test_the_number_of_the_payment_order_is_kept(client: Client, buyer: Client) -> None:
    treat(buyer, AVAILABLE, "MANDATEE", numeroDPMandat="M-77")
    treat(buyer, AVAILABLE, "COMPTABILISEE")
    facture = client.post(READ, {"identifiantFactureCPP": AVAILABLE}).json()["facture"]
    assert facture["references"]["numeroDpMandat"] == "M-77"


@pytest.mark.parametrize("status", ["REJETEE", "SUSPENDUE"])
@pytest.mark.parametrize("fields", [{}, {"motif": "  "}])
def test_a_rejection_or_suspension_without_reason_is_refused(
    buyer: Client, client: Client, status: str, fields: dict[str, str]
) -> None:
    answer = treat(buyer, AVAILABLE, status, **fields)
    assert (answer["codeRetour"], answer["libelle"][:14]) == (20003, "GDP_MSG_11.901")
    assert client.numbers(statutCourant=["MISE_A_DISPOSITION"]) == ["ACME-2026-008"]


def test_a_reason_has_at_most_255_characters(buyer: Client) -> None:
    too_long = buyer.post(TREAT, {"idFacture": AVAILABLE, "nouveauStatut": "REJETEE", "motif": "é" * 256})
    assert too_long.status_code == 400
    assert treat(buyer, AVAILABLE, "REJETEE", motif="é" * 255)["codeRetour"] == 0


def test_a_status_that_may_not_follow_is_refused(buyer: Client) -> None:
    answer = treat(buyer, REJECTED, "MANDATEE")
    assert (answer["codeRetour"], answer["libelle"][:14]) == (20002, "GDP_MSG_11.001")


def test_a_recipient_that_hides_its_payments_does_not_show_one(buyer: Client) -> None:
    treat(buyer, SUSPENDED, "COMPLETEE")
    assert treat(buyer, SUSPENDED, "MISE_EN_PAIEMENT")["codeRetour"] == 20002
    assert treat(buyer, SUSPENDED, "MANDATEE")["codeRetour"] == 0


def test_the_supplier_may_not_play_the_buyer(client: Client) -> None:
    assert treat(client, AVAILABLE, "MANDATEE")["codeRetour"] == 20001


def test_an_invoice_that_does_not_exist_cannot_be_treated(buyer: Client) -> None:
    assert treat(buyer, 1, "MANDATEE")["codeRetour"] == 20000


@pytest.mark.wrong_traffic
def test_a_status_that_aife_does_not_know_is_malformed(buyer: Client) -> None:
    assert buyer.post(TREAT, {"idFacture": AVAILABLE, "nouveauStatut": "PAYEE"}).status_code == 400


def test_the_matrix_only_leads_to_statuses_that_recipients_set() -> None:
    assert set().union(*FOLLOWING.values()) == SET_BY_RECIPIENTS
    assert FOLLOWING.keys() <= set(STATUSES)


def test_final_statuses_and_those_of_the_supplier_lead_nowhere() -> None:
    assert not FOLLOWING.keys() & {"REJETEE", "MISE_EN_PAIEMENT", "A_RECYCLER", "ABANDONNEE", "SUPPRIMEE"}


def test_of_two_buyers_at_the_same_time_one_is_refused(store: Store, buyer: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: treat(buyer, AVAILABLE, "MANDATEE"), range(8)))
    assert sorted(answer["codeRetour"] for answer in answers) == [0, *[20002] * 7]
    assert [change["status"] for change in store.status_changes(AVAILABLE)].count("MANDATEE") == 1
