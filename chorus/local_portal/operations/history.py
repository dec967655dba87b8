"""consulter/historique: the statuses of an invoice, for its supplier and its recipient."""

from collections.abc import Sequence
from typing import Any

from chorus.local_portal import codes, dates
from chorus.local_portal.checks import one_of, record
from chorus.local_portal.operations.call import DONE, Answer, Call, Operation, filled
from chorus.local_portal.operations.fields import CURRENT_USER, LEGACY_PAGING, count, int32, int64
from chorus.local_portal.search import Page
from chorus.local_portal.store import Row

BODY = record(
    {
        **CURRENT_USER,
        "idFacture": int64,
        "idEspace": int64,
        "nbResultatsMaximum": int32,
        "paramRechercheHistoStatuts": record(
            {
                "pageResultatDemandeeListeHistoStatut": count,
                "nbResultatsParPageListeHistoStatut": count,
                "triSensListeHistoStatut": one_of(codes.DIRECTIONS),
                "triColonneListeHistoStatut": one_of(codes.HISTORY_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
        "paramRechercheHistoEvenementsComplementaires": record(
            {
                "pageResultatDemandeeListeHistoEvenement": int32,
                "nbResultatsParPageListeHistoEvenement": int32,
                "triSensListeHistoEvenement": one_of(codes.DIRECTIONS),
                "triColonneListeHistoEvenement": one_of(codes.EVENT_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
        "paramRechercheHistoActionsUtilisateurs": record(
            {
                "pageResultatDemandeeListeHistoAction": int32,
                "nbResultatsParPageListeHistoAction": int32,
                "triSensListeHistoAction": one_of(codes.DIRECTIONS),
                "triColonneListeHistoAction": one_of(codes.ACTION_COLUMNS),
                **LEGACY_PAGING,
            }
        ),
    },
    needed=["idFacture"],
)


def read_history(call: Call) -> Answer:
    invoice = call.invoice(call.body["idFacture"], "supplier_id", "recipient_id")
    paging = call.body.get("paramRechercheHistoStatuts", {})
    changes = _sorted(call.store.status_changes(invoice["id"]), paging)
    size = paging.get("nbResultatsParPageListeHistoStatut", 10)
    page = Page(paging.get("pageResultatDemandeeListeHistoStatut", 1), min(size, call.caps.page or size), len(changes))
    return DONE | {
        "idFacture": invoice["id"],
        "numeroFacture": invoice["number"],
        "modeDepot": invoice["deposit_mode"],
        "statutCourantCode": invoice["status"],
        "historiquesDesStatuts": _history(page.cut(changes), page),
    }


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


def _history(changes: Sequence[Row], page: Page) -> Answer:
    """Return a page of status changes as the `historiquesDesStatuts` of consulter/historique."""
    return {
        "histoStatut": [_history_entry(change) for change in changes],
        "pageCouranteHistoStatut": page.current,
        "pagesHistoStatut": page.pages,
        "nbResultatsParPageHistoStatut": page.size,
        "totalHistoStatut": page.total,
    }


def _history_entry(change: Row) -> Answer:
    return filled(
        {
            "histoStatutId": change["id"],
            "histoStatutCode": change["status"],
            "histoStatutDatePassage": dates.minute(change["at"]),
            "histoStatutCommentaire": change["comment"],
            "histoStatutUtilisateurNom": change["author"],
        }
    )


OPERATIONS = {"/cpro/factures/v1/consulter/historique": Operation(BODY, read_history)}
