"""rechercher/fournisseur and rechercher/atraiter/fournisseur: the supplier's searches."""

import json

from chorus.local_portal import codes, dates
from chorus.local_portal.checks import boolean, date, list_of, number, one_of, record, text
from chorus.local_portal.operations.call import READ, Answer, Call, Operation
from chorus.local_portal.operations.fields import CURRENT_USER, int64, paging
from chorus.local_portal.searches import search
from chorus.local_portal.state.store import Row

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
TO_TREAT = record(
    {
        **CURRENT_USER,
        "idStructure": int64,
        "masquerRejetee": boolean,
        "rechercheFactureATraiterParFournisseur": record(paging(*codes.TO_TREAT_COLUMNS)),
        "recupererTaille": boolean,
    }
)


def search_as_supplier(call: Call) -> Answer:
    asked = call.body.get("rechercheFactureParFournisseur", {})
    condition, values = search.condition(call.body, call.caller.structures)
    found = call.store.find_invoices(condition, values, search.order(asked))
    page = search.page(asked, len(found), call.caps)
    rows = call.store.invoices(page.cut(found), search.ROW_COLUMNS)
    with_size = call.body.get("recupererTaille", False)
    return READ | {
        "parametresRetour": page.answer(),
        "listeFactures": [search_row(row, with_size) for row in rows],
    }


def search_row(row: Row, with_size: bool) -> Answer:
    """Return an invoice as a row of rechercher/fournisseur, from its search.ROW_COLUMNS."""
    others = row.pop("other_members")
    row["dateHeureEtatCourant"] = dates.exact(row["dateHeureEtatCourant"])
    row["rejetTraite"] = bool(row["rejetTraite"])
    if not with_size:
        row.pop("taille", None)
    # Nearly all have none, and reading that a thousand times takes its time.
    return row if others == "{}" else row | json.loads(others)


def search_to_treat(call: Call) -> Answer:
    asked = call.body.get("rechercheFactureATraiterParFournisseur", {})
    condition, values = search.condition_to_treat(call.body, call.caller.structures)
    found = call.store.find_invoices(condition, values, search.order(asked))
    page = search.page(asked, len(found), call.caps)
    rows = call.store.invoices(page.cut(found), search.TO_TREAT_COLUMNS)
    if not call.body.get("recupererTaille", False):
        for row in rows:
            row.pop("taille", None)
    return READ | {"parametresRetour": page.answer(), "listeFactures": rows}


OPERATIONS = {
    "/cpro/factures/v1/rechercher/fournisseur": Operation(SEARCH, search_as_supplier),
    "/cpro/factures/v1/rechercher/atraiter/fournisseur": Operation(TO_TREAT, search_to_treat),
}
