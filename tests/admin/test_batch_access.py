"""The three restrictions of a batch, on its screens."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from akuiteo.models import User
from batches.models import Batch
from tests.admin.builders import errors, page, told, url
from tests.admin.test_batches import add, change


def role(name: str) -> Group:
    return Group.objects.get(name=name)


def restrict(batch: Batch, what: str, name: str) -> None:
    setattr(batch, f"{what}_restricted_to", role(name))
    batch.save()


def pages(batch: Batch) -> list[str]:
    return [url(f"batches_batch_{view}", batch.pk) for view in ("change", "history", "delete")]


def test_a_batch_that_is_shown_to_others_only_is_not_listed(operations: Client, batch: Batch) -> None:
    restrict(batch, "display", "Administrator")
    assert list(operations.get(url("batches_batch_changelist")).context["cl"].queryset) == []


def test_a_batch_that_is_shown_to_others_only_has_no_pages(operations: Client, batch: Batch) -> None:
    restrict(batch, "display", "Administrator")
    assert all(operations.get(address).status_code in (302, 404) for address in pages(batch))


def test_a_batch_that_is_shown_to_others_only_can_be_neither_changed_nor_deleted(
    operations: Client, batch: Batch
) -> None:
    restrict(batch, "display", "Administrator")
    change(operations, batch, label="Changed")
    operations.post(url("batches_batch_delete", batch.pk), {"post": "yes"})
    assert Batch.objects.get().label == "Every hour"


def test_its_role_sees_a_batch(operations: Client, batch: Batch) -> None:
    restrict(batch, "display", "Operations")
    assert operations.get(url("batches_batch_change", batch.pk)).status_code == 200


def test_a_code_that_is_taken_by_a_hidden_batch_is_refused(operations: Client, batch: Batch) -> None:
    restrict(batch, "display", "Administrator")
    assert set(errors(add(operations, code="HOURLY"))) == {"code"}


def test_a_batch_that_others_change_is_only_looked_at(operations: Client, batch: Batch) -> None:
    restrict(batch, "parameters", "Administrator")
    text = page(operations.get(url("batches_batch_change", batch.pk)))
    assert 'name="parameter_BATCH_MAIL"' not in text
    assert "support@example.org" in text


def test_a_batch_that_others_change_can_be_neither_changed_nor_deleted(operations: Client, batch: Batch) -> None:
    restrict(batch, "parameters", "Administrator")
    statuses = [
        change(operations, batch, label="Changed").status_code,
        operations.post(url("batches_batch_delete", batch.pk), {"post": "yes"}).status_code,
    ]
    assert statuses == [403, 403]
    assert Batch.objects.get().label == "Every hour"


def test_who_may_not_change_a_batch_may_not_lift_its_restrictions(operations: Client, batch: Batch) -> None:
    restrict(batch, "parameters", "Administrator")
    change(operations, batch, parameters_restricted_to="")
    assert Batch.objects.get().parameters_restricted_to == role("Administrator")


def test_s13_who_may_not_start_a_batch_may_not_lift_that_restriction(operations: Client, batch: Batch) -> None:
    restrict(batch, "launch", "Administrator")
    for chosen in ("", role("Operations").pk):
        (message,) = errors(change(operations, batch, launch_restricted_to=chosen))["launch_restricted_to"]
        assert message.startswith("This is restricted to the role Administrator")
    assert Batch.objects.get().launch_restricted_to == role("Administrator")


@pytest.mark.parametrize("what", ["display", "parameters", "launch"])
def test_nobody_shuts_themselves_out_by_mistake(operations: Client, batch: Batch, what: str) -> None:
    response = change(operations, batch, **{f"{what}_restricted_to": role("Administrator").pk})
    (message,) = errors(response)[f"{what}_restricted_to"]
    assert message.startswith("You do not have the role Administrator")


def test_nobody_makes_a_batch_that_they_do_not_see(operations: Client, db: None) -> None:
    response = add(operations, display_restricted_to=role("Administrator").pk)
    assert set(errors(response)) == {"display_restricted_to"}


def test_a_restriction_that_another_has_set_hinders_no_change(operations: Client, batch: Batch) -> None:
    restrict(batch, "launch", "Administrator")
    change(operations, batch, label="Changed", launch_restricted_to=role("Administrator").pk)
    assert Batch.objects.get().label == "Changed"


def test_a_restriction_to_a_role_of_ones_own_is_stored(operations: Client, batch: Batch) -> None:
    change(operations, batch, launch_restricted_to=role("Operations").pk)
    assert Batch.objects.get().launch_restricted_to == role("Operations")


def test_a_batch_user_without_the_role_that_may_start_the_batch_is_told(operations: Client, batch: Batch) -> None:
    User.objects.create(username="batch")
    change(operations, batch, launch_restricted_to=role("Operations").pk)
    response = operations.get(url("batches_batch_changelist"))
    assert any(message.startswith("BATCH_USER batch does not have the role Operations") for message in told(response))


def test_a_superuser_restricts_to_any_role(client_of: Any, batch: Batch) -> None:
    response = change(client_of("superuser"), batch, display_restricted_to=role("Viewer").pk)
    assert response.status_code == 302
    assert Batch.objects.get().display_restricted_to == role("Viewer")


def test_roles_are_not_made_from_the_form_of_a_batch(client_of: Any, batch: Batch) -> None:
    text = page(client_of("superuser").get(url("batches_batch_change", batch.pk)))
    assert "related-widget-wrapper" not in text
