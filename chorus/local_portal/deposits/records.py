"""What a deposit holds, once read: invoices, or the reasons why it cannot be read."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class File:
    """A file as it was deposited, or as it was inside an archive or an invoice."""

    name: str
    content: bytes
    mime_type: str = "application/xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class DepositedInvoice:
    """An invoice as its file says it; nothing is checked against the portal yet.

    `supplier` and `recipient` are the identifiers that the file gives of them, the most telling first, without blanks.
    `billing_mode` is the text of BT-23. `lines` and `vat` are the API's lignePoste and ligneTva; `vat_categories` are
    the codes of the latter (BT-118), None where one is missing.
    """

    number: str | None
    date: datetime.date | None
    supplier: Sequence[str] = ()
    recipient: Sequence[str] = ()
    type: str = "FACTURE"
    billing_mode: str | None = None
    service: str | None = None
    commitment_number: str | None = None
    contract_number: str | None = None
    original_number: str | None = None
    currency: str | None = None
    due_on: datetime.date | None = None
    amount_excl_tax: float | None = None
    amount_incl_tax: float | None = None
    amount_payable: float | None = None
    payment_mode: str | None = None
    comment: str | None = None
    lines: Sequence[Mapping[str, Any]] = ()
    vat: Sequence[Mapping[str, Any]] = ()
    vat_categories: Sequence[str | None] = ()
    attachments: Sequence[File] = ()


@dataclass(frozen=True, slots=True)
class ReadInvoice:
    """An invoice with the file that it was read from."""

    invoice: DepositedInvoice
    file: File


@dataclass(frozen=True, slots=True)
class TechnicalError:
    """A reason why a whole flow is refused, in the members of listeErreurTechnique."""

    code: str
    text: str
    nature: str = "BLOQUANTE"


class UnreadableError(Exception):
    """A file is not what its syntax says; `errors` has at least one reason."""

    def __init__(self, *errors: TechnicalError) -> None:
        super().__init__(*errors)
        self.errors = errors

    def __str__(self) -> str:
        return "; ".join(f"{error.code} {error.text}" for error in self.errors)


class UnsupportedError(Exception):
    """A syntax of the API that the local Chorus Pro cannot read."""
