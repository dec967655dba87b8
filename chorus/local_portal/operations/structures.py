"""The operations of the API "Structures": suppliers and public buyers, their services and what they require."""

from collections.abc import Iterator
from typing import Any

from chorus.local_portal import codes
from chorus.local_portal.checks import Check, boolean, one_of, record, text
from chorus.local_portal.operations import reference_lists
from chorus.local_portal.operations.call import READ, Answer, Call, Operation, RefusedError, filled
from chorus.local_portal.operations.fields import count, int64
from chorus.local_portal.operations.listing import listed
from chorus.local_portal.searches import filters
from chorus.local_portal.searches.filters import Body, Condition
from chorus.local_portal.state.store import Row

STRUCTURES = "/cpro/structures/v1"


def _paging(columns: tuple[str, ...]) -> dict[str, Check]:
    return {
        "nbResultatsParPage": count,
        "pageResultatDemandee": count,
        "triColonne": one_of(columns),
        "triSens": one_of(codes.DIRECTIONS),
    }


def _restriction(value: Any) -> None:
    """Check a boolean; Pastell, in production, sends it as a text, which is empty where nothing was chosen."""
    if value not in ("", "true", "false"):
        boolean(value)


SEARCH = record(
    {
        "structure": record(
            {
                "adresseCodePays": text,
                "adresseCodePostal": text,
                "adresseVille": text,
                "estMOA": boolean,
                "estMOAUniquement": boolean,
                "identifiantStructure": text,
                "libelleStructure": text,
                "nomStructure": text,
                "prenomStructure": text,
                "raisonSocialeStructure": text,
                "statutStructure": one_of(("ACTIF", "INACTIF")),
                "typeIdentifiantStructure": one_of(codes.IDENTIFIER_TYPES),
                "typeStructure": one_of(("PRIVEE", "PUBLIQUE")),
            }
        ),
        "restreindreStructuresPrivees": _restriction,
        "parametres": record(_paging(codes.STRUCTURE_COLUMNS)),
    }
)
READ_STRUCTURE = record({"idStructureCPP": int64, "codeLangue": text}, needed=["idStructureCPP"])
SEARCH_SERVICES = record(
    {"idStructure": int64, "parametresRechercherServicesStructure": record(_paging(codes.SERVICE_COLUMNS))},
    needed=["idStructure"],
)
READ_SERVICE = record(
    {"idStructure": int64, "idService": int64, "codeLangue": text}, needed=["idStructure", "idService"]
)

EQUAL = {
    "identifiantStructure": "siret",
    "typeIdentifiantStructure": "identifier_type",
    "adresseCodePays": "country",
    "adresseCodePostal": "postcode",
}
IN_PART = {
    "raisonSocialeStructure": "name",
    "libelleStructure": "name",
    "nomStructure": "name",
    "prenomStructure": "name",
    "adresseVille": "city",
}


def search_structures(call: Call) -> Answer:
    condition, values = filters.all_of(_conditions(call))
    rows = call.store.rows(f"SELECT * FROM structures WHERE {condition} ORDER BY siret", *values)  # noqa: S608  # nosec B608
    return READ | listed("listeStructures", [_row(row) for row in rows], call.body.get("parametres", {}), call.caps)


def _conditions(call: Call) -> Iterator[Condition]:
    """Yield the conditions of a search; an empty text lets every structure through."""
    asked: Body = {name: value for name, value in call.body.get("structure", {}).items() if value != ""}
    if call.body.get("restreindreStructuresPrivees") not in (False, "false"):
        yield filters.any_of([("kind = 'recipient'", []), filters.among("id", call.caller.structures)])
    yield from filters.compared(asked, "=", EQUAL)
    for name, column in IN_PART.items():
        if name in asked:
            yield f"instr(upper({column}), upper(?)) > 0", [asked[name]]
    if "statutStructure" in asked:
        yield "active = ?", [asked["statutStructure"] == "ACTIF"]
    if "typeStructure" in asked:
        yield "kind = ?", ["supplier" if asked["typeStructure"] == "PRIVEE" else "recipient"]
    if asked.get("estMOA") or asked.get("estMOAUniquement"):
        yield filters.NOTHING


