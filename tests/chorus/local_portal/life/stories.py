"""What the tests of the buyers' life begin with."""

import datetime

from chorus.local_portal.state.records import Invoice, StatusChange, Structure
from chorus.local_portal.state.store import Row, Store

BEGINNING = datetime.datetime(2026, 11, 2, 8, 0, tzinfo=datetime.UTC)
SUPPLIER = Structure("33254021516357", "ACME CONSEIL", "supplier")
BUYER = Structure("12345678200051", "VILLE DE TEST", "recipient")
SHY_BUYER = Structure("12345678200036", "COMMUNE DISCRETE", "recipient", payment_hidden=True)


def add(
    store: Store,
    count: int = 1,
    status: str = "DEPOSEE",
    at: datetime.datetime = BEGINNING,
    recipient: Structure = BUYER,
) -> list[int]:
    """Add invoices that have a status since a time; return their ids."""
    first = (store.row("SELECT count(*) AS n FROM invoices") or {})["n"] + 1
    return store.add_invoices(
        Invoice(
            number=f"F-{first + place}",
            supplier=SUPPLIER.siret,
            recipient=recipient.siret,
            date=at.date(),
            history=[StatusChange(status, at)],
        )
        for place in range(count)
    )


def statuses(store: Store, invoice_id: int) -> list[str]:
    return [change["status"] for change in store.status_changes(invoice_id)]


def all_changes(store: Store) -> list[Row]:
    """Return what happened to all invoices, without the ids of the changes, in their order."""
    return store.rows("SELECT invoice_id, status, at, comment, author FROM status_changes ORDER BY id")
