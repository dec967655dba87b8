"""rechercher/recipiendaire: the recipient's search."""

from chorus.local_portal import codes, dates
from chorus.local_portal.checks import boolean, date, list_of, number, one_of, record, text
from chorus.local_portal.operations.call import READ, Answer, Call, Operation, RefusedError
from chorus.local_portal.operations.fields import CURRENT_USER, int64, paging
from chorus.local_portal.searches import received, search
from chorus.local_portal.state.store import Row

BODY = record(
    {
        **CURRENT_USER,
        "typeDemandePaiement": one_of(("FACTURE", "FACTURE_TRAVAUX")),
        "idDestinataire": int64,
        "idServiceExecutant": int64,
        "numeroFacture": text,
        "periodeDateDepotDu": date,
        "periodeDateDepotAu": date,
        "listeTypeFacture": list_of(one_of(("AVOIR", "FACTURE"))),
        "listeTypeFactureTravaux": list_of(one_of(codes.WORKS_TYPES)),
        "listeFournisseurs": list_of(record({"idFournisseur": int64, "listeIdService": list_of(int64)}), at_most=100),
        "rechercheSirenFournisseur": boolean,
        "idStructureValideur": int64,
        "cadreFacturation": one_of(codes.BILLING_FRAMES),
        "statutCourant": list_of(one_of(codes.KNOWN_STATUSES)),
        "periodeDateFactureDu": date,
        "periodeDateFactureAu": date,
        "montantHTMin": number,
        "montantHTMax": number,
        "montantTTCMin": number,
        "montantTTCMax": number,
        "montantApayerMin": number,
        "montantApayerMax": number,
        "numeroMarche": text,
        "numeroBonCommande": text,
        "factureTelechargeeParDestinataire": boolean,
        "paramRecherche": record(paging(*codes.RECEIVED_COLUMNS)),
        "recupererTaille": boolean,
        "periodeDateHeureEtatCourantDu": date,
        "periodeDateHeureEtatCourantAu": date,
    }
)


def search_as_recipient(call: Call) -> Answer:
    """Return a page of invoices; its numbers stand at the top of the answer, not in a `parametresRetour`."""
    asked = call.body.get("paramRecherche", {})
    condition, values = received.condition(call.body, call.caller.structures)
    found = call.store.find_invoices(condition, values, received.order(asked))
    if not found:
        raise RefusedError(20000, "TRA_MSG_00.015")
    page = search.page(asked, len(found), call.caps)
    rows = call.store.invoices(page.cut(found), received.ROW_COLUMNS)
    with_size = call.body.get("recupererTaille", False)
    return READ | page.answer() | {"listeFactures": [_row(row, with_size) for row in rows]}


def _row(row: Row, with_size: bool) -> Answer:
    if not with_size:
        row.pop("taille", None)
    row["dateHeureEtatCourant"] = dates.exact(row["dateHeureEtatCourant"])
    row["factureTelechargeeParDestinataire"] = bool(row["factureTelechargeeParDestinataire"])
    return row


OPERATIONS = {"/cpro/factures/v1/rechercher/recipiendaire": Operation(BODY, search_as_recipient)}