def _row(structure: Row) -> Answer:
    return {
        "idStructureCPP": structure["id"],
        "identifiantStructure": structure["siret"],
        "designationStructure": structure["name"],
        "typeIdentifiantStructure": structure["identifier_type"],
        "statut": "ACTIVE" if structure["active"] else "INACTIVE",
    }


def known_structure(call: Call, structure_id: int) -> Row:
    """Return a public structure, or one that the account is attached to. Raises RefusedError for any other."""
    structure = call.store.row("SELECT * FROM structures WHERE id = ?", structure_id)
    if structure is None or (structure["kind"] == "supplier" and structure["id"] not in call.caller.structures):
        raise RefusedError(20000, "TRA_MSG_00.901 - La structure n'existe pas ou n'est pas consultable.")
    return structure


def read_structure(call: Call) -> Answer:
    structure = known_structure(call, call.body["idStructureCPP"])
    attached = structure["id"] in call.caller.structures
    account = call.store.row("SELECT password_expires_on FROM accounts WHERE login = ?", call.caller.login)
    return READ | filled(
        {
            "informationGenerales": filled(
                {
                    "idStructureCPP": structure["id"],
                    "identifiantStructure": structure["siret"],
                    "typeIdentifiantStructure": structure["identifier_type"],
                    "raisonSocialeStructure": structure["name"],
                    "structurePriveePublique": "PRIVEE" if structure["kind"] == "supplier" else "PUBLIQUE",
                    "dateExpirationMotPasseCompteTech": account["password_expires_on"]
                    if attached and account
                    else None,
                }
            ),
            "adressePostaleDuSiege": _address(structure, call.body.get("codeLangue", "FR")),
            "parametres": _requirements(structure),
        }
    )


def _address(structure: Row, language: str) -> Answer | None:
    if structure["city"] is None:
        return None
    return filled(
        {
            "adresse": structure["street"],
            "codePostal": structure["postcode"],
            "ville": structure["city"],
            "pays": reference_lists.words(reference_lists.COUNTRIES, structure["country"], language),
        }
    )


def _requirements(structure: Row) -> Answer:
    return {
        "codeServiceDoitEtreRenseigne": bool(structure["service_required"]),
        "numeroEJDoitEtreRenseigne": bool(structure["commitment_required"]),
        "gestionNumeroEJOuCodeService": False,
        "statutMiseEnPaiementNestPasRemonte": bool(structure["payment_hidden"]),
        "estMoaUniquement": False,
        "getaMoa": False,
    }


def search_services(call: Call) -> Answer:
    structure = known_structure(call, call.body["idStructure"])
    services = call.store.rows("SELECT * FROM services WHERE structure_id = ? ORDER BY code", structure["id"])
    asked = call.body.get("parametresRechercherServicesStructure", {})
    return READ | listed("listeServices", [_service_row(service) for service in services], asked, call.caps)


def _service_row(service: Row) -> Answer:
    return {
        "idService": service["id"],
        "codeService": service["code"],
        "libelleService": service["name"],
        "estActif": bool(service["active"]),
        "statutService": "ACTIF" if service["active"] else "INACTIF",
    }


def read_service(call: Call) -> Answer:
    structure = known_structure(call, call.body["idStructure"])
    service = call.store.row(
        "SELECT * FROM services WHERE id = ? AND structure_id = ?", call.body["idService"], structure["id"]
    )
    if service is None:
        raise RefusedError(20001, "TRA_MSG_00.902 - Le service n'existe pas dans cette structure.")
    return READ | filled(
        {
            "informationsGenerales": {"codeService": service["code"], "nomService": service["name"]},
            "adressePostale": _address(structure, call.body.get("codeLangue", "FR")),
            "parametres": {
                "numeroEngagement": bool(service["commitment_required"]),
                "miseEnPaiement": not structure["payment_hidden"],
            },
        }
    )


OPERATIONS = {
    f"{STRUCTURES}/rechercher": Operation(SEARCH, search_structures),
    f"{STRUCTURES}/consulter": Operation(READ_STRUCTURE, read_structure),
    f"{STRUCTURES}/rechercher/services": Operation(SEARCH_SERVICES, search_services),
    f"{STRUCTURES}/consulter/service": Operation(READ_SERVICE, read_service),
}
