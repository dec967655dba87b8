"""Whether an invoice may be integrated: the portal's rules on its number, parties, references and billing mode.

Nothing here reads or writes: what must be known of the portal is a Directory.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from chorus.local_portal import codes
from chorus.local_portal.deposits.records import DepositedInvoice

# At most 20 characters, seen; the blank is our choice: real invoices have it.
NUMBER = re.compile(r"[A-Za-z0-9 _/+-]{1,20}")
DEFAULT_FRAME = "A1_FACTURE_FOURNISSEUR"
DEPOSITED_FRAMES = {
    frame.partition("_")[0]: frame for frame in codes.BILLING_FRAMES if frame.startswith(("A1_", "A2_", "A9_", "A12_"))
}
"""The billing modes with which a supplier deposits a simple invoice; works and justice have ways of their own."""


class Rule(Enum):
    """What an invoice may break; `{}` are filled in with what the invoice says."""

    NUMBER_MISSING = "Le numéro de la facture est absent."
    NUMBER_WRONG = "Le numéro de la facture {} n'est pas accepté : 20 caractères au plus, lettres, chiffres, - _ / +."
    NUMBER_USED = "La facture {} a déjà été déposée par le fournisseur {}."
    DATE_MISSING = "La date de la facture est absente."
    SUPPLIER_MISSING = "L'identifiant fournisseur est absent."
    SUPPLIER_UNKNOWN = "L'identifiant fournisseur {} n'est pas référencé dans notre système."
    SUPPLIER_INACTIVE = "La structure fournisseur {} n'est plus active."
    NOT_ENTITLED = "Le déposant n'est pas habilité à déposer pour le fournisseur {}."
    RECIPIENT_MISSING = "L'identifiant destinataire est absent."
    RECIPIENT_UNKNOWN = "L'identifiant destinataire {} n'est pas référencé dans notre système."
    RECIPIENT_INACTIVE = "La structure destinataire {} n'est plus active."
    SERVICE_MISSING = "Le code service est obligatoire pour le destinataire {}."
    SERVICE_UNKNOWN = "Le code service {} n'est pas référencé pour le destinataire {}."
    SERVICE_INACTIVE = "Le service {} du destinataire {} n'est plus actif."
    COMMITMENT_MISSING = "Le numéro d'engagement est obligatoire pour le destinataire {}."
    VAT_WRONG = "La catégorie de TVA (BT-118) est absente d'une ligne du récapitulatif de TVA."
    FRAME_WRONG = "Le cadre de facturation {} n'est pas accepté."


@dataclass(frozen=True, slots=True)
class Breach:
    rule: Rule
    text: str


@dataclass(frozen=True, slots=True)
class KnownService:
    active: bool
    commitment_required: bool


@dataclass(frozen=True, slots=True)
class KnownStructure:
    """A supplier or a recipient; `services` are by code."""

    id: int
    siret: str
    active: bool = True
    service_required: bool = False
    commitment_required: bool = False
    services: Mapping[str, KnownService] | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """What the portal knows: structures by identifier without blanks, whom the depositor acts for, numbers in use.

    `used` has the pairs of supplier id and invoice number.
    """

    suppliers: Mapping[str, KnownStructure]
    recipients: Mapping[str, KnownStructure]
    entitled: frozenset[int]
    used: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Judgement:
    """An invoice may be integrated when it breaks nothing; it then has a supplier and a recipient."""

    supplier: KnownStructure | None
    recipient: KnownStructure | None
    service: str | None
    frame: str
    breaches: Sequence[Breach]


def judge_all(invoices: Sequence[DepositedInvoice], directory: Directory) -> list[Judgement]:
    """Judge the invoices of a flow; a number of one that may be integrated is in use for those that follow."""
    taken: set[tuple[int, str]] = set()
    judgements = []
    for invoice in invoices:
        judgement = judge(invoice, directory, taken)
        if not judgement.breaches and judgement.supplier and invoice.number:
            taken.add((judgement.supplier.id, invoice.number))
        judgements.append(judgement)
    return judgements


def judge(
    invoice: DepositedInvoice,
    directory: Directory,
    taken: set[tuple[int, str]] | frozenset[tuple[int, str]] = frozenset(),
) -> Judgement:
    """Judge one invoice; `taken` are numbers in use besides those of the directory."""
    supplier = _first_known(invoice.supplier, directory.suppliers)
    recipient = _first_known(invoice.recipient, directory.recipients)
    service = _service(invoice, recipient)
    frame = _frame(invoice.billing_mode)
    breaches = [
        *_number(invoice, supplier, directory.used | taken),
        *_supplier(invoice, supplier, directory.entitled),
        *_recipient(invoice, recipient, service),
    ]
    if None in invoice.vat_categories:
        breaches.append(_breach(Rule.VAT_WRONG))
    if frame is None:
        breaches.append(_breach(Rule.FRAME_WRONG, invoice.billing_mode))
    return Judgement(supplier, recipient, service, frame or DEFAULT_FRAME, breaches)


def _first_known(identifiers: Sequence[str], known: Mapping[str, KnownStructure]) -> KnownStructure | None:
    return next((known[identifier] for identifier in identifiers if identifier in known), None)


def _service(invoice: DepositedInvoice, recipient: KnownStructure | None) -> str | None:
    """Return the service code; what a buyer without services wants to read in BT-10 is its own affair."""
    if recipient is None or not (recipient.services or recipient.service_required):
        return None
    return invoice.service


def _frame(mode: str | None) -> str | None:
    """Return the billing frame, or None for a wrong one; another specification's profile says nothing of it."""
    if mode is None or ":" in mode:
        return DEFAULT_FRAME
    return DEPOSITED_FRAMES.get(mode) or (mode if mode in DEPOSITED_FRAMES.values() else None)


