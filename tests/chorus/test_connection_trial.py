"""Trying a connection over real HTTP: what works, and in words what does not."""

from __future__ import annotations

import datetime
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from akuiteo.secrets import Secret, SecretUnreadableError
from chorus.connection_trial import Mark, Trial, try_connection
from chorus.local_portal.faults import parse_text
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Account, Application, Structure
from chorus.local_portal.state.store import Store
from chorus.models import ChorusConnection, Company
from tests.chorus.portal.servers import HEALTH, answer, example, portal_server

SIRET = "33254021516357"
LOGIN = "TECH_1_00001@cpro.fr"
ENDS_ON = datetime.date(2027, 11, 8)
pytestmark = pytest.mark.django_db


@pytest.fixture
def portal(settings: Any) -> Iterator[LocalPortal]:
    with Store() as store:
        store.add_application(Application("acme", "canary-piste"))
        store.add_structure(Structure(SIRET, "Acme", "supplier"))
        store.add_account(Account(LOGIN, "canary-technical", [SIRET], ENDS_ON))
        with LocalPortal(store) as server:
            point_at(settings, server.url)
            yield server


@pytest.fixture
def connection(db: None) -> ChorusConnection:
    return ChorusConnection.objects.create(
        company=Company.objects.create(code="ACME", name="Acme", siret=SIRET),
        environment="local",
        piste_client_id="acme",
        piste_client_secret=Secret.of("canary-piste"),
        technical_login=LOGIN,
        technical_password=Secret.of("canary-technical"),
    )


def point_at(settings: Any, url: str) -> None:
    settings.CHORUS_ENVIRONMENTS = {"local": {"token_url": f"{url}/api/oauth/token", "api_url": url}}


def marks(trial: Trial) -> list[Mark]:
    return [step.mark for step in trial.steps]


def wrong(trial: Trial) -> str:
    """Return what is said of the step that failed; the ones after it were not tried."""
    first = marks(trial).index(Mark.BAD)
    assert set(marks(trial)[first + 1 :]) <= {Mark.NOT_TRIED}
    step = trial.steps[first]
    assert step.advice
    assert "canary" not in trial.sentence
    return f"{step.name}: {step.words} {step.advice}"


def test_all_steps_of_a_good_connection_are_good(portal: LocalPortal, connection: ChorusConnection) -> None:
    trial = try_connection(connection)
    assert marks(trial) == [Mark.GOOD] * 5
    assert trial.sentence == "all is well: token, technical account and API work."


@pytest.mark.slow
@pytest.mark.parametrize(
    ("field", "value"), [("piste_client_id", "other"), ("piste_client_secret", Secret.of("canary-wrong"))]
)
def test_a_wrong_piste_id_or_secret_is_said_to_be_one_of_the_two(
    portal: LocalPortal, connection: ChorusConnection, field: str, value: Any
) -> None:
    setattr(connection, field, value)
    said = wrong(try_connection(connection))
    assert said.startswith("PISTE application: PISTE does not accept the client id or the client secret")
    assert "this connection is for local" in said


@pytest.mark.parametrize(
    ("field", "value"), [("technical_login", "TECH_9@cpro.fr"), ("technical_password", Secret.of("canary-wrong"))]
)
def test_a_wrong_technical_login_or_password_is_said_to_be_one_of_the_two(
    portal: LocalPortal, connection: ChorusConnection, field: str, value: Any
) -> None:
    setattr(connection, field, value)
    trial = try_connection(connection)
    assert trial.steps[0].mark is Mark.GOOD
    assert wrong(trial).startswith("Technical account: Chorus Pro does not accept the technical login or its password")


def test_the_login_of_a_person_is_recognised(portal: LocalPortal, connection: ChorusConnection) -> None:
    connection.technical_login = "anne@example.org"
    assert "not that of a technical account" in wrong(try_connection(connection))


def test_a_password_that_has_ended_is_named_as_the_reason(portal: LocalPortal, connection: ChorusConnection) -> None:
    connection.technical_password = Secret.of("canary-former")
    connection.technical_password_set_on = timezone.localdate() - datetime.timedelta(days=425)
    assert "The password has ended on" in wrong(try_connection(connection))


def test_a_missing_right_is_named(settings: Any, connection: ChorusConnection) -> None:
    with portal_server() as portal:
        point_at(settings, portal.url)
        portal.say(HEALTH, answer(status=403))
        said = wrong(try_connection(connection))
    assert "A right is missing" in said
    assert "subscribe the application" in said


def test_only_the_search_may_be_missing(settings: Any, connection: ChorusConnection) -> None:
    with portal_server() as portal:
        point_at(settings, portal.url)
        portal.say(HEALTH, answer(example("health_check")))
        portal.say("/cpro/factures/v1/rechercher/fournisseur", answer(status=403))
        said = wrong(try_connection(connection))
    assert said.startswith("Right to follow invoices: A right is missing")


