"""What the local Chorus Pro holds: applications, structures, technical accounts and invoices."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Amount = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Application:
    """A PISTE application."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a recipient; `commitment_required`: its invoices must have a commitment number."""

    code: str
    name: str
    id: int | None = None
    active: bool = True
    commitment_required: bool = False


@dataclass(frozen=True, slots=True)
class BankAccount:
    """A bank account of a supplier, which its invoices may name by its id."""

    name: str
    iban: str
    bic: str | None = None
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """A supplier or a public buyer; without `id` the store gives it one.

    `siret` is its identifier, of whatever type that is. What a recipient requires of invoices: `service_required`,
    `commitment_required`. `payment_hidden`: it never shows MISE_EN_PAIEMENT.
    """

    siret: str
    name: str
    kind: Literal["supplier", "recipient"]
    services: Sequence[Service] = ()
    id: int | None = None
    identifier_type: str = "SIRET"
    active: bool = True
    service_required: bool = False
    commitment_required: bool = False
    payment_hidden: bool = False
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    country: str = "FR"
    bank_accounts: Sequence[BankAccount] = ()


@dataclass(frozen=True, slots=True)
class Account:
    """A technical account, with the SIRET of the structures that it is attached to."""

    login: str
    password: str = field(repr=False)
    structures: Sequence[str] = ()
    password_expires_on: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """The technical account that makes a call, with the ids of its structures."""

    login: str
    structures: frozenset[int]


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A status that an invoice takes; `at` has a time zone."""

    status: str
    at: datetime.datetime
    comment: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """An invoice; `supplier` and `recipient` are SIRET, services are codes, `history` is oldest first.

    The deposit day is that of the first status. `other_members` are those of codes.OTHER_MEMBERS, by the API's names;
    `details` has "lines" and "vat", lists of the API's lignePoste and ligneTva.
    """

    number: str
    supplier: str
    recipient: str
    date: datetime.date
    history: Sequence[StatusChange]
    id: int | None = None
    supplier_service: str | None = None
    service: str | None = None
    type: str = "FACTURE"
    billing_frame: str = "A1_FACTURE_FOURNISSEUR"
    deposit_mode: str = "UPLOAD_API"
    due_on: datetime.date | None = None
    amount_excl_tax: Amount | None = None
    amount_incl_tax: Amount | None = None
    amount_payable: Amount | None = None
    currency: str = "EUR"
    commitment_number: str | None = None
    contract_number: str | None = None
    original_number: str | None = None
    flow_number: str | None = None
    comment: str | None = None
    rejection_handled: bool = False
    size: int | None = None
    creator_id: int | None = None
    validator_id: int | None = None
    bank_account_id: int | None = None
    payment_mode: str | None = None
    other_members: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, Any] = field(default_factory=dict)
