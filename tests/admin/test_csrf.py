"""Nothing is changed by looking, nor by a form that another site sends with a person's session (S15)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client

from akuiteo.models import User
from batches.models import Batch, Outcome, Run
from chorus.models import Invoice, InvoiceImport
from tests.admin.builders import make_change, make_run, url
from tests.admin.test_permissions import address, make_rows, table

FORBIDDEN = 403
LEFT_BY_LOOKING = frozenset({"django_session"})
"""Tables that a visit writes to: its messages were shown."""


@pytest.fixture
def addresses(db: None) -> dict[str, str]:
    """Addresses by route, and rows for them to show and to change."""
    rows = make_rows()
    owner = User.objects.get(username="anna")
    kept = InvoiceImport.objects.create(user=owner, file_name="invoices.csv", content=b"company,number,date\n")
    make_change(Invoice.objects.get(), "", "SUSPENDUE", comment="why")
    make_run(Batch.objects.get(code="HOURLY"), outcome=Outcome.RUNNING, ended_at=None)  # its process is gone
    return {route: address(route, {**rows, "import": kept.pk}) for route in table()}


def content() -> dict[str, list[Any]]:
    """Return all rows of the database, by table."""
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - LEFT_BY_LOOKING
    rows = {}
    with connection.cursor() as cursor:
        for name in sorted(tables):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)} ORDER BY 1")  # noqa: S608 - our tables
            rows[name] = cursor.fetchall()
    return rows


def test_s15_no_form_is_taken_without_its_token(client_of: Callable[[str], Client], addresses: dict[str, str]) -> None:
    browser = client_of("superuser")
    browser.handler.enforce_csrf_checks = True
    before = content()
    for form in ({}, {"post": "yes", "csrfmiddlewaretoken": "x" * 64}):
        taken = {route for route, path in addresses.items() if browser.post(path, form).status_code != FORBIDDEN}
        assert taken == set()
    assert content() == before


def test_s15_looking_at_any_page_changes_nothing(client_of: Callable[[str], Client], addresses: dict[str, str]) -> None:
    browser = client_of("superuser")
    before = content()
    changed = []
    for route, path in addresses.items():
        browser.get(path).getvalue()
        if content() != before:
            changed.append(route)
            before = content()
    assert changed == []


def test_s15_a_token_of_another_session_is_worth_nothing(client_of: Callable[[str], Client]) -> None:
    browser, other = client_of("superuser"), Client(enforce_csrf_checks=True)
    browser.handler.enforce_csrf_checks = True
    token = other.get(url("login")).context["csrf_token"]
    answer = browser.post(url("auth_group_add"), {"name": "Spare", "csrfmiddlewaretoken": str(token)})
    assert answer.status_code == FORBIDDEN


def test_s15_a_form_of_another_site_is_refused_even_with_a_token(client_of: Callable[[str], Client]) -> None:
    browser = client_of("superuser")
    browser.handler.enforce_csrf_checks = True
    form = {"name": "Spare", "csrfmiddlewaretoken": str(browser.get(url("auth_group_add")).context["csrf_token"])}
    origins = {"https://evil.example.org": FORBIDDEN, "null": FORBIDDEN, "http://testserver": 302}
    for origin, status in origins.items():
        assert browser.post(url("auth_group_add"), form, headers={"Origin": origin}).status_code == status


def test_s15_a_run_is_started_by_a_form_alone(client_of: Callable[[str], Client], addresses: dict[str, str]) -> None:
    before = Run.objects.count()
    browser = client_of("superuser")
    for route in ("/admin/batches/run/launch/<int:batch_pk>/", "/admin/batches/run/<int:pk>/again/"):
        browser.get(addresses[route])
    assert Run.objects.count() == before
