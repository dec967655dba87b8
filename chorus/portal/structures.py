"""What is said to the portal about structures, and what it says of them. Pure."""

from __future__ import annotations

from datetime import date

from chorus.portal.answers import JsonObject
from chorus.portal.messages import parsed, says_no_result
from chorus.portal.reading import PARIS, as_list, as_object, moment, text, whole_number

FIND = "structures/rechercher"
READ = "structures/consulter"


def build_search(siret: str) -> JsonObject:
    """Of private structures the portal shows only those that the technical account is attached to."""
    return {
        "structure": {"identifiantStructure": siret, "typeIdentifiantStructure": "SIRET"},
        "restreindreStructuresPrivees": True,
        "parametres": {"pageResultatDemandee": 1, "nbResultatsParPage": 10},
    }


def build_read(structure_id: int) -> JsonObject:
    return {"idStructureCPP": structure_id}


def parse_found(data: JsonObject, siret: str) -> int | None:
    """Return the id of the structure with this SIRET, if there is one. Raises UnexpectedAnswer."""
    if says_no_result(data):
        return None
    return parsed(FIND, data, lambda data: _id_of(data, siret))


def parse_password_end(data: JsonObject) -> date | None:
    """Return the day, in Paris, on which the technical account's password ends, if the portal says it."""
    return parsed(READ, data, _password_end)


def _id_of(data: JsonObject, siret: str) -> int | None:
    for row in as_list(data.get("listeStructures"), "listeStructures"):
        structure = as_object(row, "listeStructures")
        if "".join(text(structure, "identifiantStructure").split()) == siret:
            return whole_number(structure, "idStructureCPP")
    return None


def _password_end(data: JsonObject) -> date | None:
    general = as_object(data.get("informationGenerales"), "informationGenerales")
    end = moment(general, "dateExpirationMotPasseCompteTech")
    return end.astimezone(PARIS).date() if end else None
