"""Set-ups and runs of tracking against a simulated portal."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Sequence
from typing import Any

from model_bakery import baker

from batches.run_log import RunLog
from chorus.models import Company, Invoice
from chorus.statuses import FINAL, DematerializationStatus
from chorus.tracking.following import Following
from chorus.tracking.ledger import Ledger
from chorus.tracking.reading import Portal
from chorus.tracking.reporting import Reporter, Tally
from chorus.tracking.seen import Seen
from chorus.tracking.states import Change, Rules
from tests.chorus.tracking.simulated_portal import SimulatedPortal

SIRET = "33254021516357"
ACCOUNT = "local:TECH"
RULES = Rules(frozenset(FINAL))
PAGE = 10
"""Rows that the portal of these tests grants a page."""

MakeInvoice = Callable[..., Invoice]


@dataclasses.dataclass
class Result:
    """What one run of tracking told."""

    tally: Tally
    changes: list[Change]
    log: RunLog
    calls: int


def make_company(code: str, siret: str) -> Company:
    made: Company = baker.make(Company, code=code, siret=siret)
    return made


def make_invoice(company: Company, number: str, **values: Any) -> Invoice:
    values.setdefault("date", datetime.date(2026, 10, 1))
    values.setdefault("dematerialization_status", DematerializationStatus.TRANSMITTED)
    made: Invoice = baker.make(Invoice, company=company, number=number, customer="Mairie de Lyon", **values)
    return made


def deposit_many(portal: SimulatedPortal, company: Company, count: int) -> None:
    """Make so many followed invoices that the portal has, each with a moment of its own."""
    for place in range(count):
        number = f"F-{place:04}"
        make_invoice(company, number)
        portal.deposit(number, company.siret)


def status(number: str) -> str:
    return Invoice.objects.get(number=number).chorus_status


def follow(
    portal: Portal,
    companies: Sequence[Company],
    rules: Rules = RULES,
    ledger: type[Ledger] = Ledger,
    log: RunLog | None = None,
) -> Result:
    """Run tracking once over the companies, as the batch does for one connection."""
    log = log or RunLog()
    tally, changes, before = Tally(), list[Change](), portal.requests
    reporter = Reporter(tally, log, changes.append, lambda: None, lambda _text: None)
    with Seen() as seen:
        Following("ACME", ACCOUNT, portal, ledger(companies, rules, None, seen), reporter).follow()
    return Result(tally, changes, log, portal.requests - before)
