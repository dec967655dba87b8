"""What the local Chorus Pro holds: applications, structures, technical accounts and invoices."""

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

Amount = int | float | Decimal


@dataclass(frozen=True, slots=True)
class Application:
    """A PISTE application."""

    client_id: str
    client_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Service:
    code: str
    name: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Structure:
    """A supplier or a public buyer; without `id` the store gives it one."""

    siret: str
    name: str
    kind: Literal["supplier", "recipient"]
    services: Sequence[Service] = ()
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """A technical account, with the SIRET of the structures that it is attached to."""

    login: str
    password: str = field(repr=False)
    structures: Sequence[str] = ()


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

    The deposit day is that of the first status. `other_members` are those of codes.OTHER_MEMBERS, by the API's names.
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
    other_members: Mapping[str, str] = field(default_factory=dict)
