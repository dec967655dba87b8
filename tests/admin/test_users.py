"""Users: who has a role may log in; an Administrator cannot become more than that."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from akuiteo.models import User
from tests.admin.builders import page, url

DATES = {"date_joined_0": "2026-11-22", "date_joined_1": "12:00:00"}


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create(username="anna")


def form(user: User, **fields: Any) -> dict[str, Any]:
    return DATES | {"username": user.username, "language": "fr", "is_active": "on"} | fields


def test_a_user_is_added_with_a_password(administrator: Client) -> None:
    password = "a long enough passphrase"
    fields = {"username": "new", "usable_password": "true", "password1": password, "password2": password}
    assert administrator.post(url("akuiteo_user_add"), fields).status_code == 302
    assert User.objects.get(username="new").check_password(password)


def test_giving_a_role_lets_a_user_log_in(administrator: Client, anna: User) -> None:
    role = Group.objects.get(name="Accounting")
    administrator.post(url("akuiteo_user_change", anna.pk), form(anna, groups=role.pk))
    anna.refresh_from_db()
    assert anna.is_staff
    assert anna.has_perm("chorus.change_invoice")


def test_taking_the_last_role_away_keeps_a_user_out(administrator: Client, anna: User) -> None:
    anna.groups.add(Group.objects.get(name="Viewer"))
    User.objects.update(is_staff=True)
    administrator.post(url("akuiteo_user_change", anna.pk), form(anna))
    anna.refresh_from_db()
    assert not anna.is_staff


def test_an_administrator_makes_no_superuser(administrator: Client, anna: User) -> None:
    administrator.post(url("akuiteo_user_change", anna.pk), form(anna, is_superuser="on", is_staff="on"))
    anna.refresh_from_db()
    assert anna.language == "fr"
    assert (anna.is_superuser, anna.is_staff) == (False, False)


def test_an_administrator_changes_no_superuser(administrator: Client) -> None:
    root = User.objects.create(username="root", is_superuser=True)
    for view in ("akuiteo_user_change", "auth_user_password_change"):
        assert administrator.post(url(view, root.pk), {}).status_code == 403
    assert administrator.post(url("akuiteo_user_delete", root.pk), {"post": "yes"}).status_code == 403


def test_a_superuser_makes_superusers(client_of: Any, anna: User) -> None:
    client_of("superuser").post(url("akuiteo_user_change", anna.pk), form(anna, is_superuser="on"))
    anna.refresh_from_db()
    assert anna.is_superuser
    assert anna.is_staff


@pytest.fixture
def in_french(administrator: Client) -> Client:
    administrator.cookies["django_language"] = "fr"
    return administrator


def test_roles_are_chosen_by_their_french_names(in_french: Client, anna: User) -> None:
    content = page(in_french.get(url("akuiteo_user_change", anna.pk)))
    assert all(name in content for name in ("Lecteur", "Comptabilité", "Exploitation", "Administrateur"))
    assert "Viewer" not in content


def test_the_list_and_its_filter_name_roles_in_french(in_french: Client, anna: User) -> None:
    anna.groups.add(Group.objects.get(name="Viewer"))
    content = page(in_french.get(url("akuiteo_user_changelist")))
    assert content.count("Lecteur") == 2
    assert "Viewer" not in content


def test_the_history_of_a_user_names_roles_in_french(in_french: Client, anna: User) -> None:
    role = Group.objects.get(name="Accounting")
    in_french.post(url("akuiteo_user_change", anna.pk), form(anna, groups=role.pk))
    content = page(in_french.get(url("akuiteo_user_history", anna.pk)))
    assert "Comptabilité" in content
    assert "Accounting" not in content


def test_the_language_of_mails_is_chosen_on_the_form(administrator: Client, anna: User) -> None:
    assert 'name="language"' in page(administrator.get(url("akuiteo_user_change", anna.pk)))


def test_nobody_deletes_themselves(administrator: Client) -> None:
    own = User.objects.get(pk=administrator.session["_auth_user_id"])
    assert administrator.post(url("akuiteo_user_delete", own.pk), {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": own.pk, "post": "yes"}
    assert administrator.post(url("akuiteo_user_changelist"), chosen).status_code == 403
    assert User.objects.filter(pk=own.pk).exists()
