"""Set-ups and runs of tracking against a simulated portal."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
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

SIRET = "33254021516357"
RULES = Rules(frozenset(FINAL))


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
        Following("ACME", "local:TECH", portal, ledger(companies, rules, None, seen), reporter).follow()
    return Result(tally, changes, log, portal.requests - before)
