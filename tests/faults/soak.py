"""Random stories of companies, their invoices and a portal at its worst; one seed is one story.

Invoices are deposited and moved between runs and while they go on; the portal meets random faults. After some runs
like that everything works again, and one healthy run must know all that the portal knows.
"""

from __future__ import annotations

import dataclasses
import datetime
import random
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from django import conf
from django.core import mail
from django.db import transaction
from pytest_django import Settings

from akuiteo.models import User
from batches.outcomes import RunResult
from chorus.local_portal.faults import Fault, Faults
from chorus.local_portal.http import paths
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Invoice as PortalInvoice
from chorus.local_portal.state.records import StatusChange
from chorus.local_portal.state.store import Store
from chorus.models import ChorusConnection, Company, Invoice, Watermark
from chorus.portal import auth
from chorus.statuses import FINAL, DematerializationStatus
from tests.batches.smtp import free_port
from tests.chorus.batch.conftest import BUYER
from tests.chorus.portal.certificates import certificate, speak_tls
from tests.chorus.portal.servers import TOKEN, FakeClock, portal_server
from tests.faults.portal_stage import Stage, Trace, direct, make_stage
from tests.faults.soak_checks import assert_run_kept_to_its_limits, assert_truth
from tests.faults.soak_faults import random_fault
from tests.faults.soak_watch import Watch

SIRETS = {"ALFA": "33254021516357", "BETA": "50000000000014", "GAMMA": "60000000000025"}
WAY = (
    *("DEPOSEE", "EN_COURS_ACHEMINEMENT", "MISE_A_DISPOSITION", "PRISE_EN_COMPTE_DESTINATAIRE", "SERVICE_FAIT"),
    *("MANDATEE", "MISE_A_DISPOSITION_COMPTABLE", "COMPTABILISEE", "MISE_EN_PAIEMENT"),
)
"""An invoice only ever goes forwards, so that no status is taken twice."""
NO_HOST = "portal.invalid"
ENDS = ("REJETEE", "SUSPENDUE", "A_RECYCLER")
COMMENTS = ("", "Doublon", "Pièce manquante: le bon de livraison n° 7 <b>signé</b>")
IMPATIENT = {"connect_timeout": 0.5, "read_timeout": 0.5, "call_deadline": 0.8, "max_answer_bytes": 256 * 1024}


@dataclasses.dataclass
class Deposit:
    """What is known of an invoice that the portal has."""

    company: Company
    number: str
    portal_id: int
    status: str


