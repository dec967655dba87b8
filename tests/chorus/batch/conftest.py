"""The batch as it runs: on the database of the test, against a local Chorus Pro over HTTP."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Group
from pytest_django import Settings

from akuiteo.models import User
from akuiteo.secrets import Secret
from batches import runner
from batches.models import Batch, Run
from batches.outcomes import RunResult
from chorus.batch_templates import CheckFacturesClientChorus
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Account, Application, StatusChange, Structure
from chorus.local_portal.state.records import Invoice as PortalInvoice
from chorus.local_portal.state.store import Store
from chorus.models import ChorusConnection, Company, Invoice
from chorus.statuses import DematerializationStatus

BUYER = "12345678200051"
PASSWORD = "canary-batch-password"
BEGIN = datetime.datetime(2026, 11, 2, 8, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def fast_passwords(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclasses.dataclass
class World:
    """Companies on both sides, and what happens to their invoices."""

    portal: LocalPortal
    batch: Batch
    now: datetime.datetime = BEGIN

    @property
    def store(self) -> Store:
        return self.portal.store

    def add_company(self, code: str, siret: str, connected: bool = True) -> Company:
        company = Company.objects.create(code=code, name=code.title(), siret=siret)
        self.store.add_structure(Structure(siret, code.title(), "supplier"))
        if connected:
            self.connect(company)
        return company

    def connect(self, company: Company | None, login: str = "", **values: Any) -> ChorusConnection:
        """Give a company, or *****, an account on the portal and a connection that has its credentials."""
        login = login or f"TECH_{company.code if company else 'ALL'}@cpro.fr"
        sirets = [company.siret] if company else list(Company.objects.values_list("siret", flat=True))
        self.store.add_account(Account(login, "canary-technical-password", sirets))
        return ChorusConnection.objects.create(
            company=company,
            technical_login=login,
            technical_password=Secret.of("canary-technical-password"),
            piste_client_id="test",
            piste_client_secret=Secret.of("canary-piste-secret"),
            **{"environment": "local"} | values,
        )

    def deposit(self, company: Company, number: str, status: str = "DEPOSEE", comment: str = "", **values: Any) -> int:
        """Make an invoice here and on the portal; return the portal's id of it."""
        Invoice.objects.create(
            company=company,
            number=number,
            date=datetime.date(2026, 11, 1),
            customer="Mairie de Lyon",
            dematerialization_status=DematerializationStatus.TRANSMITTED,
            **values,
        )
        history = [StatusChange(status, self.tick(), comment or None)]
        return self.store.add_invoice(
            PortalInvoice(
                number=number, supplier=company.siret, recipient=BUYER, date=datetime.date(2026, 11, 1), history=history
            )
        )

    def move(self, portal_id: int, status: str, comment: str = "") -> None:
        self.store.set_status(portal_id, status, at=self.tick(), comment=comment or None)

    def tick(self) -> datetime.datetime:
        self.now += datetime.timedelta(minutes=1)
        return self.now

    def set(self, **parameters: str) -> None:
        for code, value in parameters.items():
            self.batch.parameters.update_or_create(code=code, defaults={"value": value})

    def run(self, **options: Any) -> RunResult:
        return runner.run(self.batch, Run.Trigger.COMMAND, **options)


@pytest.fixture
def world(db: None, settings: Settings) -> Iterator[World]:
    user = User.objects.create_user("batch", "support@example.org", PASSWORD)
    user.groups.add(Group.objects.get(name="Operations"))
    batch = Batch.objects.create(code="CHORUS", label="Every hour", template=CheckFacturesClientChorus.code)
    batch.parameters.create(code="BATCH_PWD", secret=Secret.of(PASSWORD))
    with Store() as store, LocalPortal(store) as portal:
        settings.CHORUS_ENVIRONMENTS = {
            **settings.CHORUS_ENVIRONMENTS,
            "local": {"token_url": f"{portal.url}/api/oauth/token", "api_url": portal.url},
        }
        store.add_application(Application("test", "canary-piste-secret"))
        store.add_structure(Structure(BUYER, "Mairie de Lyon", "recipient"))
        made = World(portal, batch)
        made.set(BATCH_USER="batch", BATCH_MAIL="support@example.org")
        yield made


@pytest.fixture
def acme(world: World) -> Company:
    return world.add_company("ACME", "33254021516357")


@pytest.fixture
def claire(db: None) -> User:
    return User.objects.create_user("claire", "claire@example.org", first_name="Claire", language="fr")
