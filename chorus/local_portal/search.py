"""rechercher/fournisseur: the filters, the order and the page that a request asks for, in SQL."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chorus.local_portal import dates

Body = Mapping[str, Any]
Condition = tuple[str, list[Any]]
T = TypeVar("T")

EQUAL = {
    "idFournisseur": "supplier_id",
    "idServiceFournisseur": "supplier_service_id",
    "idStructureValideur": "validator_id",
    "coordonneeBancaire": "bank_account_id",
    "numeroFacture": "number",
    "numeroFluxDepot": "flow_number",
    "numeroMarche": "contract_number",
    "numeroBonCommande": "commitment_number",
    "numeroFactureOrigine": "original_number",
    "typeFacture": "type",
    "cadreFacturation": "billing_frame",
    "modeDepot": "deposit_mode",
    "rejetTraite": "rejection_handled",
}
AMONG = {"statutCourant": "status", "idUtilisateurCreateur": "creator_id"}
AT_LEAST = {
    "montantHTMin": "amount_excl_tax",
    "montantTTCMin": "amount_incl_tax",
    "montantApayerMin": "amount_payable",
}
AT_MOST = {
    "montantHTMax": "amount_excl_tax",
    "montantTTCMax": "amount_incl_tax",
    "montantApayerMax": "amount_payable",
}

SAME_SIREN = """recipient_id IN (
    SELECT same.id FROM structures asked JOIN structures same ON substr(same.siret, 1, 9) = substr(asked.siret, 1, 9)
    WHERE asked.id = ?
)"""
NAMED = "recipient_id IN (SELECT id FROM structures WHERE instr(upper(name), upper(?)) > 0)"

ROW_MEMBERS = {
    "identifiantFactureCPP": "id",
    "typeDemandePaiement": "'FACTURE'",
    "codeFournisseur": "supplier_siret",
    "typeIdentifiantFournisseur": "'SIRET'",
    "designationFournisseur": "supplier_name",
    "codeServiceFournisseur": "supplier_service_code",
    "nomServiceFournisseur": "supplier_service_name",
    "idDestinataire": "recipient_id",
    "codeDestinataire": "recipient_siret",
    "designationDestinataire": "recipient_name",
    "idServiceExecutant": "service_id",
    "codeServiceExecutant": "service_code",
    "nomServiceExecutant": "service_name",
    "typeFacture": "type",
    "numeroFacture": "number",
    "dateFacture": "date",
    "dateDepot": "deposited_on",
    "montantHT": "amount_excl_tax",
    "montantTTC": "amount_incl_tax",
    "montantAPayer": "amount_payable",
    "devise": "currency",
    "statut": "status",
    "numeroMarche": "contract_number",
    "numeroBonCommande": "commitment_number",
    "numeroFluxDepot": "flow_number",
    "numeroFactureOrigine": "original_number",
    "modeDepot": "deposit_mode",
    "taille": "size",
    "dateHeureEtatCourant": "status_at",
    "commentaireEtatCourant": "status_comment",
    "rejetTraite": "rejection_handled",
    "other_members": "other_members",
}
"""The columns of full_invoices behind the members of a row; triColonne names a member with a capital letter."""
ROW_COLUMNS = ", ".join(f'{column} AS "{member}"' for member, column in ROW_MEMBERS.items())


@dataclass(frozen=True)
class Caps:
    """What the portal grants at most, whatever is asked: rows on a page, rows in all (announced as the total)."""

    page: int | None = None
    total: int | None = None


@dataclass(frozen=True)
class Page:
    """A page that is granted: `current` counts from 1, `total` is that of the rows on all `pages`."""

    current: int
    size: int
    total: int

    @property
    def pages(self) -> int:
        return -(-self.total // self.size)

    def answer(self) -> dict[str, int]:
        """Return the `parametresRetour` of an answer."""
        return {
            "pageCourante": self.current,
            "pages": self.pages,
            "nbResultatsParPage": self.size,
            "total": self.total,
        }

    def cut(self, rows: Sequence[T]) -> Sequence[T]:
        first = (self.current - 1) * self.size
        return rows[first : min(first + self.size, self.total)]


def condition(body: Body, suppliers: Collection[int]) -> Condition:
    """Return the SQL condition, with its values, of a search by an account that is attached to these suppliers."""
    conditions = [_among("supplier_id", sorted(suppliers)), *_simple(body), *_periods(body)]
    if body.get("listeDestinataire"):
        conditions.append(_recipients(body["listeDestinataire"], body.get("rechercheSirenDestinataire", False)))
    return " AND ".join(sql for sql, _ in conditions), [value for _, values in conditions for value in values]


def _among(column: str, values: Sequence[Any]) -> Condition:
    if len(values) == 1:
        return f"{column} = ?", [values[0]]
    return f"{column} IN (SELECT value FROM json_each(?))", [json.dumps(values)]  # noqa: S608 - our own column


def _simple(body: Body) -> Iterator[Condition]:
    for operator, columns in (("=", EQUAL), (">=", AT_LEAST), ("<=", AT_MOST)):
        for name, column in columns.items():
            if name in body:
                yield f"{column} {operator} ?", [body[name]]
    for name, column in AMONG.items():
        if body.get(name):
            yield _among(column, body[name])


def _periods(body: Body) -> Iterator[Condition]:
    for period, column in (("periodeDateDepot", "deposited_on"), ("periodeDateFacture", "date")):
        if f"{period}Du" in body:
            yield f"{column} >= ?", [dates.bound_day(body[f"{period}Du"])]
        if f"{period}Au" in body:
            yield f"{column} <= ?", [dates.bound_day(body[f"{period}Au"])]
    if "periodeDateHeureEtatCourantDu" in body:
        yield "status_at >= ?", [dates.first_instant(body["periodeDateHeureEtatCourantDu"])]
    if "periodeDateHeureEtatCourantAu" in body:
        yield "status_at <= ?", [dates.last_instant(body["periodeDateHeureEtatCourantAu"])]


def _recipients(criteria: Sequence[Body], whole_siren: bool) -> Condition:
    """Return the condition that an invoice is for one of the recipients; each is told by id, services or name."""
    parts = [list(_recipient(criterion, whole_siren)) for criterion in criteria]
    sql = " OR ".join(f"({' AND '.join(sql for sql, _ in part) or 'TRUE'})" for part in parts)
    return f"({sql})", [value for part in parts for _, values in part for value in values]


def _recipient(criterion: Body, whole_siren: bool) -> Iterator[Condition]:
    if "idDestinataire" in criterion:
        yield SAME_SIREN if whole_siren else "recipient_id = ?", [criterion["idDestinataire"]]
    if criterion.get("listeIdServiceExecutant"):
        yield _among("service_id", criterion["listeIdServiceExecutant"])
    if "raisonSocialeStuctDmd" in criterion:
        yield NAMED, [criterion["raisonSocialeStuctDmd"]]


def order(paging: Body) -> str:
    """Return the SQL order; rows that are equal in the column are ordered by id, so that pages never overlap."""
    column = paging.get("triColonne", "DateDepot")
    direction = "ASC" if paging.get("triSens") == "Ascendant" else "DESC"
    member = column[0].lower() + column[1:]
    expression = ROW_MEMBERS.get(member, f"other_members ->> '{member}'")
    return f"{expression} {direction}, id {direction}"


def page(paging: Body, found: int, caps: Caps) -> Page:
    """Return the page that is granted, within the caps, whatever was asked."""
    size = paging.get("nbResultatsParPage", 10)
    total = min(found, paging.get("nbResultatsMaximum", found), found if caps.total is None else caps.total)
    return Page(paging.get("pageResultatDemandee", 1), min(size, caps.page or size), total)
