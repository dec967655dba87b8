"""The API "Structures": suppliers, recipients, their services and what they require."""

from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import STRUCTURES, Client

ACME_ID, BRETAGNE_ID, STRICT_ID, STATE_ID, STATE_SERVICE_ID = 26073617, 26073618, 25784155, 25784156, 10653103
ACME, BRETAGNE = "33254021516357", "81234567600017"


def sirets(client: Client, **body: Any) -> list[str]:
    return [row["identifiantStructure"] for row in client.call(f"{STRUCTURES}/rechercher", body)["listeStructures"]]


def test_a_structure_is_found_by_its_siret(client: Client) -> None:
    asked = {"identifiantStructure": "11000201100044", "typeIdentifiantStructure": "SIRET"}
    assert client.call(f"{STRUCTURES}/rechercher", {"structure": asked}) == {
        "codeRetour": 0,
        "libelle": "TRA_MSG_00.000",
        "listeStructures": [
            {
                "idStructureCPP": STATE_ID,
                "identifiantStructure": "11000201100044",
                "designationStructure": "SERVICES DE L'ETAT",
                "typeIdentifiantStructure": "SIRET",
                "statut": "ACTIVE",
            }
        ],
        "parametresRetour": {"pageCourante": 1, "pages": 1, "nbResultatsParPage": 10, "total": 1},
    }


def test_the_private_structures_of_others_are_found_only_where_that_is_asked_for(client: Client) -> None:
    private = {"typeStructure": "PRIVEE"}
    assert sirets(client, structure=private) == [ACME]
    assert sirets(client, structure=private, restreindreStructuresPrivees=True) == [ACME]
    found = sirets(client, structure=private, restreindreStructuresPrivees=False)
    assert found == [ACME, BRETAGNE, "90876543100022"]


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(("restricted", "found"), [("", 1), ("true", 1), ("false", 3)])
def test_the_restriction_may_come_as_a_text_as_clients_in_production_send_it(
    client: Client, restricted: str, found: int
) -> None:
    body = {"structure": {"typeStructure": "PRIVEE"}, "restreindreStructuresPrivees": restricted}
    assert len(sirets(client, **body)) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, 6),
        ({"typeStructure": "PUBLIQUE"}, 5),
        ({"raisonSocialeStructure": "engagement"}, 2),
        ({"libelleStructure": "de l'etat"}, 1),
        ({"adresseVille": "paris"}, 2),
        ({"adresseCodePostal": "75012"}, 1),
        ({"adresseCodePays": "FR"}, 6),
        ({"adresseCodePays": "DE"}, 0),
        ({"statutStructure": "ACTIF"}, 6),
        ({"statutStructure": "INACTIF"}, 0),
        ({"estMOA": True}, 0),
        ({"estMOA": False}, 6),
        ({"identifiantStructure": "110002011"}, 0),
        ({"typeIdentifiantStructure": "RIDET"}, 0),
        ({"identifiantStructure": "", "raisonSocialeStructure": ""}, 6),
    ],
)
def test_a_criterion_lets_through_what_it_asks_for(client: Client, asked: dict[str, Any], found: int) -> None:
    assert len(sirets(client, structure=asked)) == found


def test_structures_are_sorted_and_paged_as_asked(client: Client) -> None:
    paging = {"nbResultatsParPage": 2, "pageResultatDemandee": 2, "triColonne": "DesignationStructure"}
    descending = {**paging, "triSens": "Descendant"}
    answer = client.call(f"{STRUCTURES}/rechercher", {"parametres": descending})
    names = [row["designationStructure"] for row in answer["listeStructures"]]
    assert names == ["DESTINATAIRE SERVICE ET ENGAGEMENT OBLIGATOIRES", "DESTINATAIRE SANS CONTRAINTE"]
    assert answer["parametresRetour"] == {"pageCourante": 2, "pages": 3, "nbResultatsParPage": 2, "total": 6}


