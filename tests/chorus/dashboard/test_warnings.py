"""What is wrong with the set-up."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.utils import timezone

from akuiteo.dashboard import DashboardWarning
from akuiteo.models import User
from chorus.dashboard.warnings import warnings
from chorus.models import Company
from tests.admin.builders import make_company, make_connection
from tests.chorus.dashboard.builders import an_invoice


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create(username="root", is_superuser=True)


def found(user: User) -> list[DashboardWarning]:
    return list(warnings(user))


def password_ends_in(days: int, **fields: Any) -> None:
    make_connection(technical_password_ends_on=timezone.localdate() + timedelta(days=days), **fields)


@pytest.mark.parametrize(("days", "tone"), [(30, "warn"), (0, "warn"), (-1, "bad")])
def test_a_password_that_ends_within_30_days_is_told(administrator: User, days: int, tone: str) -> None:
    password_ends_in(days)
    (warning,) = found(administrator)
    assert warning.tone == tone
    assert "technical password of *****" in warning.text


def test_a_password_that_lasts_is_not_told(administrator: User) -> None:
    password_ends_in(31)
    assert found(administrator) == []


def test_a_password_ends_424_days_after_it_was_set(administrator: User) -> None:
    make_connection(technical_password_set_on=timezone.localdate() - timedelta(days=425))
    assert [warning.tone for warning in found(administrator)] == ["bad"]


def test_the_password_of_a_disabled_connection_is_not_told(administrator: User) -> None:
    password_ends_in(-5, enabled=False)
    assert found(administrator) == []


def test_companies_without_enabled_connection_are_named(administrator: User, company: Company) -> None:
    make_connection(company, enabled=False)
    make_connection(make_company("OTHER"))
    (warning,) = found(administrator)
    assert "1 company" in warning.text
    assert "ACME" in warning.text
    assert "OTHER" not in warning.text


def test_the_connection_of_all_companies_serves_those_without(administrator: User, company: Company) -> None:
    make_connection()
    assert found(administrator) == []


def test_many_companies_are_not_all_named(administrator: User) -> None:
    for number in range(7):
        make_company(f"C{number}")
    (warning,) = found(administrator)
    assert "7 companies" in warning.text
    assert "C6" not in warning.text


@pytest.mark.parametrize("manager", [None, {"email": ""}, {"email": "gone@example.org", "is_active": False}])
def test_f33_open_invoices_whose_alerts_reach_nobody_are_counted(
    administrator: User, company: Company, manager: dict[str, Any] | None
) -> None:
    make_connection()
    unreached = User.objects.create(username="unreached", **manager) if manager else None
    anna = User.objects.create(username="anna", email="anna@example.org")
    an_invoice(company, "DEPOSEE", manager=unreached)
    an_invoice(company, "DEPOSEE", manager=anna)
    an_invoice(company, "MISE_EN_PAIEMENT", manager=unreached)
    (warning,) = found(administrator)
    assert warning.text == "The alerts of 1 open invoice reach nobody."
    assert "assign a manager" in warning.advice


def test_who_may_not_see_connections_is_not_told_of_them(company: Company) -> None:
    password_ends_in(-1, company=company)
    an_invoice(company, "DEPOSEE", manager=None)
    reader = User.objects.create(username="reader")
    assert found(reader) == []
    reader.user_permissions.add(Permission.objects.get(codename="view_invoice"))
    assert ["invoice" in warning.text for warning in found(User.objects.get(pk=reader.pk))] == [True]
