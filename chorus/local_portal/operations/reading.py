"""consulter/fournisseur and consulter/recipiendaire: one invoice, as its supplier or its recipient sees it."""

from chorus.local_portal.checks import record, text
from chorus.local_portal.operations import sublists
from chorus.local_portal.operations.call import READ, Answer, Call, Operation
from chorus.local_portal.operations.details import Pages, invoice_details
from chorus.local_portal.operations.fields import CURRENT_USER, int64

AS_SUPPLIER = record(
    {
        **CURRENT_USER,
        "identifiantFactureCPP": int64,
        "codeLangue": text,
        "getpLigneRecapTva": sublists.VAT.check(),
        "getpListePiecesJointes": sublists.ATTACHMENTS.check(),
        "getpLignesPoste": sublists.LINES.check(),
    },
    needed=["identifiantFactureCPP"],
)
AS_RECIPIENT = record(
    {
        **CURRENT_USER,
        "identifiantFactureCPP": int64,
        "codeLangue": text,
        "rechercheligneTvaRecap": sublists.VAT.check(),
        "recherchePj": sublists.ATTACHMENTS.check(),
        "rechercheLignePoste": sublists.LINES.check(),
    },
    needed=["identifiantFactureCPP"],
)


def read_as_supplier(call: Call) -> Answer:
    invoice = call.invoice(call.body["identifiantFactureCPP"], "supplier_id")
    pages = Pages(
        call.body.get("getpLigneRecapTva", {}),
        call.body.get("getpListePiecesJointes", {}),
        call.body.get("getpLignesPoste", {}),
    )
    facture = invoice_details(call, invoice, pages)
    facture["rejetTraite"] = bool(invoice["rejection_handled"])
    facture["destinataire"]["designationDestinataire"] = invoice["recipient_name"]
    facture["destinataire"]["miseEnPaiementDestinataire"] = not _hides_payment(call, invoice["recipient_id"])
    facture["fournisseur"]["raisonSocialeFournisseur"] = invoice["supplier_name"]
    return READ | {"facture": facture}


def _hides_payment(call: Call, recipient_id: int) -> bool:
    recipient = call.store.row("SELECT payment_hidden FROM structures WHERE id = ?", recipient_id)
    return recipient is not None and bool(recipient["payment_hidden"])


def read_as_recipient(call: Call) -> Answer:
    invoice = call.invoice(call.body["identifiantFactureCPP"], "recipient_id")
    pages = Pages(
        call.body.get("rechercheligneTvaRecap", {}),
        call.body.get("recherchePj", {}),
        call.body.get("rechercheLignePoste", {}),
    )
    return READ | {"facture": invoice_details(call, invoice, pages)}


OPERATIONS = {
    "/cpro/factures/v1/consulter/fournisseur": Operation(AS_SUPPLIER, read_as_supplier),
    "/cpro/factures/v1/consulter/recipiendaire": Operation(AS_RECIPIENT, read_as_recipient),
}
