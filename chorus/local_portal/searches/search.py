"""rechercher/fournisseur: the filters, the order and the page that a request asks for, in SQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from chorus.local_portal.searches import filters
from chorus.local_portal.searches.filters import Body, Condition

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

COMMON_MEMBERS = {
    "typeDemandePaiement": "'FACTURE'",
    "codeFournisseur": "supplier_siret",
    "typeIdentifiantFournisseur": "supplier_identifier_type",
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
    "taille": "size",
}
"""The columns of full_invoices behind the members of a row of every search for invoices."""
TO_TREAT_MEMBERS = {"identifiantFactureCPP": "id", **COMMON_MEMBERS}
ROW_MEMBERS = {
    **TO_TREAT_MEMBERS,
    "numeroFluxDepot": "flow_number",
    "numeroFactureOrigine": "original_number",
    "modeDepot": "deposit_mode",
    "dateHeureEtatCourant": "status_at",
    "commentaireEtatCourant": "status_comment",
    "rejetTraite": "rejection_handled",
    "other_members": "other_members",
}

# The annex of 2017 lists them; REJETEE is there as long as the rejection was not handled.
TO_TREAT = (
    *("BROUILLON", "A_VALIDER_1", "A_VALIDER_2", "ERREUR_FOURNISSEUR_SUR_VALIDEUR", "VALIDEE_1", "VALIDEE_2"),
    *("REFUSEE_1", "REFUSEE_2", "ERREUR_COTRAITANT_SUR_VALIDEUR", "ABSENCE_VALIDATION_1_HORS_DELAI"),
    *("ABSENCE_VALIDATION_2_HORS_DELAI", "DEPOSEE", "EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION", "A_RECYCLER"),
    "SUSPENDUE",
)


def sql_columns(members: Mapping[str, str]) -> str:
    return ", ".join(f'{column} AS "{member}"' for member, column in members.items())


ROW_COLUMNS = sql_columns(ROW_MEMBERS)
TO_TREAT_COLUMNS = sql_columns(TO_TREAT_MEMBERS)


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
    return filters.all_of(_conditions(body, suppliers))


def _conditions(body: Body, suppliers: Collection[int]) -> Iterator[Condition]:
    yield filters.among("supplier_id", suppliers)
    yield from filters.compared(body, "=", EQUAL)
    yield from filters.listed(body, AMONG)
    yield from filters.amounts(body)
    yield from filters.periods(body)
    if body.get("listeDestinataire"):
        whole_siren = body.get("rechercheSirenDestinataire", False)
        yield filters.any_of(_recipient(criterion, whole_siren) for criterion in body["listeDestinataire"])


def _recipient(criterion: Body, whole_siren: bool) -> Condition:
    """Return the condition that an invoice is for a recipient, told by id, services or name."""
    conditions = []
    if "idDestinataire" in criterion:
        conditions.append(filters.structure("recipient_id", criterion["idDestinataire"], whole_siren))
    if criterion.get("listeIdServiceExecutant"):
        conditions.append(filters.among("service_id", criterion["listeIdServiceExecutant"]))
    if "raisonSocialeStuctDmd" in criterion:
        conditions.append(filters.named("recipient_id", criterion["raisonSocialeStuctDmd"]))
    return filters.all_of(conditions)


def condition_to_treat(body: Body, suppliers: Collection[int]) -> Condition:
    """Return the SQL condition of rechercher/atraiter/fournisseur."""
    treatable = [filters.among("status", TO_TREAT)]
    if not body.get("masquerRejetee", False):
        treatable.append(("status = 'REJETEE' AND NOT rejection_handled", []))
    asked = filters.compared(body, "=", {"idStructure": "supplier_id"})
    return filters.all_of([filters.among("supplier_id", suppliers), filters.any_of(treatable), *asked])


def order(paging: Body) -> str:
    """Return the SQL order; rows that are equal in the column are ordered by id, so that pages never overlap."""
    column = paging.get("triColonne", "DateDepot")
    member = column[0].lower() + column[1:]
    return ordered(ROW_MEMBERS.get(member, f"other_members ->> '{member}'"), paging)


def ordered(expression: str, paging: Body) -> str:
    direction = "ASC" if paging.get("triSens") == "Ascendant" else "DESC"
    return f"{expression} {direction}, id {direction}"


def page(paging: Body, found: int, caps: Caps) -> Page:
    """Return the page that is granted, within the caps, whatever was asked."""
    size = paging.get("nbResultatsParPage", 10)
    total = min(found, paging.get("nbResultatsMaximum", found), found if caps.total is None else caps.total)
    return Page(paging.get("pageResultatDemandee", 1), min(size, caps.page or size), total)
