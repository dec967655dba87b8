"""rechercher/fournisseur: the supplier's search."""

import json

from chorus.local_portal import codes, dates, search
from chorus.local_portal.checks import boolean, date, list_of, number, one_of, record, text
from chorus.local_portal.operations.call import READ, Answer, Call, Operation, filled
from chorus.local_portal.operations.fields import CURRENT_USER, int64, paging
from chorus.local_portal.store import Row

SEARCH = record(
    {
        **CURRENT_USER,
        "listeDestinataire": list_of(
            record({"idDestinataire": int64, "listeIdServiceExecutant": list_of(int64), "raisonSocialeStuctDmd": text}),
            at_most=100,
        ),
        "rechercheSirenDestinataire": boolean,
        "numeroFacture": text,
        "periodeDateDepotDu": date,
        "periodeDateDepotAu": date,
        "typeFacture": one_of(codes.INVOICE_TYPES),
        "idFournisseur": int64,
        "idServiceFournisseur": int64,
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
        "coordonneeBancaire": int64,
        "idUtilisateurCreateur": list_of(int64),
        "numeroMarche": text,
        "numeroBonCommande": text,
        "numeroFactureOrigine": text,
        "modeDepot": one_of(codes.DEPOSIT_MODES),
        "numeroFluxDepot": text,
        "rechercheFactureParFournisseur": record(paging(*codes.SEARCH_COLUMNS)),
        "recupererTaille": boolean,
        "periodeDateHeureEtatCourantDu": date,
        "periodeDateHeureEtatCourantAu": date,
        "rejetTraite": boolean,
    }
)


def search_as_supplier(call: Call) -> Answer:
    asked = call.body.get("rechercheFactureParFournisseur", {})
    condition, values = search.condition(call.body, call.caller.structures)
    found = call.store.find_invoices(condition, values, search.order(asked))
    page = search.page(asked, len(found), call.caps)
    with_size = call.body.get("recupererTaille", False)
    rows = call.store.invoices(page.cut(found), search.ROW_COLUMNS)
    return READ | {
        "parametresRetour": page.answer(),
        "listeFactures": [search_row(row, with_size) for row in rows],
    }


def search_row(row: Row, with_size: bool) -> Answer:
    """Return an invoice as a row of rechercher/fournisseur, from its search.ROW_COLUMNS."""
    members = filled(row)
    members["dateHeureEtatCourant"] = dates.exact(row["dateHeureEtatCourant"])
    members["rejetTraite"] = bool(row["rejetTraite"])
    if not with_size:
        members.pop("taille", None)
    members.update(json.loads(members.pop("other_members")))
    return members


OPERATIONS = {"/cpro/factures/v1/rechercher/fournisseur": Operation(SEARCH, search_as_supplier)}
