"""An invoice takes a status, whoever gives it."""

import datetime

from chorus.local_portal.store import Store


def move(
    store: Store,
    invoice_id: int,
    status: str,
    at: datetime.datetime,
    comment: str | None = None,
    author: str | None = None,
    mandate_number: str | None = None,
) -> None:
    """Let an invoice take a status, whatever its present one, at a time with a zone. Raises UnknownInvoiceError."""
    store.set_status(invoice_id, status, at, comment, author, mandate_number)


def catch_up(store: Store) -> None:
    """Do all that is due on the portal's clock."""
