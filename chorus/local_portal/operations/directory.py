"""Whom to invoice and for whom, in Transverses: recipients, their services, the account's own suppliers."""

from chorus.local_portal.checks import boolean, one_of, record, text
from chorus.local_portal.operations.call import DONE, READ, Answer, Call, Operation, RefusedError, filled
from chorus.local_portal.operations.fields import CURRENT_USER, any_paging, int64
from chorus.local_portal.operations.listing import listed
from chorus.local_portal.searches import filters
from chorus.local_portal.searches.filters import Condition
from chorus.local_portal.state.store import Row

TRANSVERSES = "/cpro/transverses/v1"

SEARCH_RECIPIENTS = record(
    {
        **CURRENT_USER,
        "identifiant": text,
        "nomVilleCodePostal": text,
        "typeStructure": one_of(("PRIVEE", "PUBLIQUE")),
        "parametresRecherche": any_paging,
    }
)
SEARCH_SERVICES = record(
    {
        **CURRENT_USER,
        "idDestinataireCPP": int64,
        "codeServiceExecutant": text,
        "nomServiceExecutant": text,
        "actif": boolean,
        "parametresRecherche": any_paging,
    }
)


def search_recipients(call: Call) -> Answer:
    """Find the active public structures that meet every word that is asked for."""
    conditions: list[Condition] = [("kind = 'recipient' AND active", [])]
    if "identifiant" in call.body:
        conditions.append(("instr(siret, ?) > 0", [call.body["identifiant"]]))
    for word in call.body.get("nomVilleCodePostal", "").split():
        known = "name || ' ' || coalesce(city, '') || ' ' || coalesce(postcode, '')"
        conditions.append((f"instr(upper({known}), upper(?)) > 0", [word]))
    if call.body.get("typeStructure") == "PRIVEE":
        conditions.append(filters.NOTHING)
    condition, values = filters.all_of(conditions)
    rows = call.store.rows(f"SELECT * FROM structures WHERE {condition} ORDER BY name, id", *values)  # noqa: S608  # nosec B608
    asked = call.body.get("parametresRecherche", {})
    return READ | listed("listeDestinataires", [_recipient(row) for row in rows], asked, call.caps)


def _recipient(structure: Row) -> Answer:
    return filled(
        {
            "idStructureCPP": structure["id"],
            "siret": structure["siret"],
            "nomDestinataire": structure["name"],
            "adresseCodePostal": structure["postcode"],
            "adresseVille": structure["city"],
        }
    )


def search_services(call: Call) -> Answer:
    """Find the services of public structures."""
    conditions: list[Condition] = [("kind = 'recipient'", [])]
    conditions += filters.compared(call.body, "=", {"idDestinataireCPP": "structure_id", "actif": "services.active"})
    for name, column in (("codeServiceExecutant", "code"), ("nomServiceExecutant", "services.name")):
        if name in call.body:
            conditions.append((f"instr(upper({column}), upper(?)) > 0", [call.body[name]]))
    condition, values = filters.all_of(conditions)
    rows = call.store.rows(
        "SELECT services.id, code, services.name FROM services JOIN structures ON structures.id = structure_id"  # noqa: S608  # nosec B608
        f" WHERE {condition} ORDER BY code, services.id",
        *values,
    )
    services = [
        {"idServicesCPP": row["id"], "codeServiceExecutant": row["code"], "nomServiceExecutant": row["name"]}
        for row in rows
    ]
    return READ | listed("listeServices", services, call.body.get("parametresRecherche", {}), call.caps)


def active_suppliers(call: Call) -> Answer:
    """Return the active suppliers that the account is attached to."""
    condition, values = filters.among("id", call.caller.structures)
    rows = call.store.rows(
        f"SELECT * FROM structures WHERE kind = 'supplier' AND active AND {condition} ORDER BY siret",  # noqa: S608  # nosec B608
        *values,
    )
    suppliers = [
        {"idStructureCPP": row["id"], "identifiant": row["siret"], "designationStructure": row["name"]} for row in rows
    ]
    return READ | {"listeStructures": suppliers}


def bank_accounts(call: Call) -> Answer:
    """Return the bank accounts of a structure of the account, or of all of them."""
    asked = call.body.get("idStructure")
    if asked is not None and asked not in call.caller.structures:
        raise RefusedError(20000, "TRA_MSG_00.903 - L'utilisateur n'est pas rattaché à cette structure.")
    condition, values = filters.among("structure_id", call.caller.structures if asked is None else [asked])
    rows = call.store.rows(f"SELECT * FROM bank_accounts WHERE {condition} ORDER BY id", *values)  # noqa: S608  # nosec B608
    return DONE | {
        "listeCoordonneeBancaire": [
            {"idCoordonneeBancaire": row["id"], "nomCoordonneeBancaire": row["name"]} for row in rows
        ]
    }


OPERATIONS = {
    f"{TRANSVERSES}/rechercher/destinataire": Operation(SEARCH_RECIPIENTS, search_recipients),
    f"{TRANSVERSES}/rechercher/serviceexecutant": Operation(SEARCH_SERVICES, search_services),
    f"{TRANSVERSES}/recuperer/structures/actives/fournisseur": Operation(record(CURRENT_USER), active_suppliers),
    f"{TRANSVERSES}/recuperer/coordbanc/valides": Operation(
        record({**CURRENT_USER, "idStructure": int64}), bank_accounts
    ),
}
