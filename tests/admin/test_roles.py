"""The roles that the migration makes, and their table in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.auth.models import Group, Permission

from tests.admin.conftest import ROLES

DOCUMENT = Path(__file__).parents[2] / "docs" / "roles.md"
pytestmark = pytest.mark.django_db


def permissions_of(role: str) -> set[str]:
    permissions = Group.objects.get(name=role).permissions.select_related("content_type")
    return {f"{permission.content_type.app_label}.{permission.codename}" for permission in permissions}


def documented() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {role: set() for role in ROLES}
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        right, *answers = [cell.strip() for cell in line.strip("|").split("|")]
        for role, answer in zip(ROLES, answers, strict=False):
            if answer == "yes":
                found[role] |= set(re.findall(r"`(\w+\.\w+)`", right))
    return found


@pytest.mark.parametrize("role", ROLES)
def test_the_documented_rights_of_a_role_are_those_it_has(role: str) -> None:
    assert documented()[role]
    assert permissions_of(role) == documented()[role]


def test_a_viewer_may_only_look() -> None:
    assert all(".view_" in permission for permission in permissions_of("Viewer"))


def test_an_administrator_may_do_all_that_the_others_may() -> None:
    others = permissions_of("Viewer") | permissions_of("Accounting") | permissions_of("Operations")
    assert others < permissions_of("Administrator")


@pytest.mark.parametrize("model", ["run", "runlogline", "outgoingemail", "statuschange", "invoice", "group"])
def test_no_role_deletes_history_or_roles(model: str) -> None:
    assert not Group.objects.filter(permissions__codename=f"delete_{model}").exists()


def test_the_migration_names_permissions_as_django_does() -> None:
    names = dict(Permission.objects.values_list("codename", "name"))
    assert names["run_batch"] == "Can run batches"
    assert names["view_chorusconnection"] == "Can view Chorus connection"


def test_no_permission_exists_twice() -> None:
    keys = list(Permission.objects.values_list("content_type", "codename"))
    assert len(keys) == len(set(keys))
