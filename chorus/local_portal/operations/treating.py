"""traiter/recue: the public buyer moves an invoice on."""

from chorus.local_portal import codes, dates
from chorus.local_portal.checks import one_of, record, text, text_up_to
from chorus.local_portal.life import moves, transitions
from chorus.local_portal.operations.call import DONE, Answer, Call, Operation, RefusedError
from chorus.local_portal.operations.fields import CURRENT_USER, int64
from chorus.local_portal.state.store import Row

BODY = record(
    {
        **CURRENT_USER,
        "idFacture": int64,
        "nouveauStatut": one_of(codes.KNOWN_STATUSES),
        "motif": text_up_to(255),
        "numeroDPMandat": text,
    },
    needed=["idFacture", "nouveauStatut"],
)


def treat_as_buyer(call: Call) -> Answer:
    status, reason = call.body["nouveauStatut"], call.body.get("motif", "").strip() or None
    mandate_number, author = call.body.get("numeroDPMandat"), call.caller.login
    with call.store.exclusive():
        invoice = call.invoice(call.body["idFacture"], "recipient_id")
        _check_treatment(call, invoice, status, reason)
        now = call.store.clock.now()
        moves.move(call.store, invoice["id"], status, now, reason, author, mandate_number)
    return DONE | {
        "idFacture": invoice["id"],
        "numeroFacture": invoice["number"],
        "dateTraitement": dates.day(dates.to_instant(now)),
        "nouveauStatut": status,
    }


def _check_treatment(call: Call, invoice: Row, status: str, reason: str | None) -> None:
    recipient = call.store.row("SELECT payment_hidden FROM structures WHERE id = ?", invoice["recipient_id"])
    hides_payment = recipient is not None and bool(recipient["payment_hidden"])
    if status not in transitions.following(invoice["status"], hides_payment):
        raise RefusedError(20002, f"GDP_MSG_11.001 - Le statut {invoice['status']} ne permet pas de passer à {status}.")
    if status in transitions.NEEDS_REASON and reason is None:
        raise RefusedError(20003, f"GDP_MSG_11.901 - Le motif est obligatoire pour le statut {status}.")


OPERATIONS = {"/cpro/factures/v1/traiter/recue": Operation(BODY, treat_as_buyer)}
