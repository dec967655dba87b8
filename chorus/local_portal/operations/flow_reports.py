"""consulterCRDetaille and consulterCR: what became of a deposited flow."""

import base64
import json

from chorus.local_portal import dates
from chorus.local_portal.checks import date, record, text
from chorus.local_portal.deposits import flows, report
from chorus.local_portal.operations.call import READ, Answer, Call, Operation, RefusedError, filled
from chorus.local_portal.operations.fields import CURRENT_USER
from chorus.local_portal.state.store import Row

DETAILED_BODY = record({**CURRENT_USER, "numeroFluxDepot": text, "syntaxeFlux": text}, needed=["numeroFluxDepot"])
PDF_BODY = record(
    {**CURRENT_USER, "numeroFluxDepot": text, "syntaxeFlux": text, "dateDepot": date}, needed=["numeroFluxDepot"]
)
INVOICES = """
SELECT number, supplier_siret, recipient_siret, date, amount_incl_tax, currency FROM full_invoices
WHERE flow_number = ? AND supplier_id IN (SELECT value FROM json_each(?)) ORDER BY id"""


def read_report(call: Call) -> Answer:
    flow = _flow(call)
    errors = flows.errors(call.store, flow["number"])
    return READ | filled(
        {
            "codeInterfaceDepotFlux": flow["interface"],
            "dateDepotFlux": dates.exact(flow["deposited_at"]),
            "dateHeureEtatCourantFlux": dates.exact(flow["state_at"]),
            "etatCourantDepotFlux": flow["state"],
            "nomFichier": flows.technical_name(flow),
            "listeErreurDP": [_invoice_error(error) for error in errors if error["kind"] == "invoice"] or None,
            "listeErreurTechnique": [_technical_error(error) for error in errors if error["kind"] == "technical"]
            or None,
        }
    )


def read_pdf_report(call: Call) -> Answer:
    flow = _flow(call)
    invoices = call.store.rows(INVOICES, flow["number"], json.dumps(sorted(call.caller.structures)))
    pdf = report.render(flow, invoices, flows.errors(call.store, flow["number"]))
    return READ | {
        "codeAppliPartenaire": flows.PARTNER,
        "codeInterfaceFlux": flow["interface"],
        "designationPartenaire": "Chorus Pro",
        "dateDepotFlux": dates.exact(flow["deposited_at"]),
        "dateHeureEtatCourantFlux": dates.exact(flow["state_at"]),
        "etatCourantFlux": flow["state"],
        "fichierCR": base64.b64encode(pdf).decode(),
        "nomFichierFlux": flows.technical_name(flow),
        "numeroFluxDepot": flow["number"],
    }


def _flow(call: Call) -> Row:
    """Return the flow if this account deposited it; another's is as unknown as one that does not exist."""
    number = call.body["numeroFluxDepot"]
    flow = flows.find(call.store, call.caller.login, number) or flows.find_of_invoices(
        call.store, call.caller.structures, number
    )
    if flow is None:
        raise RefusedError(20001, "POQ_MSG_01.003 - Flux introuvable.")
    return flow


def _invoice_error(error: Row) -> Answer:
    return filled(
        {
            "numeroDP": error["number"] or None,
            "identifiantFournisseur": error["supplier"] or None,
            "identifiantDestinataire": error["recipient"] or None,
            "libelleErreurDP": error["text"],
        }
    )


def _technical_error(error: Row) -> Answer:
    return {"codeErreur": error["code"], "libelleErreur": error["text"], "natureErreur": error["nature"]}


OPERATIONS = {
    "/cpro/transverses/v1/consulterCRDetaille": Operation(DETAILED_BODY, read_report),
    "/cpro/transverses/v1/consulterCR": Operation(PDF_BODY, read_pdf_report),
}
