"""What every operation of the API is made of: a call, its check and its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chorus.local_portal.checks import Check
from chorus.local_portal.searches.search import Caps
from chorus.local_portal.state.records import Caller
from chorus.local_portal.state.store import Row, Store, UnknownInvoiceError

Answer = dict[str, Any]

READ = {"codeRetour": 0, "libelle": "TRA_MSG_00.000"}
DONE = {"codeRetour": 0, "libelle": "GCU_MSG_01_000"}


class RefusedError(Exception):
    """The portal understands and declines: HTTP 200 with a return code other than 0."""

    def __init__(self, code: int, label: str) -> None:
        super().__init__(code, label)
        self.code = code
        self.label = label

    def __str__(self) -> str:
        return f"{self.code} {self.label}"


@dataclass(frozen=True)
class Call:
    """A call that passed authentication and the check of its body."""

    store: Store
    caller: Caller
    body: dict[str, Any]
    caps: Caps

    def invoice(self, invoice_id: int, *roles: str) -> Row:
        """Return an invoice if the account is attached to the structure that has one of these roles in it.

        A role is `supplier_id` or `recipient_id`. Raises RefusedError.
        """
        try:
            invoice = self.store.invoice(invoice_id)
        except UnknownInvoiceError as error:
            raise RefusedError(20000, "GDP_MSG_11.008 - La demande de paiement n'existe pas.") from error
        if not any(invoice[role] in self.caller.structures for role in roles):
            raise RefusedError(
                20001, "GDP_MSG_11.005 - L'utilisateur n'est pas habilité sur cette demande de paiement."
            )
        return invoice


@dataclass(frozen=True)
class Operation:
    check: Check
    answer: Callable[[Call], Answer]


def filled(members: Answer) -> Answer:
    """Return the members that have a value; the portal leaves the others out."""
    return {name: value for name, value in members.items() if value is not None}
