"""Setup > Special parameters > Chorus connections > Test the connection."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from akuiteo.secrets import Secret
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Account, Application, Structure
from chorus.local_portal.state.store import Store
from tests.admin.builders import make_company, make_connection, page, url


@pytest.fixture
def portal(settings: Any) -> Iterator[LocalPortal]:
    with Store() as store:
        store.add_application(Application("acme", "stored-piste-secret"))
        store.add_structure(Structure("33254021516357", "Acme", "supplier"))
        store.add_account(Account("TECH_1@cpro.fr", "stored-technical-password", ["33254021516357"], date(2027, 11, 8)))
        with LocalPortal(store) as server:
            addresses = {"token_url": f"{server.url}/api/oauth/token", "api_url": server.url}
            settings.CHORUS_ENVIRONMENTS = settings.CHORUS_ENVIRONMENTS | {"local": addresses}
            yield server


def test_a_test_says_step_by_step_what_works(operations: Client, portal: LocalPortal) -> None:
    connection = make_connection(make_company())
    text = page(operations.post(url("chorus_chorusconnection_test", connection.pk)))
    assert "This connection works." in text
    assert text.count('class="badge good"') == 6
    connection.refresh_from_db()
    assert connection.technical_password_ends_on == date(2027, 11, 8)


def test_a_test_says_what_is_wrong_and_what_to_do(operations: Client, portal: LocalPortal) -> None:
    connection = make_connection(make_company(), technical_password=Secret.of("stored-wrong"))
    text = page(operations.post(url("chorus_chorusconnection_test", connection.pk)))
    assert "This connection does not work." in text
    assert "Chorus Pro does not accept the technical login or its password" in text
    assert "What to do:" in text
    assert "stored-" not in text


def test_opening_the_page_of_a_test_calls_nobody(operations: Client, portal: LocalPortal) -> None:
    connection = make_connection(make_company())
    assert "What is tested" in page(operations.get(url("chorus_chorusconnection_test", connection.pk)))
    connection.refresh_from_db()
    assert connection.technical_password_ends_on is None


def test_f39_a_secret_that_cannot_be_read_is_told_by_a_test(operations: Client, settings: Any) -> None:
    connection = make_connection()
    settings.FIELD_ENCRYPTION_KEYS = ["x" * 43 + "="]
    assert "FIELD_ENCRYPTION_KEYS" in page(operations.post(url("chorus_chorusconnection_test", connection.pk)))


def test_who_may_look_but_not_test_is_not_offered_it(client_of: Any) -> None:
    connection = make_connection()
    browser = client_of("Operations")
    Group.objects.get(name="Operations").permissions.remove(Permission.objects.get(codename="test_chorusconnection"))
    assert "Test the connection" not in page(browser.get(url("chorus_chorusconnection_change", connection.pk)))
    assert browser.post(url("chorus_chorusconnection_test", connection.pk)).status_code == 403
