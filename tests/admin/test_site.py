"""The frame of every page: menus as in the original, the path to a page, languages."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory
from django.utils.html import strip_tags

from akuiteo.models import User
from batches.models import Batch
from tests.admin.builders import make_company, make_invoice, page, url

ALL = {
    "Management > Sales": ["Invoices"],
    "Setup > Batches": ["Batch creation and modification", "Runs", "Outgoing mail"],
    "Setup > Special parameters": ["Companies", "Chorus connections"],
    "Users": ["Users", "Roles"],
}


def menus(client: Client) -> dict[str, list[str]]:
    app_list: list[dict[str, Any]] = client.get(url("index")).context["app_list"]
    return {str(app["name"]): [str(model["name"]) for model in app["models"]] for app in app_list}


def part(text: str, start: str, end: str) -> list[str]:
    """Return the texts of a part of a page, one for each piece between tags."""
    inner = text[text.index(start) :]
    return [line.strip() for line in strip_tags(inner[: inner.index(end)]).splitlines() if line.strip()]


def path_to(client: Client, address: str) -> list[str]:
    """Return the steps that a page shows above its title."""
    steps = page(client.get(address)).split('class="site-path"', 1)[1].split("</nav>", 1)[0]
    return [strip_tags(step).strip() for step in re.findall(r"<li>(.*?)</li>", steps, re.DOTALL)]


def test_the_menus_are_those_of_the_original(administrator: Client) -> None:
    assert menus(administrator) == ALL


@pytest.mark.parametrize(
    ("role", "names"),
    [
        ("Viewer", ["Management > Sales", "Setup > Batches", "Setup > Special parameters"]),
        ("Accounting", ["Management > Sales", "Setup > Batches", "Setup > Special parameters"]),
        ("Operations", ["Management > Sales", "Setup > Batches", "Setup > Special parameters", "Users"]),
    ],
)
def test_a_role_has_the_menus_that_it_may_use(client_of: Any, role: str, names: list[str]) -> None:
    assert list(menus(client_of(role))) == names


def test_a_menu_has_only_what_the_user_may_see(accounting: Client) -> None:
    assert menus(accounting)["Setup > Special parameters"] == ["Companies"]


def test_every_page_has_the_menus_and_says_which_of_them_it_is(viewer: Client) -> None:
    text = page(viewer.get(url("batches_run_changelist")))
    assert part(text, '<nav id="menus"', "</nav>")[:3] == ["Dashboard", "Management &gt; Sales", "Invoices"]
    assert re.findall(r'<a href="([^"]+)" aria-current="page"', text) == [url("batches_run_changelist")]


@pytest.mark.parametrize(
    ("view", "steps"),
    [
        ("chorus_invoice_changelist", ["Dashboard", "Management", "Sales", "Invoices"]),
        ("batches_batch_changelist", ["Dashboard", "Setup", "Batches", "Batch creation and modification"]),
        ("batches_batch_add", ["Dashboard", "Setup", "Batches", "Batch creation and modification", "New batch"]),
        ("chorus_company_changelist", ["Dashboard", "Setup", "Special parameters", "Companies"]),
        ("auth_group_changelist", ["Dashboard", "Users", "Roles"]),
        ("password_change", ["Dashboard", "Password change"]),
    ],
)
def test_the_path_to_a_page_is_that_of_the_menus(administrator: Client, view: str, steps: list[str]) -> None:
    assert path_to(administrator, url(view)) == steps


def test_the_path_to_an_invoice_ends_with_its_number(viewer: Client) -> None:
    invoice = make_invoice(make_company(), "F2026-0001")
    assert path_to(viewer, url("chorus_invoice_change", invoice.pk))[-2:] == ["Invoices", "F2026-0001"]


def test_s12_a_hostile_name_in_the_path_is_inert(viewer: Client, batch: Batch) -> None:
    Batch.objects.filter(pk=batch.pk).update(code="<script>x</script>")
    assert "<script>x</script>" not in page(viewer.get(url("batches_batch_change", batch.pk)))


def test_a_model_in_no_menu_stays_within_reach(db: None) -> None:
    site = type(admin.site._wrapped)()  # type: ignore[attr-defined]
    site.register(Permission)
    request = RequestFactory().get("/")
    request.user = User.objects.create(username="root", is_superuser=True)
    (group,) = site.get_app_list(request)
    assert [model["object_name"] for model in group["models"]] == ["Permission"]


def test_the_page_of_one_application_leads_to_the_dashboard(viewer: Client) -> None:
    assert viewer.get(url("app_list", "batches"))["Location"] == url("index")


def test_who_has_no_role_is_sent_to_the_login(client_of: Any) -> None:
    assert client_of("nobody").get(url("index"))["Location"].startswith(url("login"))


@pytest.mark.parametrize(("accepted", "language"), [("fr-FR,fr;q=0.9,en;q=0.5", "fr"), ("de-DE", "en"), ("", "en")])
def test_a_page_is_in_the_language_of_the_browser(client: Client, db: None, accepted: str, language: str) -> None:
    text = page(client.get(url("login"), headers={"accept-language": accepted}))
    assert f'<html lang="{language}"' in text


def test_the_switch_offers_the_other_language_and_comes_back(viewer: Client) -> None:
    here = url("batches_run_changelist") + "?outcome__exact=failed"
    text = page(viewer.get(here))
    assert '<button name="language" value="fr" lang="fr">Français</button>' in text
    assert viewer.post("/i18n/setlang/", {"language": "fr", "next": here})["Location"] == here
    assert '<html lang="fr"' in page(viewer.get(here))


def test_the_switch_leads_to_no_other_site(viewer: Client) -> None:
    answer = viewer.post("/i18n/setlang/", {"language": "fr", "next": "https://elsewhere.example.org/"})
    assert answer["Location"] == "/"
