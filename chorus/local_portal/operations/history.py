"""consulter/historique: what happened to an invoice, for its supplier and its recipient."""

from chorus.local_portal import dates
from chorus.local_portal.checks import record
from chorus.local_portal.operations import sublists
from chorus.local_portal.operations.call import DONE, Answer, Call, Operation, filled
from chorus.local_portal.operations.fields import CURRENT_USER, int32, int64
from chorus.local_portal.state.store import Row

BODY = record(
    {
        **CURRENT_USER,
        "idFacture": int64,
        "idEspace": int64,
        "nbResultatsMaximum": int32,
        "paramRechercheHistoStatuts": sublists.STATUSES.check(),
        "paramRechercheHistoEvenementsComplementaires": sublists.EVENTS.check(),
        "paramRechercheHistoActionsUtilisateurs": sublists.USER_ACTIONS.check(),
    },
    needed=["idFacture"],
)


def read_history(call: Call) -> Answer:
    invoice = call.invoice(call.body["idFacture"], "supplier_id", "recipient_id")
    changes = call.store.status_changes(invoice["id"])
    events = call.store.rows("SELECT * FROM events WHERE invoice_id = ? ORDER BY at, id", invoice["id"])
    actions = call.store.rows("SELECT * FROM user_actions WHERE invoice_id = ? ORDER BY at, id", invoice["id"])
    asked = call.body.get
    return DONE | filled(
        {
            "idFacture": invoice["id"],
            "numeroFacture": invoice["number"],
            "modeDepot": invoice["deposit_mode"],
            "statutCourantCode": invoice["status"],
            "historiquesDesStatuts": sublists.STATUSES.answer(
                [_status(change) for change in changes], asked("paramRechercheHistoStatuts", {}), call.caps
            ),
            "historiquesDesEvenementsComplementaires": sublists.EVENTS.answer(
                [_event(event) for event in events],
                asked("paramRechercheHistoEvenementsComplementaires", {}),
                call.caps,
            ),
            "historiquesDesActionsUtilisateurs": sublists.USER_ACTIONS.answer(
                [_action(action) for action in actions], asked("paramRechercheHistoActionsUtilisateurs", {}), call.caps
            ),
            "derniereAction": _last_action(actions[-1]) if actions else None,
        }
    )


def _status(change: Row) -> Answer:
    return filled(
        {
            "histoStatutId": change["id"],
            "histoStatutCode": change["status"],
            "histoStatutDatePassage": dates.minute(change["at"]),
            "histoStatutCommentaire": change["comment"],
            "histoStatutUtilisateurNom": change["author"],
        }
    )


def _event(event: Row) -> Answer:
    return {
        "evenementId": event["id"],
        "evenementLibelle": event["label"],
        "evenementQui": event["author"],
        "evenementDateHeure": dates.minute(event["at"]),
    }


def _action(action: Row) -> Answer:
    return {
        "histoActionId": action["id"],
        "histoActionCode": action["code"],
        "histoActionDateHeure": dates.minute(action["at"]),
        "histoActionUtilisateurNom": action["author"],
    }


def _last_action(action: Row) -> Answer:
    return {"derniereActionId": action["id"], "derniereActionCode": action["code"]}


OPERATIONS = {"/cpro/factures/v1/consulter/historique": Operation(BODY, read_history)}
