"""monCompte/recuperer/rattachements: the structures that the technical account is attached to."""

from chorus.local_portal.checks import record
from chorus.local_portal.operations.call import READ, Answer, Call, Operation
from chorus.local_portal.operations.fields import CURRENT_USER, any_paging
from chorus.local_portal.operations.listing import listed
from chorus.local_portal.state.store import Row

ATTACHED = """
SELECT structures.*, account_structures.rowid AS attachment_id
FROM account_structures JOIN structures ON structures.id = structure_id WHERE login = ? ORDER BY siret
"""


def attached_structures(call: Call) -> Answer:
    structures = call.store.rows(ATTACHED, call.caller.login)
    items = [_structure(structure) | {"listeServicesRattache": _services(call, structure)} for structure in structures]
    return READ | listed("listeStructureRattachement", items, call.body.get("parametresRecherche", {}), call.caps)


def _structure(structure: Row) -> Answer:
    return {
        "idStructure": structure["id"],
        "identifiantStructure": structure["siret"],
        "typeIdentifiantStructure": structure["identifier_type"],
        "designationStructure": structure["name"],
        "idRattachementStructure": structure["attachment_id"],
        "statutRattachementStructure": "ACTIF",
        "roleUtilisateur": "GESTIONNAIRE",
        "statutUtilisateur": "ACTIF",
    }


def _services(call: Call, structure: Row) -> list[Answer]:
    """Return the services of a structure; an account of it is attached to each."""
    services = call.store.rows("SELECT * FROM services WHERE structure_id = ? ORDER BY code", structure["id"])
    return [
        {
            "idService": service["id"],
            "codeService": service["code"],
            "libelleService": service["name"],
            "estActif": bool(service["active"]),
            "statutService": "ACTIF" if service["active"] else "INACTIF",
            "statutRattachementService": "ACTIF",
        }
        for service in services
    ]


OPERATIONS = {
    "/cpro/utilisateurs/v1/monCompte/recuperer/rattachements": Operation(
        record({**CURRENT_USER, "parametresRecherche": any_paging}), attached_structures
    )
}
