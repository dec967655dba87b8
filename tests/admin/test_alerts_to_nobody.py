"""Invoices whose alerts reach nobody: what list and page of invoices say of their managers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from akuiteo.models import User
from batches.models import OutgoingEmail
from chorus.models import Company, Invoice
from tests.admin.builders import make_company, make_invoice, make_mail, page, url


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


def list_page(client: Client) -> str:
    return page(client.get(url("chorus_invoice_changelist")))


def change_page(client: Client, invoice: Invoice) -> str:
    return page(client.get(url("chorus_invoice_change", invoice.pk)))


def a_manager(**fields: Any) -> User:
    values = {"username": "anna", "first_name": "Anna", "last_name": "Roy", "email": "anna@example.org"}
    return User.objects.create(**values | fields)


def mailed(address: str, *statuses: str) -> OutgoingEmail:
    """Make a mail to an address for each of these fates, and return the last one."""
    for status in statuses:
        sent_at = timezone.now() if status in ("sent", "delivered") else None
        mail = make_mail(to=[address], status=status, sent_at=sent_at)
    return mail


@pytest.mark.parametrize(
    ("fields", "statuses", "expected"),
    [
        ({"is_active": False}, (), "inactive"),
        ({"email": ""}, (), "no address"),
        ({}, ("sent", "refused"), "address refused"),
        ({}, ("delivered", "bounced", "due"), "mails come back"),
        ({}, ("refused", "sent"), None),
        ({}, ("delivered",), None),
        ({}, (), None),
    ],
)
def test_f32_f33_list_and_page_say_why_alerts_of_a_followed_invoice_reach_nobody(
    viewer: Client, company: Company, fields: dict[str, Any], statuses: tuple[str, ...], expected: str | None
) -> None:
    manager = a_manager(**fields)
    if statuses:
        mailed(manager.email, *statuses)
    invoice = make_invoice(company, manager=manager)
    badge = f'<span class="badge warn">{expected}</span>'
    for text in (list_page(viewer), change_page(viewer, invoice)):
        assert "Anna Roy" in text
        assert (badge in text) if expected else ('class="badge warn"' not in text)
    assert ("Its alerts reach nobody" in change_page(viewer, invoice)) is bool(expected)


def test_f33_the_page_of_an_invoice_without_manager_says_that_its_alerts_reach_nobody(
    viewer: Client, company: Company
) -> None:
    assert "Its alerts reach nobody: assign a manager." in change_page(viewer, make_invoice(company))


def test_f33_nothing_is_said_of_alerts_where_none_will_come(viewer: Client, company: Company) -> None:
    ended = make_invoice(company, chorus_status="MISE_EN_PAIEMENT", manager=a_manager(email=""))
    assert "Its alerts reach nobody" not in change_page(viewer, ended)
    assert "no address" not in list_page(viewer)


def test_f32_the_page_leads_to_the_mail_that_was_refused_who_may_see_it(
    viewer: Client, company: Company, client_of: Callable[[str], Client]
) -> None:
    invoice = make_invoice(company, manager=a_manager())
    link = f'href="{url("batches_outgoingemail_change", mailed("anna@example.org", "refused").pk)}">Show the mail</a>'
    assert link in change_page(viewer, invoice)
    reader = client_of("of invoices")
    permission = Permission.objects.get(codename="view_invoice")
    User.objects.get(username="of invoices").user_permissions.add(permission)
    text = change_page(reader, invoice)
    assert "Show the mail" not in text


def test_f32_the_fate_of_mails_to_many_managers_takes_no_query_more(viewer: Client, company: Company) -> None:
    def queries(numbers: range) -> int:
        for number in numbers:
            manager = a_manager(username=str(number), email=f"m{number}@example.org")
            mailed(manager.email, "refused")
            make_invoice(company, str(number), manager=manager)
        with CaptureQueriesContext(connection) as captured:
            assert list_page(viewer).count("address refused") == numbers.stop
        return len(captured)

    assert queries(range(1)) == queries(range(1, 20))