class Story:
    """What happens in one story."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage = stage
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.lies = self.random.random() < 0.2  # whether the portal may tell statuses that are not true
        self.alerting = sorted(FINAL) if self.lies else [*sorted(FINAL), "MANDATEE", "MISE_A_DISPOSITION"]
        self.deposited: list[Deposit] = []
        self.only_here: list[Invoice] = []
        self.only_there: list[Deposit] = []
        self.elsewhere: list[str] = []
        self.is_astray = False
        self._detours = random.Random(f"detours of {seed}")  # noqa: S311 - dice of their own: kept seeds stay as they were
        self._made: Counter[str] = Counter()

    def begin(self) -> None:
        self.stage.settings.CHORUS_PAGE_SIZE = self.random.choice([2, 3, 5, 10])
        self.stage.set(ALERTER_RESPONSABLE_FACTURE="True", LISTE_ETATS_CHORUS_A_ALERTER=";".join(self.alerting))
        names = ("claire", "john")
        self.managers = [
            *(User.objects.create_user(name, f"{name}@example.org", language="en") for name in names),
            None,
        ]
        codes = list(SIRETS)[: self.random.randint(2, 3)]
        shared = self.random.random() < 0.4
        self.companies = [self.stage.add_company(code, SIRETS[code], not shared or code == "ALFA") for code in codes]
        if shared:
            self.stage.connect(None)
        # Those of the stage that may be made impatient.
        ChorusConnection.objects.update(environment="qualification")
        for _ in range(self.random.randint(30, 60)):
            self.deposit()

    def disturb(self) -> None:
        """Let some faults, and perhaps busy buyers, meet the next run."""
        self.stage.portal.faults.clear()
        self.stage.limits.update(IMPATIENT)
        self._perhaps_lead_astray()
        connections = ChorusConnection.objects.order_by("pk")
        logins = list(connections.values_list("technical_login", flat=True))
        applications = list(connections.values_list("piste_client_id", flat=True))
        for _ in range(self.random.randint(1, 4)):
            self.stage.disturb(random_fault(self.random, logins, applications, self.lies))
        if self.random.random() < 0.5:
            self.stage.disturb(self._bustle())

    def happen(self) -> None:
        """Let some of all that may happen between two runs."""
        for _ in range(self.random.randint(0, 12)):
            self.random.choice([self.move, self.move, self.deposit, self.deposit_there, self.import_here])()
        for event in (self.register, self.submit):
            if self.random.random() < 0.5:
                event()
        self.stage.clock.skipped += self.random.choice([60.0, 300.0, 3600.0])

    def run(self, watch: Watch) -> RunResult:
        with watch.run():
            result = self.stage.run()
        assert_run_kept_to_its_limits(self, result, watch)
        return result

    def end_well(self, watch: Watch) -> None:
        """On the next day, without any fault, one run knows everything, and nothing is left to be done."""
        self.register()
        self.submit()
        self.stage.mend()
        self.is_astray = False
        if self.lies:  # a wrong status keeps its date, so that no window shows the true one: it is asked for once a day
            Watermark.objects.update(missing_asked_on=None)
        result = self.run(watch)
        assert (result.exit_code, [str(error) for error in result.errors]) == (0, [])
        assert_truth(self)
        again = self.run(watch)
        assert (again.exit_code, again.counts["changed"], again.counts["alerts"]) == (0, 0, 0)
        assert_truth(self)

    def deposit(self) -> None:
        """Deposit an invoice that is known here at once."""
        account = self._deposited(*self._new())
        self._known_here(account.company, account.number)
        self.deposited.append(account)

    def deposit_there(self) -> None:
        """Deposit an invoice of which nobody here knows yet."""
        self.only_there.append(self._deposited(*self._new()))

    def import_here(self) -> None:
        """Import an invoice that the portal does not know yet."""
        self.only_here.append(self._known_here(*self._new()))

    def register(self) -> None:
        """Import what was deposited without us."""
        for account in self.only_there:
            self._known_here(account.company, account.number)
        self.deposited += self.only_there
        self.only_there = []

    def submit(self) -> None:
        """Deposit what was imported before its deposit."""
        self.deposited += [self._deposited(invoice.company, invoice.number) for invoice in self.only_here]
        self.only_here = []

    def move(self) -> None:
        """Move an invoice on the portal, unless all have come to their end."""
        movable = [account for account in self.deposited + self.only_there if account.status not in FINAL]
        if not movable:
            return
        account = self.random.choice(movable)
        further = WAY[WAY.index(account.status) + 1 :]
        account.status = self.random.choice([*further, self.random.choice(ENDS)])
        self.stage.store.set_status(account.portal_id, account.status, comment=self._comment())

    def _perhaps_lead_astray(self) -> None:
        """Lead all connections, for a run now and then, to where nobody is, or somebody who is not the portal."""
        self.stage.lead_home()
        self.is_astray = self._detours.random() < 0.15
        if self.is_astray:
            address = self._detours.choice(self.elsewhere)
            self.stage.lead(address + TOKEN, address)

    def _new(self) -> tuple[Company, str]:
        """Return a company and a number, which the others may have, too."""
        company = self.random.choice(self.companies)
        self._made[company.code] += 1
        return company, f"F-{self._made[company.code]:04}"

    def _deposited(self, company: Company, number: str) -> Deposit:
        status = self.random.choice(WAY[:3])
        history = [StatusChange(status, self.stage.store.clock.now(), self._comment())]
        portal_id = self.stage.store.add_invoice(
            PortalInvoice(number=number, supplier=company.siret, recipient=BUYER, date=_today(), history=history)
        )
        return Deposit(company, number, portal_id, status)

    def _known_here(self, company: Company, number: str) -> Invoice:
        return Invoice.objects.create(
            company=company,
            number=number,
            date=_today(),
            customer="Mairie de Lyon",
            manager=self.random.choice(self.managers),
            dematerialization_status=DematerializationStatus.TRANSMITTED,
        )

    def _comment(self) -> str | None:
        return self.random.choice(COMMENTS) or None

    def _bustle(self) -> Fault:
        """Buyers and suppliers who are busy while a page is read."""
        events = [self.move, self.move, self.deposit_there]
        chance = self.random

        class Bustle(Fault):
            kind = "bustle"
            paths = frozenset({paths.SEARCH})

            def done(self, call: object, answer: object) -> None:
                chance.choice(events)()

        return Bustle(rate=self.random.choice([0.3, 1.0]), times=20)


def _today() -> datetime.date:
    return datetime.datetime.now(datetime.UTC).date()


@contextmanager
def _wrong_places(portal: LocalPortal, patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Yield addresses of nobody, of no host, of a portal without TLS, and of one that cannot prove to be it."""
    real = socket.getaddrinfo

    def resolve(host: Any, *others: Any, **more: Any) -> Any:
        if host == NO_HOST:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return real(host, *others, **more)

    patch.setattr(socket, "getaddrinfo", resolve)
    with tempfile.TemporaryDirectory() as folder, portal_server() as impostor:
        false_one = speak_tls(impostor, certificate(Path(folder), "localhost"))
        without_tls = portal.url.replace("http://", "https://")
        yield [f"http://127.0.0.1:{free_port()}", f"http://{NO_HOST}", without_tls, false_one]
        assert impostor.requests == []


class StorySettings:
    """Settings for one story. Those of pytest-django nest an override in another, until thousands are too deep."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        object.__setattr__(self, "_patch", patch)

    def __getattr__(self, name: str) -> Any:
        return getattr(conf.settings, name)

    def __setattr__(self, name: str, value: Any) -> None:
        self._patch.setattr(conf.settings, name, value)


@contextmanager
def _story(seed: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Story, Watch]]:
    clock = FakeClock()
    trace = Trace(clock)
    auth._authenticator.cache_clear()
    mail.outbox.clear()
    random.seed(seed)  # of the pauses between tries
    faults = Faults(seed=seed)
    with Store() as store, LocalPortal(store, recorder=trace, faults=faults) as portal, monkeypatch.context() as patch:
        settings = cast(Settings, StorySettings(patch))
        stage = make_stage(settings, store, portal, clock, trace)
        direct(stage, patch)
        story = Story(stage, seed)
        story.begin()
        with _wrong_places(portal, patch) as story.elsewhere:
            yield story, Watch(clock, trace, patch)


def play(seed: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Tell one story in a database that is left as it was; return how many runs it took."""
    with transaction.atomic(), _story(seed, monkeypatch) as (story, watch):
        runs = story.random.randint(2, 7)
        for _ in range(runs):
            story.disturb()
            story.run(watch)
            story.happen()
        story.end_well(watch)
        transaction.set_rollback(True)
    return runs + 2