def test_an_inactive_structure_is_shown_as_one(store: Store, client: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE structures SET active = 0 WHERE id = ?", (STATE_ID,))
    rows = client.call(f"{STRUCTURES}/rechercher", {"structure": {"statutStructure": "INACTIF"}})["listeStructures"]
    assert [(row["idStructureCPP"], row["statut"]) for row in rows] == [(STATE_ID, "INACTIVE")]


def test_a_public_structure_says_what_it_requires(client: Client) -> None:
    answer = client.call(f"{STRUCTURES}/consulter", {"idStructureCPP": STRICT_ID})
    assert answer["informationGenerales"] == {
        "idStructureCPP": STRICT_ID,
        "identifiantStructure": "12345678200044",
        "typeIdentifiantStructure": "SIRET",
        "raisonSocialeStructure": "DESTINATAIRE SERVICE ET ENGAGEMENT OBLIGATOIRES",
        "structurePriveePublique": "PUBLIQUE",
    }
    assert answer["adressePostaleDuSiege"] == {
        "adresse": "8 cours de Verdun",
        "codePostal": "33000",
        "ville": "Bordeaux",
        "pays": "France",
    }
    assert answer["parametres"] == {
        "codeServiceDoitEtreRenseigne": True,
        "numeroEJDoitEtreRenseigne": True,
        "gestionNumeroEJOuCodeService": False,
        "statutMiseEnPaiementNestPasRemonte": True,
        "estMoaUniquement": False,
        "getaMoa": False,
    }


def test_one_s_own_structure_says_when_the_password_of_the_account_expires(client: Client) -> None:
    answer = client.call(f"{STRUCTURES}/consulter", {"idStructureCPP": ACME_ID})
    general = answer["informationGenerales"]
    assert (general["dateExpirationMotPasseCompteTech"], general["structurePriveePublique"]) == ("2027-11-08", "PRIVEE")


def test_a_structure_without_address_is_read_without_one(store: Store, client: Client) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE structures SET street = NULL, postcode = NULL, city = NULL")
    assert "adressePostaleDuSiege" not in client.call(f"{STRUCTURES}/consulter", {"idStructureCPP": ACME_ID})


@pytest.mark.parametrize("structure_id", [1, BRETAGNE_ID])
def test_an_unknown_structure_and_another_s_private_one_are_refused_alike(client: Client, structure_id: int) -> None:
    services = {"idStructure": structure_id}
    for path, body in (
        ("consulter", {"idStructureCPP": structure_id}),
        ("rechercher/services", services),
        ("consulter/service", {**services, "idService": STATE_SERVICE_ID}),
    ):
        answer = client.call(f"{STRUCTURES}/{path}", body)
        assert (answer["codeRetour"], answer["libelle"][:14]) == (20000, "TRA_MSG_00.901")


def test_the_services_of_a_structure_are_found(client: Client) -> None:
    asked = {"nbResultatsParPage": 10_000, "triColonne": "LibelleService"}
    body = {"idStructure": STATE_ID, "parametresRechercherServicesStructure": asked}
    answer = client.call(f"{STRUCTURES}/rechercher/services", body)
    assert answer["listeServices"] == [
        {
            "idService": STATE_SERVICE_ID,
            "codeService": "SFACETAT",
            "libelleService": "Service facturier",
            "estActif": True,
            "statutService": "ACTIF",
        }
    ]
    assert answer["parametresRetour"]["nbResultatsParPage"] == 10_000


def test_a_structure_without_services_has_none(client: Client) -> None:
    answer = client.call(f"{STRUCTURES}/rechercher/services", {"idStructure": 25784152})
    assert (answer["codeRetour"], answer["listeServices"]) == (0, [])


def test_a_service_says_whether_it_requires_a_commitment_number(store: Store, client: Client) -> None:
    body = {"idStructure": STATE_ID, "idService": STATE_SERVICE_ID}
    with store.writing() as connection:
        connection.execute("UPDATE services SET commitment_required = 1 WHERE id = ?", (STATE_SERVICE_ID,))
    answer = client.call(f"{STRUCTURES}/consulter/service", body)
    assert answer["informationsGenerales"] == {"codeService": "SFACETAT", "nomService": "Service facturier"}
    assert answer["parametres"] == {"numeroEngagement": True, "miseEnPaiement": True}


def test_a_service_of_another_structure_is_refused(client: Client) -> None:
    body = {"idStructure": STRICT_ID, "idService": STATE_SERVICE_ID}
    assert client.call(f"{STRUCTURES}/consulter/service", body)["codeRetour"] == 20001


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    "body", [{"parametres": {"triColonne": "Ville"}}, {"parametresRecherche": {}}, {"structure": {"siret": "1"}}]
)
def test_what_the_search_does_not_know_is_malformed(client: Client, body: dict[str, Any]) -> None:
    assert client.post(f"{STRUCTURES}/rechercher", body).status_code == 400


def test_the_page_cap_holds_for_structures(store: Store) -> None:
    with LocalPortal(store, page_cap=2) as portal:
        answer = Client(portal.url).call(f"{STRUCTURES}/rechercher", {})
    assert (len(answer["listeStructures"]), answer["parametresRetour"]["nbResultatsParPage"]) == (2, 2)
