"""completer, recycler and traiterRejet: what a supplier does with an invoice that came back."""

from chorus.local_portal import codes, dates
from chorus.local_portal.checks import list_of, one_of, record, text, text_up_to
from chorus.local_portal.deposits import attachments
from chorus.local_portal.deposits.attachments import Link
from chorus.local_portal.life import moves
from chorus.local_portal.operations import journal, routing
from chorus.local_portal.operations.call import DONE, Answer, Call, Operation, RefusedError
from chorus.local_portal.operations.fields import CURRENT_USER, int32, int64
from chorus.local_portal.operations.routing import Address
from chorus.local_portal.state.store import Row

COMPLETE = record(
    {
        **CURRENT_USER,
        "identifiantFactureCPP": int64,
        "commentaire": text_up_to(2000),
        "pieceJointeComplementaire": list_of(
            record(
                {
                    "pieceJointeComplementaireDesignation": text_up_to(100),
                    "pieceJointeComplementaireType": text_up_to(30),
                    "pieceJointeComplementaireNumeroLigneFacture": int32,
                    "pieceJointeComplementaireId": int64,
                },
                needed=["pieceJointeComplementaireId"],
            ),
            at_most=100,
        ),
    },
    needed=["identifiantFactureCPP"],
)
RECYCLE = record(
    {
        **CURRENT_USER,
        "identifiantFactureCPP": int64,
        "destinataire": record({"codeDestinataire": text, "codeServiceExecutant": text}),
        "reference": record(
            {
                "deviseFacture": text,
                "typeFacture": one_of(("AVOIR", "FACTURE")),
                "typeTva": one_of(codes.VAT_KINDS),
                "motifExonerationTva": text,
                "numeroMarche": text,
                "numeroBonCommande": text,
                "numeroFactureOrigine": text,
                "modePaiement": one_of(codes.PAYMENT_MODES),
            }
        ),
        "commentaire": text_up_to(2000),
    },
    needed=["identifiantFactureCPP"],
)
HANDLE_REJECTIONS = record(
    {"listeDemandePaiement": list_of(record({"idDemandePaiement": int64}, needed=["idDemandePaiement"]), at_least=1)},
    needed=["listeDemandePaiement"],
)

ADD_SIZE = "UPDATE invoices SET size = coalesce(size, 0) + ? WHERE id = ?"
UPDATE_ROUTING = """
UPDATE invoices SET recipient_id = ?, service_id = ?, commitment_number = ?, contract_number = ?
WHERE id = ?
"""


def complete(call: Call) -> Answer:
    """Add a comment and attachments to a suspended invoice, and give it back to its buyer."""
    comment = call.body.get("commentaire", "").strip() or None
    with call.store.writing() as connection:
        invoice = call.invoice(call.body["identifiantFactureCPP"], "supplier_id")
        if invoice["status"] != "SUSPENDUE":
            raise RefusedError(20002, "GDP_MSG_11.033 - La demande de paiement n'est pas au statut SUSPENDUE.")
        now, author = call.store.clock.now(), call.caller.login
        connection.execute("UPDATE invoices SET comment = coalesce(?, comment) WHERE id = ?", (comment, invoice["id"]))
        pieces = {
            piece["pieceJointeComplementaireId"]: piece for piece in call.body.get("pieceJointeComplementaire", ())
        }
        if pieces:
            files = {attachment_id: _file(call, attachment_id) for attachment_id in pieces}
            links = [_link(piece, files[attachment_id]["name"]) for attachment_id, piece in pieces.items()]
            attachments.link(connection, invoice["id"], links)
            connection.execute(ADD_SIZE, (sum(file["size"] for file in files.values()), invoice["id"]))
            label = f"Pièces jointes ajoutées par le fournisseur : {len(links)}"
            journal.add_event(connection, invoice["id"], label, now, author)
        moves.move(call.store, invoice["id"], "COMPLETEE", now, comment, author)
    return DONE | {
        "identifiantFactureCPP": invoice["id"],
        "numeroFacture": invoice["number"],
        "dateTraitement": dates.minute(dates.to_instant(now)),
    }


