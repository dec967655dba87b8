"""What a supplier does with invoices that came back: completer, recycler, traiterRejet."""

import base64
import datetime
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import FACTURES, HISTORY, READ, SUPPLIER_LOGIN, TRANSVERSES, TREAT, Client

COMPLETE, RECYCLE, HANDLE = f"{FACTURES}/completer", f"{FACTURES}/recycler", f"{FACTURES}/traiterRejet"
SUSPENDED, TO_RECYCLE, REJECTED, AVAILABLE, OTHER_SUPPLIER_S = 4321004, 4321006, 4321005, 4321008, 4321017
FREE, COMMITMENT, SERVICE, STATE = "12345678200051", "12345678200036", "12345678200028", "11000201100044"


def add_file(client: Client, name: str = "bon.pdf") -> int:
    content = base64.b64encode(b"%PDF-1.7").decode()
    members = {"pieceJointeFichier": content, "pieceJointeNom": name, "pieceJointeTypeMime": "application/pdf"}
    added = client.call(f"{TRANSVERSES}/ajouter/fichier", {**members, "pieceJointeExtension": "PDF"})
    return int(added["pieceJointeId"])


def complete(client: Client, invoice_id: int = SUSPENDED, **body: Any) -> Any:
    return client.call(COMPLETE, {"identifiantFactureCPP": invoice_id, **body})


def recycle(client: Client, invoice_id: int = TO_RECYCLE, **body: Any) -> Any:
    return client.call(RECYCLE, {"identifiantFactureCPP": invoice_id, **body})


def handle(client: Client, *invoice_ids: int) -> Any:
    return client.call(HANDLE, {"listeDemandePaiement": [{"idDemandePaiement": each} for each in invoice_ids]})


def read(client: Client, invoice_id: int) -> Any:
    return client.call(READ, {"identifiantFactureCPP": invoice_id})["facture"]


def history(client: Client, invoice_id: int) -> Any:
    return client.call(HISTORY, {"idFacture": invoice_id})


def test_a_suspended_invoice_is_completed_with_a_comment_and_attachments(client: Client) -> None:
    piece = {
        "pieceJointeComplementaireId": add_file(client),
        "pieceJointeComplementaireDesignation": "Bon de livraison",
        "pieceJointeComplementaireType": "04",
        "pieceJointeComplementaireNumeroLigneFacture": 1,
    }
    answer = complete(client, commentaire="Bon de livraison joint", pieceJointeComplementaire=[piece])
    assert datetime.datetime.strptime(answer.pop("dateTraitement"), "%Y-%m-%d %H:%M").year >= 2026
    assert answer == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "identifiantFactureCPP": SUSPENDED,
        "numeroFacture": "ACME-2026-004",
    }
    facture = read(client, SUSPENDED)
    assert (facture["statutFacture"], facture["commentaire"]) == ("COMPLETEE", "Bon de livraison joint")
    assert facture["references"]["tailleTotalePiecesJointes"] == len(b"%PDF-1.7")
    assert facture["listeDesPiecesJointes"] == {
        "pieceJointe": [
            {
                "pieceJointeId": piece["pieceJointeComplementaireId"],
                "pieceJointeTypeCode": "04",
                "pieceJointeTypeLibelle": "Bon de livraison",
                "pieceJointeDesignation": "Bon de livraison",
                "pieceJointeNumeroLigneFacture": 1,
                "pieceJointeExtension": "PDF",
            }
        ],
        "pageCouranteListePiecesJointe": 1,
        "pagesListePiecesJointe": 1,
        "nbResultatsParPageListePiecesJointe": 10,
        "totalListePiecesJointe": 1,
    }


def test_the_size_of_a_completed_invoice_grows_by_each_file_once(client: Client) -> None:
    piece = {"pieceJointeComplementaireId": add_file(client)}
    complete(client, pieceJointeComplementaire=[piece, piece])
    found = client.search(numeroFacture="ACME-2026-004", recupererTaille=True)["listeFactures"][0]
    assert found["taille"] == len(b"%PDF-1.7")


