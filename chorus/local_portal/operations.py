"""The operations of the API that the local Chorus Pro knows."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chorus.local_portal import answers, bodies, buyer, dates, search
from chorus.local_portal.answers import Answer
from chorus.local_portal.checks import Check
from chorus.local_portal.records import Caller
from chorus.local_portal.search import Page
from chorus.local_portal.store import Row, Store, UnknownInvoiceError

READ = {"codeRetour": 0, "libelle": "TRA_MSG_00.000"}
DONE = {"codeRetour": 0, "libelle": "GCU_MSG_01_000"}


class RefusedError(Exception):
    """The portal understands and declines: HTTP 200 with a return code other than 0."""

    def __init__(self, code: int, label: str) -> None:
        super().__init__(code, label)
        self.code = code
        self.label = label

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


@dataclass(frozen=True)
class Call:
    """A call that passed authentication and the check of its body."""

    store: Store
    caller: Caller
    body: dict[str, Any]
    page_cap: int | None


@dataclass(frozen=True)
class Operation:
    check: Check
    answer: Callable[[Call], Answer]


def search_as_supplier(call: Call) -> Answer:
    paging = call.body.get("rechercheFactureParFournisseur", {})
    condition, values = search.condition(call.body, call.caller.structures)
    found = call.store.find_invoices(condition, values, search.order(paging))
    page = search.page(paging, len(found), call.page_cap)
    with_size = call.body.get("recupererTaille", False)
    rows = call.store.invoices(page.cut(found), search.ROW_COLUMNS)
    return READ | {
        "parametresRetour": answers.paging(page),
        "listeFactures": [answers.search_row(row, with_size) for row in rows],
    }


def read_as_supplier(call: Call) -> Answer:
    invoice = _invoice(call, call.body["identifiantFactureCPP"], "supplier_id")
    return READ | {"facture": answers.invoice_details(invoice)}


def read_history(call: Call) -> Answer:
    invoice = _invoice(call, call.body["idFacture"], "supplier_id", "recipient_id")
    paging = call.body.get("paramRechercheHistoStatuts", {})
    changes = _sorted(call.store.status_changes(invoice["id"]), paging)
    size = paging.get("nbResultatsParPageListeHistoStatut", 10)
    page = Page(paging.get("pageResultatDemandeeListeHistoStatut", 1), min(size, call.page_cap or size), len(changes))
    return DONE | {
        "idFacture": invoice["id"],
        "numeroFacture": invoice["number"],
        "modeDepot": invoice["deposit_mode"],
        "statutCourantCode": invoice["status"],
        "historiquesDesStatuts": answers.history(page.cut(changes), page),
    }


def treat_as_buyer(call: Call) -> Answer:
    status, reason = call.body["nouveauStatut"], call.body.get("motif", "").strip() or None
    mandate_number, author = call.body.get("numeroDPMandat"), call.caller.login
    with call.store.exclusive():
        invoice = _invoice(call, call.body["idFacture"], "recipient_id")
        _check_treatment(invoice["status"], status, reason)
        now = datetime.datetime.now(datetime.UTC)
        call.store.set_status(invoice["id"], status, now, reason, author, mandate_number)
    return DONE | {
        "idFacture": invoice["id"],
        "numeroFacture": invoice["number"],
        "dateTraitement": dates.day(dates.to_instant(now)),
        "nouveauStatut": status,
    }


def _check_treatment(status: str, new_status: str, reason: str | None) -> None:
    if not buyer.may_follow(status, new_status):
        raise RefusedError(20002, f"GDP_MSG_11.001 - Le statut {status} ne permet pas de passer à {new_status}.")
    if new_status in buyer.NEEDS_REASON and reason is None:
        raise RefusedError(20003, f"GDP_MSG_11.901 - Le motif est obligatoire pour le statut {new_status}.")


def _invoice(call: Call, invoice_id: int, *roles: str) -> Row:
    """Return the invoice if the account is attached to the structure that has one of these roles in it."""
    try:
        invoice = call.store.invoice(invoice_id)
    except UnknownInvoiceError as error:
        raise RefusedError(20000, "GDP_MSG_11.008 - La demande de paiement n'existe pas.") from error
    if not any(invoice[role] in call.caller.structures for role in roles):
        raise RefusedError(20001, "GDP_MSG_11.005 - L'utilisateur n'est pas habilité sur cette demande de paiement.")
    return invoice


HISTORY_SORTED_BY = {
    "HistoStatutCode": "status",
    "HistoStatutDatePassage": "at",
    "HistoStatutCommentaire": "comment",
    "HistoStatutUtilisateurNom": "author",
}


def _sorted(changes: list[Row], paging: dict[str, Any]) -> list[Row]:
    column = HISTORY_SORTED_BY.get(paging.get("triColonneListeHistoStatut", "HistoStatutDatePassage"), "at")

    def key(change: Row) -> tuple[Any, int, int]:
        value = change[column]
        return "" if value is None else value, change["at"], change["id"]

    return sorted(changes, key=key, reverse=paging.get("triSensListeHistoStatut") != "Ascendant")


OPERATIONS = {
    "/cpro/factures/v1/rechercher/fournisseur": Operation(bodies.SEARCH, search_as_supplier),
    "/cpro/factures/v1/consulter/fournisseur": Operation(bodies.READ, read_as_supplier),
    "/cpro/factures/v1/consulter/historique": Operation(bodies.HISTORY, read_history),
    "/cpro/factures/v1/traiter/recue": Operation(bodies.TREAT, treat_as_buyer),
}
