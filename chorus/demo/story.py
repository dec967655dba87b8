"""Forty invented invoices in every stage of life, and what happens to some of them between two runs."""

from __future__ import annotations

import csv
import dataclasses
import tomllib
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from chorus.local_portal.state.records import Account, Application, Invoice, Service, StatusChange, Structure
from chorus.local_portal.state.store import Store

SETUP_FILE = Path(__file__).parent / "setup.toml"
INVOICES = 40
UNKNOWN_TO_THE_PORTAL = (13, 27)
BUYERS = (
    Structure("12345678200051", "Commune de Saint-Aubin", "recipient"),
    Structure("12345678200036", "Département de l'Ardières", "recipient"),
    Structure(
        "12345678200028", "Centre hospitalier du Val", "recipient", (Service("SERVICE_DEST_SERV_OBL", "Achats"),)
    ),
    Structure("12345678200044", "Université des Deux-Rives", "recipient"),
    Structure("11000201100044", "Services de l'État", "recipient", (Service("SFACETAT", "Facturier État"),)),
)
MANAGERS = ("claire.martin", "john.smith", "claire.martin", "john.smith", "paul.durand")
PATH = ("DEPOSEE", "EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION")
LIVES: tuple[tuple[str, ...], ...] = (
    PATH[:1],
    PATH[:2],
    PATH,
    (*PATH, "PRISE_EN_COMPTE_DESTINATAIRE"),
    (*PATH, "SERVICE_FAIT"),
    (*PATH, "MANDATEE"),
    (*PATH, "MANDATEE", "MISE_A_DISPOSITION_COMPTABLE"),
    (*PATH, "MANDATEE", "COMPTABILISEE"),
    (*PATH, "MANDATEE", "MISE_EN_PAIEMENT"),
    (*PATH, "SUSPENDUE"),
    (*PATH, "SUSPENDUE", "COMPLETEE"),
    (*PATH, "REJETEE"),
    (*PATH, "A_RECYCLER"),
)
REASONS = {
    "SUSPENDUE": "Bon de livraison manquant : merci de le joindre.",
    "REJETEE": "Facture en double : déjà réglée sous un autre numéro.",
    "A_RECYCLER": "Mauvais service : adressez-la au service Achats.",
}
MOVES = {
    0: "MISE_A_DISPOSITION",
    2: "SUSPENDUE",
    5: "MISE_EN_PAIEMENT",
    7: "MISE_EN_PAIEMENT",
    15: "REJETEE",
    18: "MISE_EN_PAIEMENT",
}
"""What the buyers do between the two runs, by the invoice's place."""


@dataclasses.dataclass(frozen=True)
class DemoInvoice:
    place: int
    company: dict[str, Any]
    buyer: Structure
    issued_at: datetime
    life: tuple[str, ...]

    @property
    def number(self) -> str:
        return f"F{self.issued_at:%Y}-{self.place + 101:04}"

    @property
    def amount_excl_tax(self) -> Decimal:
        return Decimal(480 + 317 * self.place) + Decimal("0.50") * (self.place % 3)

    @property
    def amount_incl_tax(self) -> Decimal:
        return (self.amount_excl_tax * Decimal("1.2")).quantize(Decimal("0.01"))

    @property
    def service(self) -> str:
        return self.buyer.services[0].code if self.buyer.services else ""

    @property
    def flow_number(self) -> str:
        return f"CPP001111700000000{self.place + 425903:08}"

    def history(self) -> list[StatusChange]:
        return [
            StatusChange(status, self.issued_at + timedelta(hours=5 + 30 * step), REASONS.get(status))
            for step, status in enumerate(self.life)
        ]


def read_setup() -> dict[str, Any]:
    with SETUP_FILE.open("rb") as file:
        return tomllib.load(file)


def demo_invoices(now: datetime) -> list[DemoInvoice]:
    """Return the invoices, the newest issued nine days before `now` (with a time zone)."""
    companies = read_setup()["companies"]
    return [
        DemoInvoice(
            place,
            companies[place % len(companies)],
            BUYERS[place % len(BUYERS)],
            now - timedelta(days=9 + INVOICES - place),
            LIVES[place % len(LIVES)],
        )
        for place in range(INVOICES)
    ]


def fill_portal(store: Store, invoices: Sequence[DemoInvoice]) -> dict[int, int]:
    """Put suppliers, buyers, accounts and invoices on a local Chorus Pro; return its ids by the invoices' places."""
    setup = read_setup()
    connections = [company.get("chorus") or setup["chorus"] for company in setup["companies"]]
    store.add_application(Application(setup["chorus"]["piste_client_id"], setup["chorus"]["piste_client_secret"]))
    for company in setup["companies"]:
        store.add_structure(Structure(company["siret"], company["name"], "supplier"))
    for buyer in BUYERS:
        store.add_structure(buyer)
    for company, chorus in zip(setup["companies"], connections, strict=True):
        store.add_account(Account(chorus["technical_login"], chorus["technical_password"], (company["siret"],)))
    known = [invoice for invoice in invoices if invoice.place not in UNKNOWN_TO_THE_PORTAL]
    ids = store.add_invoices(_on_portal(invoice) for invoice in known)
    return {invoice.place: key for invoice, key in zip(known, ids, strict=True)}


def move_on(store: Store, ids: dict[int, int], now: datetime) -> None:
    """Let the buyers do their work between two runs."""
    for place, status in MOVES.items():
        store.set_status(ids[place], status, at=now, comment=REASONS.get(status))


def write_csv(file: Path, invoices: Sequence[DemoInvoice]) -> None:
    """Write the invoices as the ERP would export them for `import_invoices`."""
    rows = list(_csv_rows(invoices))
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _on_portal(invoice: DemoInvoice) -> Invoice:
    return Invoice(
        number=invoice.number,
        supplier=invoice.company["siret"],
        recipient=invoice.buyer.siret,
        date=invoice.issued_at.date(),
        history=invoice.history(),
        service=invoice.service or None,
        amount_excl_tax=invoice.amount_excl_tax,
        amount_incl_tax=invoice.amount_incl_tax,
        amount_payable=invoice.amount_incl_tax,
        flow_number=invoice.flow_number,
    )


def _csv_rows(invoices: Sequence[DemoInvoice]) -> Iterator[dict[str, object]]:
    for invoice in invoices:
        yield {
            "company": invoice.company["code"],
            "number": invoice.number,
            "date": invoice.issued_at.date().isoformat(),
            "customer": invoice.buyer.name,
            "customer_siret": invoice.buyer.siret,
            "service_code": invoice.service,
            "amount_excl_tax": invoice.amount_excl_tax,
            "amount_incl_tax": invoice.amount_incl_tax,
            "manager": MANAGERS[invoice.place % len(MANAGERS)],
            "flow_number": invoice.flow_number,
            "deposited_on": (invoice.issued_at + timedelta(hours=5)).date().isoformat(),
        }
