"""One invoice: what is known of it, what may be done with it, and doing it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from chorus.local_portal.life import moves, transitions
from chorus.local_portal.pages.words import gettext_noop
from chorus.local_portal.state.store import Row, Store, UnknownInvoiceError

LONGEST_REASON = 255

PROBLEMS = {
    "no-status": gettext_noop("Choose the status that the invoice shall take."),
    "not-allowed": gettext_noop("The invoice moved meanwhile, or it cannot take that status now. Choose again."),
    "no-reason": gettext_noop("Give a reason: the supplier must learn why the invoice is rejected or suspended."),
    "long-reason": gettext_noop("The reason is too long: at most 255 characters reach the supplier. Shorten it."),
}
ACTIONS = "SELECT code AS label, at, author FROM user_actions WHERE invoice_id = ?"
EVENTS = "SELECT label, at, author FROM events WHERE invoice_id = ?"
ATTACHMENTS = """
SELECT designation, extension, length(content) AS size, role
FROM invoice_attachments JOIN attachments ON attachments.id = attachment_id WHERE invoice_id = ? ORDER BY role DESC, 1
"""


@dataclass(frozen=True)
class Wish:
    """What a person fills in to move an invoice on."""

    status: str = ""
    reason: str = ""

    @classmethod
    def read(cls, form: Mapping[str, str]) -> Self:
        reason = form.get("reason", "").replace("\r\n", "\n").strip()
        return cls(form.get("status", ""), reason)


@dataclass(frozen=True)
class Problem:
    """Why a wish is not granted: a key of PROBLEMS, and the name of the field that must change."""

    code: str
    field: str


NO_WISH = Wish()


def facts(store: Store, invoice_id: int) -> dict[str, Any] | None:
    """Return what the page of an invoice shows, None where there is no such invoice."""
    with store.exclusive():
        try:
            invoice = store.invoice(invoice_id)
        except UnknownInvoiceError:
            return None
        return {
            "invoice": invoice,
            "steps": _steps(store, invoice_id),
            "attachments": store.rows(ATTACHMENTS, invoice_id),
            "choices": _choices(store, invoice),
            "needs_reason": transitions.NEEDS_REASON,
            "duty": transitions.WAITS_FOR_SUPPLIER.get(invoice["status"]),
            "plan": moves.planned_for(store, invoice_id),
        }


def treat(store: Store, invoice_id: int, wish: Wish) -> Problem | None:
    """Move an invoice as its buyer, or say why not; one that does not exist is left to the page."""
    with store.exclusive():
        try:
            invoice = store.invoice(invoice_id)
        except UnknownInvoiceError:
            return Problem("not-allowed", "status")
        problem = _problem(wish, _choices(store, invoice))
        if problem is None:
            author = invoice["recipient_name"]
            moves.move(store, invoice_id, wish.status, store.clock.now(), wish.reason or None, author)
        return problem


def _problem(wish: Wish, choices: tuple[str, ...]) -> Problem | None:
    if not wish.status:
        return Problem("no-status", "status")
    if wish.status not in choices:
        return Problem("not-allowed", "status")
    if wish.status in transitions.NEEDS_REASON and not wish.reason:
        return Problem("no-reason", "reason")
    if len(wish.reason) > LONGEST_REASON:
        return Problem("long-reason", "reason")
    return None


def _choices(store: Store, invoice: Row) -> tuple[str, ...]:
    recipient = store.row("SELECT payment_hidden FROM structures WHERE id = ?", invoice["recipient_id"])
    return transitions.following(invoice["status"], bool(recipient and recipient["payment_hidden"]))


def _steps(store: Store, invoice_id: int) -> list[Row]:
    """Return the history, newest first: statuses, and what people did and what happened besides."""
    others = [*store.rows(ACTIONS, invoice_id), *store.rows(EVENTS, invoice_id)]
    # Of what happened at one moment, the status that was set last is the present one.
    return sorted([*others, *store.status_changes(invoice_id)], key=lambda step: step["at"])[::-1]
