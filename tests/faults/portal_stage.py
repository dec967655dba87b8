"""Two companies with a connection each, one of which meets trouble, and what a run leaves of them."""

from __future__ import annotations

import dataclasses
import re
import threading
from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import transaction
from flask import Response
from pytest_django import Settings

from akuiteo.models import User
from akuiteo.secrets import Secret
from batches.models import Batch, OutgoingEmail, Run
from batches.outcomes import RunResult
from chorus import batch_templates, connections
from chorus.batch_templates import CheckFacturesClientChorus
from chorus.local_portal.faults import Fault, parse_json
from chorus.local_portal.http.recorder import Passage, Recorder
from chorus.local_portal.http.replies import empty_reply
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Application, Structure
from chorus.local_portal.state.store import Store
from chorus.models import ChorusConnection, Company, Invoice, StatusChange
from chorus.portal import auth, transport
from chorus.portal.client import ChorusClient
from tests.chorus.batch.conftest import BUYER, PASSWORD, World
from tests.chorus.portal.servers import SEARCH, TOKEN, FakeClock

NAMES_OF_EXCEPTIONS = re.compile(
    r"Traceback|\b[A-Z]\w+(?:Error|Exception|Timeout|Refused|Unavailable)\b|Errno| object at 0x"
)
STATUSES = ("DEPOSEE", "REJETEE", "MANDATEE", "SUSPENDUE", "MISE_EN_PAIEMENT")

Snapshot = tuple[list[Any], list[Any], list[Any]]


class Trace(Recorder):
    """What reached the portal: when (on the clock of the runs, in seconds), to which path, by which account."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self.clock = clock
        self.passages: list[tuple[float, str, str]] = []
        self.faults: list[Sequence[str]] = []  # the kinds that each passage met

    def record(self, passage: Passage) -> None:
        self.passages.append((self.clock.monotonic(), passage.path, passage.account or ""))
        self.faults.append(passage.faults)

    def count(self, path: str, account: str) -> int:
        return sum((path, account) == passage[1:] for passage in self.passages)


class Forbidden(Fault):
    """403, as where PISTE's application has not subscribed to the API."""

    kind = "forbidden"
    decides = True

    def before(self, now: object) -> Response:
        return empty_reply(403)


@dataclasses.dataclass
class Stage(World):
    """BAD, the connection that meets trouble, has five invoices on three pages; GOOD, which comes after it, has two.

    BAD is reached as "qualification", so that its address can be another one than GOOD's.
    """

    settings: Settings = dataclasses.field(kw_only=True)
    clock: FakeClock = dataclasses.field(kw_only=True)
    trace: Trace = dataclasses.field(kw_only=True)
    limits: dict[str, Any] = dataclasses.field(default_factory=dict)

    def add_company(self, code: str, siret: str, connected: bool = True) -> Company:
        """Add a company whose connection has a PISTE application of its own, called as it is."""
        company = super().add_company(code, siret, connected)
        if connected:
            self.store.add_application(Application(code.lower(), "canary-piste-secret"))
            ChorusConnection.objects.filter(company=company).update(piste_client_id=code.lower())
        return company

    def fill(self) -> None:
        bad, good = self.add_company("BAD", "33254021516357"), self.add_company("GOOD", "50000000000014")
        claire = User.objects.create_user("claire", "claire@example.org", language="en")
        self.set(ALERTER_RESPONSABLE_FACTURE="True", LISTE_ETATS_CHORUS_A_ALERTER="REJETEE;SUSPENDUE;MISE_EN_PAIEMENT")
        for place, status in enumerate(STATUSES):
            self.deposit(bad, f"B-{place}", status, comment="Doublon" if status == "REJETEE" else "", manager=claire)
        for place in range(2):
            self.deposit(good, f"G-{place}", "REJETEE", comment="Doublon", manager=claire)
        ChorusConnection.objects.filter(company=bad).update(environment="qualification")

    def company(self, code: str) -> Company:
        return Company.objects.get(code=code)

    def lead(self, token_url: str, api_url: str, environment: str = "qualification") -> None:
        """Lead the connections of an environment, which is BAD's, to other addresses."""
        addresses = {"token_url": token_url, "api_url": api_url}
        self.settings.CHORUS_ENVIRONMENTS = {**self.settings.CHORUS_ENVIRONMENTS, environment: addresses}

    def lead_home(self) -> None:
        for environment in ("qualification", "local"):
            self.lead(self.portal.url + TOKEN, self.portal.url, environment)

    def disturb(self, *faults: Fault | dict[str, Any]) -> None:
        self.portal.faults.add([fault if isinstance(fault, Fault) else parse_json(fault) for fault in faults])

    def mend(self) -> None:
        """Let everything work again, on the next day."""
        self.portal.faults.clear()
        self.limits.clear()
        self.lead_home()
        self.clock.skipped += 24 * 3600

    def undisturbed(self) -> Snapshot:
        """Return what a run leaves where nothing goes wrong; then all is as if it had not been."""
        with transaction.atomic():
            assert self.run().exit_code == 0
            left = snapshot()
            transaction.set_rollback(True)
        auth._authenticator.cache_clear()
        mail.outbox.clear()
        self.trace.passages.clear()
        return left


