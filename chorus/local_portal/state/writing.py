"""How structures and invoices become rows of the store's tables."""

import json
import sqlite3
from typing import Any

from chorus.local_portal import codes, dates
from chorus.local_portal.state.records import Account, Amount, Invoice, Structure
from chorus.local_portal.state.tables import FIRST_IDS

INSERT_INVOICE = """
INSERT INTO invoices VALUES (
    :id, :number, :supplier_id, :supplier_service_id, :recipient_id, :service_id, :type, :billing_frame,
    :deposit_mode, :date, :deposited_at, :deposited_on, :due_on, :amount_excl_tax, :amount_incl_tax, :amount_payable,
    :currency, :commitment_number, :contract_number, :original_number, :flow_number, :comment, :rejection_handled,
    :size, :creator_id, :validator_id, :bank_account_id, :other_members, :status, :status_at, :status_comment, NULL,
    :payment_mode, :details
)"""
INSERT_STRUCTURE = """
INSERT INTO structures VALUES (
    :id, :siret, :name, :kind, :identifier_type, :active, :service_required, :commitment_required, :payment_hidden,
    :street, :postcode, :city, :country
)"""
INSERT_SERVICE = "INSERT INTO services VALUES (:id, :structure_id, :code, :name, :active, :commitment_required)"
INSERT_BANK_ACCOUNT = "INSERT INTO bank_accounts VALUES (?, ?, ?, ?, ?)"
INSERT_CHANGE = "INSERT INTO status_changes VALUES (?, ?, ?, ?, ?, ?)"


class StoreError(ValueError):
    """Something cannot be added: it refers to nothing, or is there already."""


class KnownIds(dict[Any, int]):
    """The ids of what may be referred to."""

    def __missing__(self, key: Any) -> int:
        raise StoreError(f"{key} is not known here; add it first")


def next_id(database: sqlite3.Connection, table: str) -> int:
    highest = database.execute(f"SELECT max(id) FROM {table}").fetchone()[0]  # noqa: S608 - one of our own names  # nosec B608
    return max(highest or 0, FIRST_IDS[table]) + 1


def structure_ids(database: sqlite3.Connection) -> KnownIds:
    return KnownIds(tuple(row) for row in database.execute("SELECT siret, id FROM structures"))


def service_ids(database: sqlite3.Connection) -> KnownIds:
    rows = database.execute(
        "SELECT siret, code, services.id FROM services JOIN structures ON structures.id = structure_id"
    )
    return KnownIds(((siret, code), service_id) for siret, code, service_id in rows)


def add_structure(database: sqlite3.Connection, structure: Structure) -> int:
    """Write a structure with its services and bank accounts, and return its id."""
    values = {
        name: getattr(structure, name) for name in structure.__slots__ if name not in ("services", "bank_accounts")
    }
    structure_id = structure.id or next_id(database, "structures")
    database.execute(INSERT_STRUCTURE, {**values, "id": structure_id})
    for service in structure.services:
        service_id = service.id or next_id(database, "services")
        names = ("code", "name", "active", "commitment_required")
        service_values = {name: getattr(service, name) for name in names}
        database.execute(INSERT_SERVICE, {**service_values, "id": service_id, "structure_id": structure_id})
    for account in structure.bank_accounts:
        account_id = account.id or next_id(database, "bank_accounts")
        database.execute(INSERT_BANK_ACCOUNT, (account_id, structure_id, account.name, account.iban, account.bic))
    return structure_id


def add_account(database: sqlite3.Connection, account: Account) -> None:
    """Write a technical account with its attachments to structures. Raises StoreError."""
    expires_on = account.password_expires_on and account.password_expires_on.isoformat()
    database.execute("INSERT INTO accounts VALUES (?, ?, ?)", (account.login, account.password, expires_on))
    known = structure_ids(database)
    for siret in account.structures:
        database.execute("INSERT OR IGNORE INTO account_structures VALUES (?, ?)", (account.login, known[siret]))


class InvoiceWriter:
    """Writes many invoices; looks up only once what they refer to."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self._structures = structure_ids(database)
        self._services = service_ids(database)
        self._invoice_id = next_id(database, "invoices")
        self._change_id = next_id(database, "status_changes")

    def add(self, invoice: Invoice) -> int:
        """Write an invoice with its history, and return its id. Raises StoreError."""
        invoice_id = invoice.id or self._invoice_id
        self._database.execute(INSERT_INVOICE, {"id": invoice_id, **self._values(invoice)})
        self._add_history(invoice_id, invoice)
        self._invoice_id = max(self._invoice_id, invoice_id + 1)
        return invoice_id

    def _add_history(self, invoice_id: int, invoice: Invoice) -> None:
        rows = (
            (change_id, invoice_id, change.status, dates.to_instant(change.at), change.comment, change.author)
            for change_id, change in enumerate(invoice.history, self._change_id)
        )
        self._database.executemany(INSERT_CHANGE, rows)
        self._change_id += len(invoice.history)

    def _values(self, invoice: Invoice) -> dict[str, Any]:
        _check(invoice)
        first, last = invoice.history[0], invoice.history[-1]
        deposited_at = dates.to_instant(first.at)
        return {
            "number": invoice.number,
            "supplier_id": self._structures[invoice.supplier],
            "supplier_service_id": self._service_id(invoice.supplier, invoice.supplier_service),
            "recipient_id": self._structures[invoice.recipient],
            "service_id": self._service_id(invoice.recipient, invoice.service),
            "type": invoice.type,
            "billing_frame": invoice.billing_frame,
            "deposit_mode": invoice.deposit_mode,
            "date": invoice.date.isoformat(),
            "deposited_at": deposited_at,
            "deposited_on": dates.day(deposited_at),
            "due_on": invoice.due_on and invoice.due_on.isoformat(),
            **_amounts(invoice),
            "currency": invoice.currency,
            "commitment_number": invoice.commitment_number,
            "contract_number": invoice.contract_number,
            "original_number": invoice.original_number,
            "flow_number": invoice.flow_number,
            "comment": invoice.comment,
            "rejection_handled": invoice.rejection_handled,
            "size": invoice.size,
            "creator_id": invoice.creator_id,
            "validator_id": invoice.validator_id,
            "bank_account_id": invoice.bank_account_id,
            "other_members": json.dumps(dict(invoice.other_members)),
            "payment_mode": invoice.payment_mode,
            "details": json.dumps(dict(invoice.details)),
            "status": last.status,
            "status_at": dates.to_instant(last.at),
            "status_comment": last.comment,
        }

    def _service_id(self, siret: str, code: str | None) -> int | None:
        return None if code is None else self._services[siret, code]


def _check(invoice: Invoice) -> None:
    if not invoice.history:
        raise StoreError(f"invoice {invoice.number} has no history; give at least the status of its deposit")
    unknown = invoice.other_members.keys() - set(codes.OTHER_MEMBERS)
    if unknown:
        known = ", ".join(codes.OTHER_MEMBERS)
        raise StoreError(
            f"invoice {invoice.number}: unknown other_members {', '.join(sorted(unknown))}; known: {known}"
        )


def _amounts(invoice: Invoice) -> dict[str, float | None]:
    payable = invoice.amount_incl_tax if invoice.amount_payable is None else invoice.amount_payable
    return {
        "amount_excl_tax": _float(invoice.amount_excl_tax),
        "amount_incl_tax": _float(invoice.amount_incl_tax),
        "amount_payable": _float(payable),
    }


def _float(amount: Amount | None) -> float | None:
    return None if amount is None else float(amount)
