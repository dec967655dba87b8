"""The roles that the migration makes, and their table in the documentation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client
from django.utils.translation import override

from akuiteo.roles import right_name, role_name
from batches.models import Batch
from tests.admin.builders import page, url
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


def in_french(client: Client) -> Client:
    client.cookies["django_language"] = "fr"
    return client


def test_only_the_four_known_roles_are_translated() -> None:
    with override("fr"):
        assert role_name(Group(name="Operations")) == "Exploitation"
        assert role_name(Group(name="Users")) == "Users"


def test_every_right_of_a_role_has_a_french_name() -> None:
    rights = Permission.objects.filter(group__isnull=False).distinct()
    with override("fr"):
        english = [right.codename for right in rights if not right_name(right).startswith("Peut ")]
    assert english == []


def test_a_right_of_no_known_model_is_called_as_it_is_stored() -> None:
    stale = Permission.objects.get(codename="view_batch")
    stale.content_type.model = "gone"
    assert right_name(stale) == "Can view batch"


def test_the_page_of_a_role_names_it_and_its_rights_in_french(administrator: Client) -> None:
    role = Group.objects.get(name="Viewer")
    content = page(in_french(administrator).get(url("auth_group_change", role.pk)))
    assert "<li>Peut consulter les factures</li>" in content
    assert "Viewer" not in content
    assert "Lecteur" in content


def test_the_list_of_roles_is_in_french(administrator: Client) -> None:
    content = page(in_french(administrator).get(url("auth_group_changelist")))
    assert "Comptabilité" in content
    assert "Accounting" not in content


def test_a_superuser_chooses_rights_by_their_french_names(client_of: Any) -> None:
    role = Group.objects.get(name="Viewer")
    content = page(in_french(client_of("superuser")).get(url("auth_group_change", role.pk)))
    assert "Peut lancer des batchs" in content
    assert 'name="name"' in content


def test_a_batch_is_restricted_to_roles_by_their_french_names(administrator: Client, batch: Batch) -> None:
    content = page(in_french(administrator).get(url("batches_batch_change", batch.pk)))
    assert content.count(">Exploitation</option>") == 3
    assert "Operations" not in content


def test_who_only_sees_a_batch_reads_its_restrictions_in_french(viewer: Client, batch: Batch) -> None:
    batch.launch_restricted_to = Group.objects.get(name="Operations")
    batch.save()
    content = page(in_french(viewer).get(url("batches_batch_change", batch.pk)))
    assert "Exploitation" in content
    assert "Operations" not in content
    assert "BATCH_USER" in content.split("launch_restricted_to")[-1]


def test_who_lacks_a_role_is_told_its_french_name(administrator: Client, batch: Batch) -> None:
    fields: dict[str, Any] = {"code": batch.code, "label": batch.label, "template": batch.template}
    fields |= {"launch_restricted_to": Group.objects.get(name="Operations").pk}
    content = page(in_french(administrator).post(url("batches_batch_change", batch.pk), fields))
    assert "Vous n'avez pas le rôle Exploitation" in content.replace("&#x27;", "'").replace("’", "'")