def test_the_buyer_sees_the_completion_in_the_history(client: Client, buyer: Client) -> None:
    complete(
        client, commentaire="Complément", pieceJointeComplementaire=[{"pieceJointeComplementaireId": add_file(client)}]
    )
    answer = history(buyer, SUSPENDED)
    change = answer["historiquesDesStatuts"]["histoStatut"][0]
    assert (change["histoStatutCode"], change["histoStatutCommentaire"]) == ("COMPLETEE", "Complément")
    assert change["histoStatutUtilisateurNom"] == SUPPLIER_LOGIN
    event = answer["historiquesDesEvenementsComplementaires"]["evenement"][0]
    assert event.pop("evenementId") > 9_600_000
    assert event == {
        "evenementLibelle": "Pièces jointes ajoutées par le fournisseur : 1",
        "evenementQui": SUPPLIER_LOGIN,
        "evenementDateHeure": change["histoStatutDatePassage"],
    }


def test_an_invoice_may_be_completed_with_nothing_and_keeps_its_comment(store: Store, client: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE invoices SET comment = 'Premier' WHERE id = ?", (SUSPENDED,))
    assert complete(client)["codeRetour"] == 0
    assert read(client, SUSPENDED)["commentaire"] == "Premier"


def test_an_attachment_without_designation_has_the_name_of_its_file(client: Client) -> None:
    complete(client, pieceJointeComplementaire=[{"pieceJointeComplementaireId": add_file(client, "releve.pdf")}])
    piece = read(client, SUSPENDED)["listeDesPiecesJointes"]["pieceJointe"][0]
    assert (piece["pieceJointeDesignation"], piece["pieceJointeTypeCode"]) == ("releve.pdf", "02")


@pytest.mark.parametrize(
    ("invoice_id", "code", "message"),
    [(1, 20000, "GDP_MSG_11.008"), (OTHER_SUPPLIER_S, 20001, "GDP_MSG_11.005"), (AVAILABLE, 20002, "GDP_MSG_11.033")],
)
def test_only_one_s_own_suspended_invoice_is_completed(
    client: Client, invoice_id: int, code: int, message: str
) -> None:
    answer = complete(client, invoice_id, commentaire="Non")
    assert (answer["codeRetour"], answer["libelle"][:14]) == (code, message)


def test_an_attachment_that_is_not_one_s_own_is_refused_and_nothing_changes(
    portal: LocalPortal, client: Client
) -> None:
    theirs = add_file(Client(portal.url, "TECH_2_00002@cpro.fr"))
    for attachment_id in (1, theirs):
        pieces = [{"pieceJointeComplementaireId": attachment_id}]
        answer = complete(client, commentaire="Non", pieceJointeComplementaire=pieces)
        assert (answer["codeRetour"], answer["libelle"][:14]) == (20003, "GDP_MSG_11.922")
    facture = read(client, SUSPENDED)
    assert (facture["statutFacture"], facture.get("commentaire")) == ("SUSPENDUE", None)


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    "body",
    [
        {"commentaire": "x" * 2001},
        {"pieceJointeComplementaire": [{}]},
        {"pieceJointeComplementaire": [{"pieceJointeComplementaireId": 1, "pieceJointeComplementaireType": "x" * 31}]},
        {
            "pieceJointeComplementaire": [
                {"pieceJointeComplementaireId": 1, "pieceJointeComplementaireDesignation": "x" * 101}
            ]
        },
    ],
)
def test_a_completion_that_is_too_long_or_incomplete_is_malformed(client: Client, body: dict[str, Any]) -> None:
    assert client.post(COMPLETE, {"identifiantFactureCPP": SUSPENDED, **body}).status_code == 400


