"""deposer/flux and deposer/pdf: a supplier gives files to the portal."""

from werkzeug.exceptions import RequestEntityTooLarge

from chorus.local_portal import dates
from chorus.local_portal.checks import boolean, one_of, record, text
from chorus.local_portal.deposits import attachments, flows, reading
from chorus.local_portal.deposits.reading.archives import MAX_PACKED, is_archive
from chorus.local_portal.deposits.reading.pdf import is_pdf
from chorus.local_portal.deposits.records import DepositedInvoice, File, UnreadableError
from chorus.local_portal.deposits.syntaxes import SYNTAXES
from chorus.local_portal.deposits.texts import file_name as safe_name
from chorus.local_portal.operations.call import DONE, Answer, Call, Operation, RefusedError, filled
from chorus.local_portal.operations.contents import MAX_FILE, decoded, file_name
from chorus.local_portal.operations.fields import CURRENT_USER

FLOW_BODY = record(
    {
        **CURRENT_USER,
        "fichierFlux": text,
        "nomFichier": file_name,
        "syntaxeFlux": one_of(SYNTAXES),
        "avecSignature": boolean,
    },
    needed=["fichierFlux", "nomFichier", "syntaxeFlux"],
)
PDF_BODY = record(
    {
        **CURRENT_USER,
        "fichierFacture": text,
        "nomFichier": file_name,
        "formatDepot": one_of(("PDF_NON_SIGNE", "PDF_SIGNE_PADES", "PDF_SIGNE_XADES")),
    },
    needed=["fichierFacture", "nomFichier"],
)


def deposit_flow(call: Call) -> Answer:
    """Take a file, whatever it holds: what is wrong with it is said by the report of its flow."""
    content, syntax = decoded(call.body, "fichierFlux"), call.body["syntaxeFlux"]
    if len(content) > (MAX_PACKED if is_archive(content) else MAX_FILE):
        raise RefusedError(20001, "GDP_MSG_11.022 - Fichier trop volumineux.")
    flow = flows.add(call.store, call.caller.login, syntax, File(safe_name(call.body["nomFichier"]), content))
    return DONE | filled(
        {
            "numeroFluxDepot": flow["number"],
            "dateDepot": dates.day(flow["deposited_at"]),
            "syntaxeFlux": syntax if SYNTAXES[syntax].answered else None,
        }
    )


def deposit_pdf(call: Call) -> Answer:
    """Keep a PDF, and tell what can be read in it: nothing, unless it carries a Factur-X invoice."""
    content = decoded(call.body, "fichierFacture")
    if len(content) > MAX_FILE:
        raise RequestEntityTooLarge
    if not is_pdf(content):
        raise RefusedError(20002, "GDP_MSG_11.930 - Le fichier n'est pas un PDF.")
    file = File(safe_name(call.body["nomFichier"]), content, "application/pdf")
    with call.store.writing() as connection:
        now = dates.to_instant(call.store.clock.now())
        attachment_id = attachments.add(connection, call.caller.login, file, now, extension="PDF")
    return DONE | _read_members(content) | {"pieceJointeId": attachment_id}


def _read_members(content: bytes) -> Answer:
    try:
        invoice = reading.read_factur_x(content)
    except UnreadableError:
        return {}
    return filled(
        {
            "numeroFacture": invoice.number,
            "dateFacture": invoice.date and invoice.date.isoformat(),
            "codeDestinataire": next(iter(invoice.recipient), None),
            "codeServiceExecutant": invoice.service,
            "codeFournisseur": next(iter(invoice.supplier), None),
            "codeDeviseFacture": invoice.currency,
            "typeFacture": "AVOIR" if invoice.type == "AVOIR" else "FACTURE",
            "numeroBonCommande": invoice.commitment_number,
            "montantTtcAvantRemiseGlobalTTC": invoice.amount_incl_tax,
            "montantAPayer": invoice.amount_payable,
            "montantHtTotal": invoice.amount_excl_tax,
            "montantTVA": _tax(invoice),
        }
    )


def _tax(invoice: DepositedInvoice) -> float | None:
    if invoice.amount_incl_tax is None or invoice.amount_excl_tax is None:
        return None
    return round(invoice.amount_incl_tax - invoice.amount_excl_tax, 6)


OPERATIONS = {
    "/cpro/factures/v1/deposer/flux": Operation(FLOW_BODY, deposit_flow),
    "/cpro/factures/v1/deposer/pdf": Operation(PDF_BODY, deposit_pdf),
}
