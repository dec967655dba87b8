"""soumettre: a supplier types in an invoice, or sends it as a PDF, and knows at once whether it is taken."""

import base64
import dataclasses
import hashlib
import json
from collections.abc import Sequence

from chorus.local_portal import dates
from chorus.local_portal.deposits import attachments, integration
from chorus.local_portal.deposits.attachments import Link
from chorus.local_portal.deposits.directory import directory_for
from chorus.local_portal.deposits.integration import Deposit
from chorus.local_portal.deposits.judging import Judgement, Rule, judge
from chorus.local_portal.deposits.records import DepositedInvoice
from chorus.local_portal.life import moves
from chorus.local_portal.operations.call import DONE, Answer, Call, Operation, RefusedError
from chorus.local_portal.operations.submitted import BODY, invoice_of, links_of, needed
from chorus.local_portal.state.store import Row
from chorus.local_portal.state.writing import InvoiceWriter

NEEDS_MAIN_ATTACHMENT = ("DEPOT_PDF_API", "DEPOT_PDF_SIGNE_API")
HIGHEST_GIVEN = """
SELECT max(CAST(substr(number, 5) AS INTEGER)) AS counter FROM invoices
WHERE supplier_id = ? AND number GLOB ? AND length(number) = 20"""

RETURN_CODES = {
    Rule.NUMBER_WRONG: (20010, "GDP_MSG_11.910"),
    Rule.NUMBER_USED: (20011, "GDP_MSG_11.911"),
    Rule.NOT_ENTITLED: (20001, "GDP_MSG_11.005"),
    Rule.SUPPLIER_INACTIVE: (20012, "GDP_MSG_11.912"),
    Rule.RECIPIENT_MISSING: (20013, "GDP_MSG_11.913"),
    Rule.RECIPIENT_UNKNOWN: (20013, "GDP_MSG_11.913"),
    Rule.RECIPIENT_INACTIVE: (20014, "GDP_MSG_11.914"),
    Rule.SERVICE_MISSING: (20015, "GDP_MSG_11.915"),
    Rule.SERVICE_UNKNOWN: (20016, "GDP_MSG_11.916"),
    Rule.SERVICE_INACTIVE: (20017, "GDP_MSG_11.917"),
    Rule.COMMITMENT_MISSING: (20018, "GDP_MSG_11.918"),
}
"""The return codes of what a body can break; 20001 was seen on neighbouring operations, the others are our choice."""


def submit(call: Call) -> Answer:
    with call.store.writing() as connection:
        supplier = _supplier(call)
        now = dates.to_instant(call.store.clock.now())
        invoice = _numbered(call, supplier, invoice_of(call.body, supplier["siret"], dates.day(now)))
        links = _named(call, links_of(call.body))
        judgement = judge(invoice, directory_for(call.store, call.caller.login, [invoice]))
        _check(call, invoice, judgement, links)
        size = sum(_attachment(call, attachment_id)["size"] for attachment_id in {link.attachment_id for link in links})
        deposit = Deposit(call.caller.login, call.body["modeDepot"], now)
        record = dataclasses.replace(
            integration.record(invoice, judgement, deposit, size),
            supplier_service=_supplier_service(call, supplier),
            bank_account_id=call.body["fournisseur"].get("codeCoordonneesBancairesFournisseur"),
        )
        invoice_id = InvoiceWriter(connection).add(record)
        attachments.link(connection, invoice_id, links)
        moves.deposited(call.store, [invoice_id])
    return DONE | {
        "identifiantFactureCPP": invoice_id,
        "numeroFacture": record.number,
        "statutFacture": "DEPOSEE",
        "dateDepot": dates.day(now),
        "identifiantStructure": supplier["siret"],
        "empreinteCertificatDepot": _fingerprint(call),
    }


def _supplier(call: Call) -> Row:
    supplier_id = needed(call.body, "fournisseur", "idFournisseur")
    supplier = call.store.row("SELECT id, siret FROM structures WHERE id = ? AND kind = 'supplier'", supplier_id)
    if supplier is None or supplier_id not in call.caller.structures:
        raise RefusedError(20001, "GDP_MSG_11.005 - L'utilisateur n'est pas habilité pour ce fournisseur.")
    return supplier


def _supplier_service(call: Call, supplier: Row) -> str | None:
    service_id = call.body["fournisseur"].get("idServiceFournisseur")
    if service_id is None:
        return None
    row = call.store.row("SELECT code FROM services WHERE id = ? AND structure_id = ?", service_id, supplier["id"])
    if row is None:
        raise RefusedError(20019, f"GDP_MSG_11.919 - Le service fournisseur {service_id} n'existe pas.")
    return str(row["code"])


def _numbered(call: Call, supplier: Row, invoice: DepositedInvoice) -> DepositedInvoice:
    """Return the invoice with a number: 20 digits, the year and a counter of the supplier's, if it has none."""
    if invoice.number is not None:
        return invoice
    year = f"{call.store.clock.now().astimezone(dates.PARIS):%Y}"
    highest = call.store.row(HIGHEST_GIVEN, supplier["id"], f"{year}{'[0-9]' * 16}")
    counter = ((highest and highest["counter"]) or 0) + 1
    return dataclasses.replace(invoice, number=f"{year}{counter:016d}")


def _check(call: Call, invoice: DepositedInvoice, judgement: Judgement, links: Sequence[Link]) -> None:
    if judgement.breaches:
        breach = judgement.breaches[0]
        code, message = RETURN_CODES[breach.rule]
        raise RefusedError(code, f"{message} - {breach.text}")
    mode = call.body["modeDepot"]
    if mode == "SAISIE_API" and not invoice.lines:
        raise RefusedError(20020, "GDP_MSG_11.920 - Une ligne de poste est obligatoire pour le mode SAISIE_API.")
    if mode in NEEDS_MAIN_ATTACHMENT and not any(link.role == "main" for link in links):
        raise RefusedError(20021, f"GDP_MSG_11.921 - La pièce jointe principale est obligatoire pour le mode {mode}.")


def _named(call: Call, links: Sequence[Link]) -> list[Link]:
    """Return the links, each with a designation: that of its file, if the body gives none."""
    return [
        dataclasses.replace(link, designation=link.designation or _attachment(call, link.attachment_id)["name"])
        for link in links
    ]


def _attachment(call: Call, attachment_id: int) -> Row:
    attachment = attachments.find(call.store, call.caller.login, attachment_id)
    if attachment is None:
        raise RefusedError(20022, f"GDP_MSG_11.922 - La pièce jointe {attachment_id} n'existe pas.")
    return attachment


def _fingerprint(call: Call) -> str:
    """Return a fingerprint of what was submitted; how the portal makes its own is not known."""
    content = json.dumps(call.body, sort_keys=True).encode()
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


OPERATIONS = {"/cpro/factures/v1/soumettre": Operation(BODY, submit)}
