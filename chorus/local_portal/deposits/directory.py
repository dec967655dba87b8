"""What the store knows that an invoice is judged by."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chorus.local_portal.deposits.judging import Directory, KnownService, KnownStructure
from chorus.local_portal.deposits.records import DepositedInvoice
from chorus.local_portal.state.store import Row, Store

# Blanks of identifiers do not count, on either side.
STRUCTURES = """
SELECT id, siret, replace(siret, ' ', '') AS identifier, active, service_required, commitment_required FROM structures
WHERE kind = ? AND replace(siret, ' ', '') IN (SELECT value FROM json_each(?))"""
SERVICES = """
SELECT structure_id, code, active, commitment_required FROM services
WHERE structure_id IN (SELECT value FROM json_each(?))"""
USED = """
SELECT supplier_id, number FROM invoices
WHERE supplier_id IN (SELECT value FROM json_each(?)) AND number IN (SELECT value FROM json_each(?))"""
ENTITLED = "SELECT structure_id FROM account_structures WHERE login = ?"


def directory_for(store: Store, login: str, invoices: Iterable[DepositedInvoice]) -> Directory:
    """Return what must be known to judge these invoices, which an account deposits."""
    invoices = list(invoices)
    suppliers = _structures(store, "supplier", [party for invoice in invoices for party in invoice.supplier])
    recipients = _structures(store, "recipient", [party for invoice in invoices for party in invoice.recipient])
    return Directory(
        suppliers=suppliers,
        recipients=recipients,
        entitled=frozenset(row["structure_id"] for row in store.rows(ENTITLED, login)),
        used=_used(store, suppliers, [invoice.number for invoice in invoices if invoice.number]),
    )


def _structures(store: Store, kind: str, identifiers: Sequence[str]) -> dict[str, KnownStructure]:
    rows = store.rows(STRUCTURES, kind, json.dumps(identifiers))
    services = store.rows(SERVICES, json.dumps([row["id"] for row in rows]))
    return {row["identifier"]: _structure(row, services) for row in rows}


def _structure(row: Row, services: Sequence[Row]) -> KnownStructure:
    return KnownStructure(
        id=row["id"],
        siret=row["siret"],
        active=bool(row["active"]),
        service_required=bool(row["service_required"]),
        commitment_required=bool(row["commitment_required"]),
        services={
            service["code"]: KnownService(bool(service["active"]), bool(service["commitment_required"]))
            for service in services
            if service["structure_id"] == row["id"]
        },
    )


def _used(store: Store, suppliers: Mapping[str, KnownStructure], numbers: Sequence[str]) -> frozenset[Any]:
    ids = [supplier.id for supplier in suppliers.values()]
    rows = store.rows(USED, json.dumps(ids), json.dumps(numbers))
    return frozenset((row["supplier_id"], row["number"]) for row in rows)