@pytest.mark.slow
def test_a_portal_that_is_down_is_said_to_be_down(settings: Any, connection: ChorusConnection) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    point_at(settings, f"http://127.0.0.1:{port}")
    began = time.monotonic()
    said = wrong(try_connection(connection))
    assert time.monotonic() - began < 10
    assert "The portal refuses connections" in said
    assert f"127.0.0.1:{port}" in said


@pytest.mark.wrong_traffic
@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("kind=server-error,status=503", "the portal is down"),
        ("kind=redirect,to=http://127.0.0.1:9/", "redirect to 127.0.0.1 refused"),
        ("kind=empty-body", "empty answer"),
        ("kind=reset", "connection lost"),
        ("kind=invalid-body,form=html", "unreadable answer"),
    ],
)
def test_what_stands_in_the_way_is_named(
    portal: LocalPortal, connection: ChorusConnection, fault: str, words: str
) -> None:
    portal.faults.add([parse_text(fault)])
    assert words in wrong(try_connection(connection)).lower()


def test_a_portal_whose_certificate_is_not_trusted_is_sent_nothing(settings: Any, connection: ChorusConnection) -> None:
    with portal_server() as portal:
        point_at(settings, portal.url.replace("http:", "https:"))
        trial = try_connection(connection)
    assert "TLS" in wrong(trial)
    assert portal.requests == []


def test_a_random_refusal_of_piste_is_no_error(portal: LocalPortal, connection: ChorusConnection) -> None:
    portal.faults.add([parse_text("kind=invalid-client,times=1")])
    assert try_connection(connection).works


def test_a_pause_that_the_portal_asks_for_is_told_and_not_waited_for(
    portal: LocalPortal, connection: ChorusConnection
) -> None:
    portal.faults.add([parse_text("kind=too-many,retry-after=60,path=/cpro/*")])
    began = time.monotonic()
    assert "Test again after" in wrong(try_connection(connection))
    assert time.monotonic() - began < 10


def test_a_company_that_the_account_is_not_attached_to_is_named(
    portal: LocalPortal, connection: ChorusConnection
) -> None:
    Company.objects.update(siret="33254021516365")
    trial = try_connection(connection)
    assert trial.works
    assert trial.steps[3].mark is Mark.WARN
    assert "does not see the structure of: ACME" in trial.sentence


def test_the_end_of_the_password_is_read_from_the_portal_and_stored(
    portal: LocalPortal, connection: ChorusConnection
) -> None:
    trial = try_connection(connection)
    connection.refresh_from_db()
    assert connection.technical_password_ends_on == ENDS_ON
    assert "2027" in trial.steps[4].words


def test_what_the_portal_says_is_stored_once(portal: LocalPortal, connection: ChorusConnection) -> None:
    before = connection.history.count()
    try_connection(connection)
    try_connection(connection)
    assert connection.history.count() == before + 1
    assert connection.history.first().history_change_reason == "check_chorus"


def test_what_is_said_of_an_account_that_was_changed_meanwhile_is_not_stored(
    portal: LocalPortal, connection: ChorusConnection
) -> None:
    ChorusConnection.objects.update(technical_login="TECH_2@cpro.fr")
    try_connection(connection)
    connection.refresh_from_db()
    assert connection.technical_password_ends_on is None


def test_a_right_that_following_does_not_need_is_no_error(settings: Any, connection: ChorusConnection) -> None:
    with portal_server() as portal:
        point_at(settings, portal.url)
        portal.say(HEALTH, answer(example("health_check")))
        portal.say("/cpro/structures/v1/rechercher", answer(status=403))
        trial = try_connection(connection)
    assert trial.works
    assert trial.steps[-1].mark is Mark.WARN


@pytest.mark.slow
def test_a_token_that_is_kept_already_proves_nothing(portal: LocalPortal, connection: ChorusConnection) -> None:
    assert try_connection(connection).works
    portal.faults.add([parse_text("kind=invalid-client")])
    assert not try_connection(connection).works


def test_a_secret_that_cannot_be_read_is_raised_before_any_call(
    settings: Any, portal: LocalPortal, connection: ChorusConnection
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["x" * 43 + "="]
    connection.refresh_from_db()
    with pytest.raises(SecretUnreadableError):
        try_connection(connection)


def test_the_shared_connection_is_tried_for_the_companies_that_use_it(
    portal: LocalPortal, connection: ChorusConnection
) -> None:
    ChorusConnection.objects.update(company=None)
    connection.refresh_from_db()
    Company.objects.create(code="BETA", name="Beta", siret="33254021516365")
    trial = try_connection(connection)
    assert trial.steps[3].words == "The technical account does not see the structure of: BETA."
