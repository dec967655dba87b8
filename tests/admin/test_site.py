"""The menus are those of the original."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Permission
from django.test import Client, RequestFactory

from akuiteo.models import User
from tests.admin.builders import page, url


def menus(client: Client) -> dict[str, list[str]]:
    app_list: list[dict[str, Any]] = client.get(url("index")).context["app_list"]
    return {str(app["name"]): [str(model["name"]) for model in app["models"]] for app in app_list}


def test_the_index_has_the_menus_of_the_original(administrator: Client) -> None:
    assert menus(administrator) == {
        "Management > Sales": ["Invoices"],
        "Setup > Batches": ["Batch creation and modification", "Runs", "Outgoing mails"],
        "Setup > Special parameters": ["Companies", "Chorus connections"],
        "Users": ["Users", "Groups"],
    }


def test_a_menu_has_only_what_the_user_may_see(accounting: Client) -> None:
    assert menus(accounting)["Setup > Special parameters"] == ["Companies"]
    assert "Users" not in menus(accounting)


def test_the_sidebar_has_the_same_menus(viewer: Client) -> None:
    assert "Batch creation and modification" in page(viewer.get(url("batches_run_changelist")))


def test_a_model_in_no_menu_stays_within_reach(db: None) -> None:
    site = type(admin.site._wrapped)()  # type: ignore[attr-defined]
    site.register(Permission)
    request = RequestFactory().get("/")
    request.user = User.objects.create(username="root", is_superuser=True)
    (group,) = site.get_app_list(request)
    assert [model["object_name"] for model in group["models"]] == ["Permission"]


def test_the_page_of_one_application_still_opens(viewer: Client) -> None:
    assert "Outgoing mails" in page(viewer.get(url("app_list", "batches")))


def test_who_has_no_role_is_sent_to_the_login(client_of: Any) -> None:
    assert client_of("nobody").get(url("index"))["Location"].startswith(url("login"))