def _number(
    invoice: DepositedInvoice, supplier: KnownStructure | None, used: frozenset[tuple[int, str]]
) -> Iterator[Breach]:
    if invoice.number is None:
        yield _breach(Rule.NUMBER_MISSING)
    elif not NUMBER.fullmatch(invoice.number):
        yield _breach(Rule.NUMBER_WRONG, invoice.number)
    elif supplier and (supplier.id, invoice.number) in used:
        yield _breach(Rule.NUMBER_USED, invoice.number, supplier.siret)
    if invoice.date is None:
        yield _breach(Rule.DATE_MISSING)


def _supplier(invoice: DepositedInvoice, supplier: KnownStructure | None, entitled: frozenset[int]) -> Iterator[Breach]:
    if supplier is None:
        yield _unknown(invoice.supplier, Rule.SUPPLIER_MISSING, Rule.SUPPLIER_UNKNOWN)
    elif supplier.id not in entitled:
        yield _breach(Rule.NOT_ENTITLED, supplier.siret)
    elif not supplier.active:
        yield _breach(Rule.SUPPLIER_INACTIVE, supplier.siret)


def _recipient(invoice: DepositedInvoice, recipient: KnownStructure | None, service: str | None) -> Iterator[Breach]:
    if recipient is None:
        yield _unknown(invoice.recipient, Rule.RECIPIENT_MISSING, Rule.RECIPIENT_UNKNOWN)
        return
    if not recipient.active:
        yield _breach(Rule.RECIPIENT_INACTIVE, recipient.siret)
        return
    known = (recipient.services or {}).get(service or "")
    if service is None and recipient.service_required:
        yield _breach(Rule.SERVICE_MISSING, recipient.siret)
    elif service is not None and known is None:
        yield _breach(Rule.SERVICE_UNKNOWN, service, recipient.siret)
    elif known and not known.active:
        yield _breach(Rule.SERVICE_INACTIVE, service, recipient.siret)
    demands_commitment = recipient.commitment_required or (known is not None and known.commitment_required)
    if demands_commitment and invoice.commitment_number is None:
        yield _breach(Rule.COMMITMENT_MISSING, recipient.siret)


def _unknown(identifiers: Sequence[str], missing: Rule, unknown: Rule) -> Breach:
    return _breach(unknown, identifiers[0]) if identifiers else _breach(missing)


def _breach(rule: Rule, *said: str | None) -> Breach:
    # A stranger's value may have any length.
    return Breach(rule, rule.value.format(*((value or "")[:50] for value in said)))
