"""telecharger/…: invoices with their attachments, and the directory of recipients."""

import base64
from typing import Any

from werkzeug.exceptions import RequestEntityTooLarge

from chorus.local_portal.checks import MalformedError, list_of, record, text
from chorus.local_portal.downloads import annuaire, bundle
from chorus.local_portal.downloads.bundle import FORMATS, TooLargeError, Wanted
from chorus.local_portal.operations import journal
from chorus.local_portal.operations.call import DONE, READ, Answer, Call, Operation, RefusedError
from chorus.local_portal.operations.fields import CURRENT_USER, int64, yes_or_no

# AIFE advises 10 at most.
MAX_INVOICES = 200
GROUP = {
    "format": text,
    "avecPiecesJointesComplementaires": yes_or_no,
    "listeFacture": list_of(record({"idFacture": int64}, needed=["idFacture"]), at_least=1, at_most=MAX_INVOICES),
}
GROUP_BODY = record({**CURRENT_USER, "idEspace": int64, **GROUP}, needed=["listeFacture", "format"])
ATTACHMENT_BODY = record(
    {
        **CURRENT_USER,
        "objetPieceJointe": text,
        "demandePaiement": record(GROUP, needed=["listeFacture", "format"]),
        "engagementJuridique": record({"numeroEngagementJuridique": text}),
        "sollicitation": record({"idSollicitation": int64, "pieceJointeSollicitation": yes_or_no}),
        "structure": record({"idStructure": int64, "identifiantStructure": text, "typeIdentifiantStructure": text}),
    }
)


def download_group(call: Call) -> Answer:
    return READ | {"fichierResultat": _download(call, call.body)}


def download_attachment(call: Call) -> Answer:
    """Give the same of payment requests; the files of other objects are not held here."""
    if call.body.get("objetPieceJointe", "DEMANDE_PAIEMENT") != "DEMANDE_PAIEMENT":
        raise RefusedError(20003, "TRA_MSG_00.904 - Aucune pièce jointe n'est conservée pour cet objet.")
    if "demandePaiement" not in call.body:
        raise MalformedError("missing", "demandePaiement")
    return READ | {"pieceJointe": _download(call, call.body["demandePaiement"])}


def _download(call: Call, asked: dict[str, Any]) -> str:
    """Return the file of the invoices that are asked for in base64, and write down who took them."""
    if asked["format"] not in FORMATS:
        raise RefusedError(20002, f"GDP_MSG_11.907 - Le format doit être {' ou '.join(FORMATS)}.")
    # A dict keeps the order, and each invoice once.
    ids = list(dict.fromkeys(request["idFacture"] for request in asked["listeFacture"]))
    invoices = [call.invoice(invoice_id, "supplier_id", "recipient_id") for invoice_id in ids]
    wanted = Wanted(asked["format"], asked.get("avecPiecesJointesComplementaires") == "OUI")
    try:
        content = bundle.bundle(call.store, invoices, wanted)
    except TooLargeError as error:
        raise RequestEntityTooLarge from error
    with call.store.writing() as connection:
        now = call.store.clock.now()
        for invoice in invoices:
            journal.add_action(connection, invoice["id"], "TELECHARGEMENT_FACTURE", now, call.caller.login)
    return base64.b64encode(content).decode()


def download_directory(call: Call) -> Answer:
    return DONE | {"fichierResultat": base64.b64encode(annuaire.render(call.store)).decode()}


OPERATIONS = {
    "/cpro/factures/v1/telecharger/groupe": Operation(GROUP_BODY, download_group),
    "/cpro/transverses/v1/telecharger/pieceJointe": Operation(ATTACHMENT_BODY, download_attachment),
    "/cpro/transverses/v1/telecharger/annuaire/destinataire": Operation(record(CURRENT_USER), download_directory),
}