def test_an_invoice_is_recycled_to_another_recipient_service_and_commitment_number(
    client: Client, buyer: Client
) -> None:
    answer = recycle(
        client,
        destinataire={"codeDestinataire": STATE, "codeServiceExecutant": "SFACETAT"},
        reference={"numeroBonCommande": "1000099999", "numeroMarche": "2026M0099", "typeFacture": "AVOIR"},
        commentaire="Réorientée",
    )
    assert answer == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "identifiantFactureCPP": TO_RECYCLE,
        "numeroFacture": "ACME-2026-006",
        "statutFacture": "DEPOSEE",
        "dateDepot": "2026-10-20",
    }
    facture = read(client, TO_RECYCLE)
    assert facture["statutFacture"] == "DEPOSEE"
    assert (facture["destinataire"]["codeDestinataire"], facture["destinataire"]["codeServiceExecutant"]) == (
        STATE,
        "SFACETAT",
    )
    references = facture["references"]
    assert (references["numeroBonCommande"], references["numeroMarche"]) == ("1000099999", "2026M0099")
    assert (references["typeFacture"], references["dateDepot"]) == ("FACTURE", "2026-10-20")


def test_recycling_is_in_the_history_with_its_comment_and_its_new_address(client: Client) -> None:
    recycle(
        client,
        destinataire={"codeDestinataire": SERVICE, "codeServiceExecutant": "SERVICE_DEST_SERV_OBL"},
        commentaire="Réorientée",
    )
    answer = history(client, TO_RECYCLE)
    change = answer["historiquesDesStatuts"]["histoStatut"][0]
    assert (change["histoStatutCode"], change["histoStatutCommentaire"]) == ("DEPOSEE", "Réorientée")
    event = answer["historiquesDesEvenementsComplementaires"]["evenement"][0]
    assert event["evenementLibelle"] == "Recyclage vers 12345678200028, service SERVICE_DEST_SERV_OBL"


def test_a_recycled_invoice_goes_its_way_again(store: Store, client: Client, buyer: Client) -> None:
    recycle(client)
    store.clock.advance(datetime.timedelta(days=2))
    assert read(client, TO_RECYCLE)["statutFacture"] == "MISE_A_DISPOSITION"
    assert buyer.call(TREAT, {"idFacture": TO_RECYCLE, "nouveauStatut": "MANDATEE"})["codeRetour"] == 0


def test_the_service_stays_where_only_a_commitment_number_is_given(store: Store, client: Client) -> None:
    store.set_status(AVAILABLE, "A_RECYCLER")
    same = {"codeDestinataire": f"{STATE[:3]} {STATE[3:]}"}
    recycle(client, AVAILABLE, destinataire=same, reference={"numeroBonCommande": "1000012345"})
    facture = read(client, AVAILABLE)
    assert facture["destinataire"]["codeServiceExecutant"] == "SFACETAT"
    assert facture["references"]["numeroBonCommande"] == "1000012345"


def test_a_service_does_not_go_with_the_invoice_to_another_recipient(store: Store, client: Client) -> None:
    store.set_status(AVAILABLE, "A_RECYCLER")
    recycle(client, AVAILABLE, destinataire={"codeDestinataire": f" {FREE[:9]} {FREE[9:]}"})
    recipient = read(client, AVAILABLE)["destinataire"]
    assert (recipient["codeDestinataire"], "codeServiceExecutant" in recipient) == (FREE, False)


