"""The form of a company: to which role it is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from chorus.models import Company
from tests.admin.builders import errors, make_company, page, url


def change(client: Client, company: Company, role: str) -> Any:
    group = Group.objects.get(name=role).pk if role else ""
    form = {"code": company.code, "name": company.name, "siret": company.siret, "display_restricted_to": group}
    return client.post(url("chorus_company_change", company.pk), form | {"chorus-TOTAL_FORMS": 0} | MANAGEMENT)


MANAGEMENT = {"chorus-INITIAL_FORMS": 0, "chorus-MIN_NUM_FORMS": 0, "chorus-MAX_NUM_FORMS": 1}


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


def test_it_restricts_a_company_to_a_role_and_the_history_tells_it(administrator: Client, company: Company) -> None:
    assert change(administrator, company, "Administrator").status_code == 302
    company.refresh_from_db()
    assert company.display_restricted_to == Group.objects.get(name="Administrator")
    text = page(administrator.get(url("chorus_company_history", company.pk), headers={"accept-language": "fr"}))
    assert "Administrateur" in text


def test_it_lets_nobody_shut_themselves_out(administrator: Client, company: Company) -> None:
    (message,) = errors(change(administrator, company, "Viewer"))["display_restricted_to"]
    assert message.startswith("You do not have the role Viewer")


def test_it_lets_a_superuser_restrict_to_any_role_and_lift_it(
    client_of: Callable[[str], Client], company: Company
) -> None:
    superuser = client_of("superuser")
    change(superuser, company, "Viewer")
    assert Company.objects.get().display_restricted_to is not None
    change(superuser, company, "")
    assert Company.objects.get().display_restricted_to is None


def test_it_makes_no_roles(client_of: Callable[[str], Client], company: Company) -> None:
    assert "related-widget-wrapper" not in page(client_of("superuser").get(url("chorus_company_change", company.pk)))


def test_it_names_the_role_in_the_readers_language(viewer: Client, company: Company) -> None:
    Company.objects.update(display_restricted_to=Group.objects.get(name="Viewer"))
    text = page(viewer.get(url("chorus_company_change", company.pk), headers={"accept-language": "fr"}))
    assert '<div class="readonly">Lecteur</div>' in text
