"""Whom to invoice and for whom: the directory of Transverses, and the structures of the account."""

import base64
import csv
import io
import zipfile
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import TRANSVERSES, USERS, Client

ACME_ID, STATE_ID, SERVICE_ID = 26073617, 25784156, 25784154
RECIPIENTS, SERVICES = f"{TRANSVERSES}/rechercher/destinataire", f"{TRANSVERSES}/rechercher/serviceexecutant"


def sirets(client: Client, **body: Any) -> list[str]:
    return [row["siret"] for row in client.call(RECIPIENTS, body)["listeDestinataires"]]


def test_a_recipient_is_found_with_its_place(client: Client) -> None:
    answer = client.call(RECIPIENTS, {"identifiant": "11000201100044"})
    assert answer["listeDestinataires"] == [
        {
            "idStructureCPP": STATE_ID,
            "siret": "11000201100044",
            "nomDestinataire": "SERVICES DE L'ETAT",
            "adresseCodePostal": "75012",
            "adresseVille": "Paris",
        }
    ]
    assert answer["parametresRetour"]["total"] == 1


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 5),
        ({"identifiant": "123456782"}, 4),
        ({"nomVilleCodePostal": "paris"}, 2),
        ({"nomVilleCodePostal": "75012 etat"}, 1),
        ({"nomVilleCodePostal": "lyon paris"}, 0),
        ({"nomVilleCodePostal": " "}, 5),
        ({"typeStructure": "PUBLIQUE"}, 5),
        ({"typeStructure": "PRIVEE"}, 0),
        ({"identifiant": "33254021516357"}, 0),
    ],
)
def test_recipients_are_found_by_every_word(client: Client, asked: dict[str, str], found: int) -> None:
    assert len(sirets(client, **asked)) == found


def test_an_inactive_recipient_is_not_found(store: Store, client: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE structures SET active = 0 WHERE id = ?", (STATE_ID,))
    assert "11000201100044" not in sirets(client)


@pytest.mark.parametrize("column", ["Siret", "ListeServicesRattache", "", "Nothing"])
def test_a_sort_by_any_column_is_accepted(client: Client, buyer: Client, column: str) -> None:
    paging = {"triColonne": column, "triSens": "Descendant", "nbResultatsParPage": 1}
    assert len(sirets(client, parametresRecherche=paging)) == 1
    buyer.call(f"{USERS}/monCompte/recuperer/rattachements", {"parametresRecherche": paging})


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["SERVICE_DEST_SERV_EJ_OBL", "SERVICE_DEST_SERV_OBL", "SFACETAT"]),
        ({"idDestinataireCPP": SERVICE_ID}, ["SERVICE_DEST_SERV_OBL"]),
        ({"codeServiceExecutant": "sfac"}, ["SFACETAT"]),
        ({"nomServiceExecutant": "marchés"}, ["SERVICE_DEST_SERV_EJ_OBL"]),
        ({"actif": False}, []),
        ({"actif": True, "idDestinataireCPP": STATE_ID}, ["SFACETAT"]),
    ],
)
def test_services_are_found(client: Client, asked: dict[str, Any], found: list[str]) -> None:
    answer = client.call(SERVICES, asked)
    assert [service["codeServiceExecutant"] for service in answer["listeServices"]] == found
    assert answer["parametresRetour"]["total"] == len(found)


def test_a_service_has_its_id_and_name(client: Client) -> None:
    service = client.call(SERVICES, {"idDestinataireCPP": STATE_ID})["listeServices"][0]
    assert service == {
        "idServicesCPP": 10653103,
        "codeServiceExecutant": "SFACETAT",
        "nomServiceExecutant": "Service facturier",
    }


def test_an_account_knows_its_own_suppliers(portal: LocalPortal, client: Client, buyer: Client) -> None:
    path = f"{TRANSVERSES}/recuperer/structures/actives/fournisseur"
    assert client.call(path, {})["listeStructures"] == [
        {"idStructureCPP": ACME_ID, "identifiant": "33254021516357", "designationStructure": "ACME CONSEIL"}
    ]
    assert len(Client(portal.url, "TECH_2_00002@cpro.fr").call(path, {})["listeStructures"]) == 2
    assert buyer.call(path, {})["listeStructures"] == []


def test_an_inactive_supplier_is_not_an_account_s_active_one(store: Store, client: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE structures SET active = 0 WHERE id = ?", (ACME_ID,))
    assert client.call(f"{TRANSVERSES}/recuperer/structures/actives/fournisseur", {})["listeStructures"] == []


def test_bank_accounts_are_those_of_one_s_own_structures(client: Client) -> None:
    path = f"{TRANSVERSES}/recuperer/coordbanc/valides"
    expected = [{"idCoordonneeBancaire": 5100001, "nomCoordonneeBancaire": "Compte principal"}]
    for body in ({}, {"idStructure": ACME_ID}):
        assert client.call(path, body)["listeCoordonneeBancaire"] == expected
    refused = client.call(path, {"idStructure": 26073618})
    assert (refused["codeRetour"], refused["libelle"][:14]) == (20000, "TRA_MSG_00.903")


def test_an_account_knows_the_structures_and_services_that_it_is_attached_to(buyer: Client) -> None:
    answer = buyer.call(
        f"{USERS}/monCompte/recuperer/rattachements", {"parametresRecherche": {"nbResultatsParPage": 1}}
    )
    (structure,) = answer["listeStructureRattachement"]
    assert structure.pop("idRattachementStructure") > 0
    assert structure == {
        "idStructure": STATE_ID,
        "identifiantStructure": "11000201100044",
        "typeIdentifiantStructure": "SIRET",
        "designationStructure": "SERVICES DE L'ETAT",
        "statutRattachementStructure": "ACTIF",
        "roleUtilisateur": "GESTIONNAIRE",
        "statutUtilisateur": "ACTIF",
        "listeServicesRattache": [
            {
                "idService": 10653103,
                "codeService": "SFACETAT",
                "libelleService": "Service facturier",
                "estActif": True,
                "statutService": "ACTIF",
                "statutRattachementService": "ACTIF",
            }
        ],
    }
    assert answer["parametresRetour"] == {"pageCourante": 1, "pages": 5, "nbResultatsParPage": 1, "total": 5}


def test_the_directory_is_a_zip_with_a_row_for_each_service(client: Client) -> None:
    answer = client.call(f"{TRANSVERSES}/telecharger/annuaire/destinataire", {})
    assert answer["libelle"] == "GCU_MSG_01_000"
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(answer["fichierResultat"]))) as archive:
        assert archive.namelist() == ["annuaire.csv"]
        text = archive.read("annuaire.csv").decode()
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [row["Identifiant"] for row in rows] == sorted(row["Identifiant"] for row in rows)
    assert len(rows) == 5
    assert rows[0] == {
        "Identifiant": "11000201100044",
        "Type identifiant": "SIRET",
        "Raison sociale": "SERVICES DE L'ETAT",
        "Code service": "SFACETAT",
        "Nom service": "Service facturier",
        "Service actif": "OUI",
        "Code service obligatoire": "OUI",
        "Engagement obligatoire": "OUI",
        "Mise en paiement remontée": "OUI",
        "Code postal": "75012",
        "Ville": "Paris",
    }