def make_stage(settings: Settings, store: Store, portal: LocalPortal, clock: FakeClock, trace: Trace) -> Stage:
    """Return an empty stage. Its runs have a batch user and small pages, and tell support and managers."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CHORUS_PAGE_SIZE = 2
    user = User.objects.create_user("batch", "support@example.org", PASSWORD)
    user.groups.add(Group.objects.get(name="Operations"))
    batch = Batch.objects.create(code="CHORUS", label="Every hour", template=CheckFacturesClientChorus.code)
    batch.parameters.create(code="BATCH_PWD", secret=Secret.of(PASSWORD))
    store.add_application(Application("test", "canary-piste-secret"))
    store.add_structure(Structure(BUYER, "Mairie de Lyon", "recipient"))
    stage = Stage(portal, batch, settings=settings, clock=clock, trace=trace)
    stage.set(BATCH_USER="batch", BATCH_MAIL="support@example.org")
    stage.lead_home()
    return stage


def direct(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the stage's clock tell every connection the time, and BAD's have the stage's limits."""
    monkeypatch.setattr(transport, "Clock", lambda: stage.clock)

    def connect(connection: ChorusConnection, stop: threading.Event) -> ChorusClient:
        changed = stage.limits if connection.environment == "qualification" else {}
        limits = dataclasses.replace(connections.usual_limits(), **changed)
        return connections.connect(connection, stop, limits)

    monkeypatch.setattr(batch_templates, "connect", connect)


def snapshot() -> Snapshot:
    """Return what runs leave: invoices, status changes, and sent alerts; but not when, or by which run."""
    invoices = Invoice.objects.order_by("pk").values_list(
        "number", "chorus_id", "chorus_status", "chorus_status_at", "chorus_comment", "dematerialization_status",
        "reason_due", "ask_by_number", "missing_since",
    )  # fmt: skip
    changes = StatusChange.objects.order_by("invoice", "pk").values_list(
        "invoice__number", "old", "new", "at", "comment", "alert_due"
    )
    return list(invoices), list(changes), sorted(alerted_numbers())


def alerted_numbers() -> list[tuple[str, str]]:
    """Return address and invoice number of each line of an alert that was sent."""
    sent = [message for message in mail.outbox if message.to != ["support@example.org"]]
    return [(message.to[0], number) for message in sent for number in re.findall(r"\b[A-Z]+-\d+\b", str(message.body))]


def statuses() -> dict[str, str]:
    """Return the invoices whose status was read."""
    return dict(Invoice.objects.exclude(chorus_status="").values_list("number", "chorus_status"))


def assert_told(result: RunResult, companies: Sequence[str], *words: str) -> None:
    """These connections, and no other, are in the errors, by owner, login and companies, in words for an operator."""
    assert sorted(error.company for error in result.errors) == sorted(companies)
    for error in result.errors:
        login = f"TECH_{error.company}@cpro.fr"
        wanted = [f"Connection of {error.company} (", login, f"The invoices of {error.company} were not all", *words]
        assert [each for each in wanted if each not in error.message] == []
    run = Run.objects.latest("pk")
    support = OutgoingEmail.objects.filter(run=run, to=["support@example.org"]).latest("pk")
    assert result.errors[0].company in support.text.splitlines()[0]
    told = [*map(str, result.errors), result.summary, str(support.text), *run.log_lines.values_list("text", flat=True)]
    assert NAMES_OF_EXCEPTIONS.findall("\n".join(told)) == []


def calls(stage: Stage, company: str) -> tuple[int, int]:
    """Return how many requests of a company's connection reached the portal: for a token, and of the API's search."""
    return stage.trace.count(TOKEN, company.lower()), stage.trace.count(SEARCH, f"TECH_{company}@cpro.fr")