def test_another_recipient_that_requires_a_service_misses_one(store: Store, client: Client) -> None:
    store.set_status(AVAILABLE, "A_RECYCLER")
    assert recycle(client, AVAILABLE, destinataire={"codeDestinataire": SERVICE})["codeRetour"] == 20006


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"destinataire": {"codeDestinataire": "99999999999999"}}, 20004),
        ({"destinataire": {"codeDestinataire": "33254021516357"}}, 20004),
        ({"destinataire": {"codeDestinataire": SERVICE}}, 20006),
        ({"destinataire": {"codeDestinataire": SERVICE, "codeServiceExecutant": "NONE"}}, 20007),
        ({"destinataire": {"codeDestinataire": COMMITMENT}}, 20009),
        ({"destinataire": {"codeDestinataire": COMMITMENT}, "reference": {"numeroBonCommande": " "}}, 20009),
    ],
)
def test_a_recipient_that_would_refuse_the_invoice_is_not_accepted(
    client: Client, body: dict[str, Any], code: int
) -> None:
    answer = recycle(client, **body)
    assert (answer["codeRetour"], answer["libelle"][:11]) == (code, "GDP_MSG_11.")
    assert read(client, TO_RECYCLE)["statutFacture"] == "A_RECYCLER"


def test_an_inactive_recipient_or_service_is_not_accepted(store: Store, client: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE structures SET active = 0 WHERE siret = ?", (COMMITMENT,))
        connection.execute("UPDATE services SET active = 0 WHERE code = 'SERVICE_DEST_SERV_OBL'")
    assert recycle(client, destinataire={"codeDestinataire": COMMITMENT})["codeRetour"] == 20005
    address = {"codeDestinataire": SERVICE, "codeServiceExecutant": "SERVICE_DEST_SERV_OBL"}
    assert recycle(client, destinataire=address)["codeRetour"] == 20008


@pytest.mark.parametrize(
    ("invoice_id", "code", "message"),
    [(1, 20000, "GDP_MSG_11.008"), (OTHER_SUPPLIER_S, 20001, "GDP_MSG_11.005"), (AVAILABLE, 20002, "GDP_MSG_11.001")],
)
def test_only_one_s_own_invoice_to_recycle_is_recycled(
    client: Client, invoice_id: int, code: int, message: str
) -> None:
    answer = recycle(client, invoice_id)
    assert (answer["codeRetour"], answer["libelle"][:14]) == (code, message)


def test_a_handled_rejection_is_marked_and_in_the_history(client: Client) -> None:
    assert handle(client, REJECTED) == {"codeRetour": 0, "libelle": "GCU_MSG_01_000"}
    assert read(client, REJECTED)["rejetTraite"] is True
    assert client.numbers(rejetTraite=True) == ["ACME-2026-005"]
    answer = history(client, REJECTED)
    action = answer["historiquesDesActionsUtilisateurs"]["histoAction"][0]
    assert (action["histoActionCode"], action["histoActionUtilisateurNom"]) == ("TRAITEMENT_REJET", SUPPLIER_LOGIN)
    assert answer["derniereAction"] == {
        "derniereActionId": action["histoActionId"],
        "derniereActionCode": "TRAITEMENT_REJET",
    }


def test_a_rejection_that_was_handled_already_is_handled_once(client: Client) -> None:
    handle(client, REJECTED, REJECTED)
    assert handle(client, REJECTED)["codeRetour"] == 0
    assert history(client, REJECTED)["historiquesDesActionsUtilisateurs"]["totalHistoAction"] == 1


@pytest.mark.parametrize(("wrong", "code"), [(1, 20000), (4321013, 20001), (AVAILABLE, 20002)])
def test_of_several_rejections_all_or_none_are_handled(client: Client, wrong: int, code: int) -> None:
    assert handle(client, REJECTED, wrong)["codeRetour"] == code
    assert read(client, REJECTED)["rejetTraite"] is False


@pytest.mark.wrong_traffic
@pytest.mark.parametrize("body", [{}, {"listeDemandePaiement": []}, {"listeDemandePaiement": [{}]}])
def test_the_rejections_to_handle_are_due(client: Client, body: dict[str, Any]) -> None:
    assert client.post(HANDLE, body).status_code == 400


def test_the_buyer_may_not_play_the_supplier(buyer: Client) -> None:
    assert complete(buyer)["codeRetour"] == 20001
    assert recycle(buyer)["codeRetour"] == 20001
    assert handle(buyer, REJECTED)["codeRetour"] == 20001
