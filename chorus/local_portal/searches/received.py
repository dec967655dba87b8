"""rechercher/recipiendaire: the filters and the order that a request asks for, in SQL."""

from collections.abc import Collection, Iterator

from chorus.local_portal.searches import filters, search
from chorus.local_portal.searches.filters import Body, Condition

EQUAL = {
    "idDestinataire": "recipient_id",
    "idServiceExecutant": "service_id",
    "idStructureValideur": "validator_id",
    "numeroFacture": "number",
    "numeroMarche": "contract_number",
    "numeroBonCommande": "commitment_number",
    "cadreFacturation": "billing_frame",
}
AMONG = {"statutCourant": "status", "listeTypeFacture": "type"}

DOWNLOADED = """EXISTS (
    SELECT 1 FROM user_actions JOIN account_structures ON login = author AND structure_id = recipient_id
    WHERE invoice_id = full_invoices.id AND code = 'TELECHARGEMENT_FACTURE'
)"""
"""An account of the present recipient downloaded the invoice."""

ROW_MEMBERS = {
    "idFacture": "id",
    **search.COMMON_MEMBERS,
    "dateHeureEtatCourant": "status_at",
    "commentaireEtatCourant": "status_comment",
    "factureTelechargeeParDestinataire": DOWNLOADED,
}
ROW_COLUMNS = search.sql_columns(ROW_MEMBERS)

SORTED_BY = {
    "Fournisseur": "supplier_name",
    "Destinataire": "recipient_name",
    "TypeFactureTravaux": "NULL",
}
"""The columns of triColonne that are no member of a row; works invoices are not held here."""


def condition(body: Body, recipients: Collection[int]) -> Condition:
    """Return the SQL condition, with its values, of a search by an account that is attached to these recipients."""
    return filters.all_of(_conditions(body, recipients))


def _conditions(body: Body, recipients: Collection[int]) -> Iterator[Condition]:
    yield filters.among("recipient_id", recipients)
    if body.get("typeDemandePaiement") == "FACTURE_TRAVAUX" or body.get("listeTypeFactureTravaux"):
        yield filters.NOTHING
    yield from filters.compared(body, "=", EQUAL)
    yield from filters.listed(body, AMONG)
    yield from filters.amounts(body)
    yield from filters.periods(body)
    if "factureTelechargeeParDestinataire" in body:
        yield f"{DOWNLOADED} = ?", [body["factureTelechargeeParDestinataire"]]
    if body.get("listeFournisseurs"):
        whole_siren = body.get("rechercheSirenFournisseur", False)
        yield filters.any_of(_supplier(criterion, whole_siren) for criterion in body["listeFournisseurs"])


def _supplier(criterion: Body, whole_siren: bool) -> Condition:
    conditions = []
    if "idFournisseur" in criterion:
        conditions.append(filters.structure("supplier_id", criterion["idFournisseur"], whole_siren))
    if criterion.get("listeIdService"):
        conditions.append(filters.among("supplier_service_id", criterion["listeIdService"]))
    return filters.all_of(conditions)


def order(paging: Body) -> str:
    """Return the SQL order; rows that are equal in the column are ordered by id."""
    column = paging.get("triColonne", "DateDepot")
    member = column[0].lower() + column[1:]
    return search.ordered(SORTED_BY.get(column) or ROW_MEMBERS[member], paging)