def _file(call: Call, attachment_id: int) -> Row:
    file = attachments.find(call.store, call.caller.login, attachment_id)
    if file is None:
        raise RefusedError(20003, f"GDP_MSG_11.922 - La pièce jointe {attachment_id} n'existe pas.")
    return file


def _link(piece: Answer, name: str) -> Link:
    return Link(
        piece["pieceJointeComplementaireId"],
        "additional",
        piece.get("pieceJointeComplementaireDesignation") or name,
        piece.get("pieceJointeComplementaireType", attachments.OTHER_TYPE),
        piece.get("pieceJointeComplementaireNumeroLigneFacture"),
    )


def recycle(call: Call) -> Answer:
    """Send an invoice to another recipient or service, or with another commitment or contract number.

    Nothing else of it changes, whatever `reference` says.
    """
    comment = call.body.get("commentaire", "").strip() or None
    with call.store.writing() as connection:
        invoice = call.invoice(call.body["identifiantFactureCPP"], "supplier_id")
        if invoice["status"] != "A_RECYCLER":
            raise RefusedError(20002, "GDP_MSG_11.001 - La demande de paiement n'est pas au statut A_RECYCLER.")
        address = _new_address(call, invoice)
        contract_number = _given(call, "reference", "numeroMarche") or invoice["contract_number"]
        recipient_id, service_id = routing.accepted(call.store, address)
        connection.execute(
            UPDATE_ROUTING, (recipient_id, service_id, address.commitment_number, contract_number, invoice["id"])
        )
        now, author = call.store.clock.now(), call.caller.login
        journal.add_event(connection, invoice["id"], f"Recyclage vers {address}", now, author)
        moves.move(call.store, invoice["id"], "DEPOSEE", now, comment, author)
    return DONE | {
        "identifiantFactureCPP": invoice["id"],
        "numeroFacture": invoice["number"],
        "statutFacture": "DEPOSEE",
        "dateDepot": invoice["deposited_on"],
    }


def _new_address(call: Call, invoice: Row) -> Address:
    """Return where an invoice is to go; the service of its former recipient does not go with it to another."""
    present = _without_blanks(invoice["recipient_siret"])
    siret = _without_blanks(_given(call, "destinataire", "codeDestinataire") or present)
    same_service = invoice["service_code"] if siret == present else None
    return Address(
        siret,
        _given(call, "destinataire", "codeServiceExecutant") or same_service,
        _given(call, "reference", "numeroBonCommande") or invoice["commitment_number"],
    )


def _without_blanks(identifier: str) -> str:
    return "".join(identifier.split())


def _given(call: Call, block: str, name: str) -> str | None:
    return call.body.get(block, {}).get(name, "").strip() or None


def handle_rejections(call: Call) -> Answer:
    """Take note of rejections, of all that are asked for or of none."""
    with call.store.writing() as connection:
        for request in call.body["listeDemandePaiement"]:
            invoice = call.invoice(request["idDemandePaiement"], "supplier_id")
            if invoice["status"] != "REJETEE":
                raise RefusedError(
                    20002, f"GDP_MSG_11.001 - La demande de paiement {invoice['id']} n'est pas au statut REJETEE."
                )
            if not invoice["rejection_handled"]:
                connection.execute("UPDATE invoices SET rejection_handled = 1 WHERE id = ?", (invoice["id"],))
                now = call.store.clock.now()
                journal.add_action(connection, invoice["id"], "TRAITEMENT_REJET", now, call.caller.login)
    return dict(DONE)


OPERATIONS = {
    "/cpro/factures/v1/completer": Operation(COMPLETE, complete),
    "/cpro/factures/v1/recycler": Operation(RECYCLE, recycle),
    "/cpro/factures/v1/traiterRejet": Operation(HANDLE_REJECTIONS, handle_rejections),
}
