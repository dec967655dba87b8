"""An invoice that breaks no rule becomes an invoice of the portal."""

import sqlite3
from dataclasses import dataclass

from chorus.local_portal import dates
from chorus.local_portal.deposits import attachments
from chorus.local_portal.deposits.attachments import Link
from chorus.local_portal.deposits.judging import Judgement
from chorus.local_portal.deposits.records import DepositedInvoice, File
from chorus.local_portal.state.records import Invoice, StatusChange

PORTAL = "Chorus Pro"


@dataclass(frozen=True, slots=True)
class Deposit:
    """How an invoice reached the portal: by which account, how, at which instant, and in which flow, if any."""

    login: str
    mode: str
    at: int
    flow_number: str | None = None


def record(invoice: DepositedInvoice, judgement: Judgement, deposit: Deposit, size: int) -> Invoice:
    """Return the portal's record of an invoice that was judged good; `size` is that of its files, in bytes."""
    if judgement.breaches or not (judgement.supplier and judgement.recipient and invoice.number and invoice.date):
        raise ValueError(f"invoice {invoice.number} was not judged good: {judgement.breaches}")
    return Invoice(
        number=invoice.number,
        supplier=judgement.supplier.siret,
        recipient=judgement.recipient.siret,
        service=judgement.service,
        date=invoice.date,
        history=[StatusChange("DEPOSEE", dates.in_paris(deposit.at), author=PORTAL)],
        type=invoice.type,
        billing_frame=judgement.frame,
        deposit_mode=deposit.mode,
        due_on=invoice.due_on,
        amount_excl_tax=invoice.amount_excl_tax,
        amount_incl_tax=invoice.amount_incl_tax,
        amount_payable=invoice.amount_payable,
        currency=invoice.currency or "EUR",
        commitment_number=invoice.commitment_number,
        contract_number=invoice.contract_number,
        original_number=invoice.original_number,
        flow_number=deposit.flow_number,
        comment=invoice.comment,
        size=size,
        payment_mode=invoice.payment_mode,
        details={"lines": list(invoice.lines), "vat": list(invoice.vat)},
    )


def add_files(
    connection: sqlite3.Connection, invoice_id: int, main: File, others: list[File], deposit: Deposit
) -> None:
    """Keep the file of an invoice and those embedded in it."""
    main_id = attachments.add(connection, deposit.login, main, deposit.at)
    links = [Link(main_id, "main", main.name, attachments.INVOICE_TYPE)]
    for other in others:
        other_id = attachments.add(connection, deposit.login, other, deposit.at)
        links.append(Link(other_id, "additional", other.name))
    attachments.link(connection, invoice_id, links)
