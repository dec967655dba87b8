"""Putting an earlier version of a batch's set-up back in force."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from akuiteo.secrets import Secret
from batches.models import Batch
from tests.admin.builders import make_batch, page, told, url
from tests.admin.versions import lines, make_numbered, save_with, versions


@pytest.fixture
def numbered(db: None) -> Batch:
    return make_numbered()


def restore_url(batch: Batch, number: int) -> str:
    return url("batches_batch_restore", batch.pk, number)


def test_a_page_shows_what_a_restoration_would_change(operations: Client, numbered: Batch) -> None:
    assert lines(operations.get(restore_url(numbered, 1))) == {
        "BATCH_MAIL": ("three@example.org", "support@example.org")
    }
    assert numbered.parameters.get(code="BATCH_MAIL").value == "three@example.org"


def test_an_earlier_version_is_restored_as_a_new_one(operations: Client, numbered: Batch) -> None:
    numbered.label = "Changed"
    numbered.save()
    response = operations.post(restore_url(numbered, 2), follow=True)
    assert "as in version 2 again" in told(response)[0]
    numbered.refresh_from_db()
    assert (numbered.label, numbered.parameters.get(code="BATCH_MAIL").value) == ("Every hour", "two@example.org")
    newest = versions(operations, "batches_batch_history", numbered.pk)[0]
    assert newest.restored == "2"


def test_a_restoration_brings_deleted_parameters_back_and_takes_new_ones_away(
    operations: Client, numbered: Batch
) -> None:
    numbered.parameters.get(code="ALERT").delete()
    numbered.parameters.create(code="NAMES", value="ACME")
    operations.post(restore_url(numbered, 1))
    values = dict(numbered.parameters.values_list("code", "value"))
    assert values["ALERT"] == "False"
    assert "NAMES" not in values


def test_secrets_stay_as_they_are_now(operations: Client, numbered: Batch) -> None:
    row = numbered.parameters.get(code="BATCH_PWD")
    row.secret, row.secret_set_at = Secret.of("typed-password"), timezone.now()
    row.save()
    operations.post(restore_url(numbered, 1))
    assert numbered.parameters.get(code="BATCH_PWD").secret.reveal() == "typed-password"


def test_a_version_whose_values_are_refused_today_is_not_restored(operations: Client, numbered: Batch) -> None:
    save_with(numbered, BATCH_MAIL="no address")
    save_with(numbered, BATCH_MAIL="five@example.org")
    response = operations.post(restore_url(numbered, 4))
    assert "nothing was changed" in page(response)
    assert "BATCH_MAIL" in response.context["problems"][0]
    assert numbered.parameters.get(code="BATCH_MAIL").value == "five@example.org"


def test_a_code_that_another_batch_has_now_is_not_restored(operations: Client, numbered: Batch) -> None:
    numbered.code = "RENAMED"
    numbered.save()
    make_batch("HOURLY")
    assert operations.post(restore_url(numbered, 1)).context["problems"]
    numbered.refresh_from_db()
    assert numbered.code == "RENAMED"


def test_a_template_that_is_not_installed_is_not_restored(operations: Client, numbered: Batch) -> None:
    Batch.history.filter(id=numbered.pk).update(template="Gone")
    assert "Gone" in operations.post(restore_url(numbered, 1)).context["problems"][0]


def test_nobody_shuts_themselves_out_by_restoring(operations: Client, numbered: Batch) -> None:
    Batch.history.filter(id=numbered.pk).update(parameters_restricted_to=Group.objects.get(name="Administrator"))
    assert "Administrator" in operations.post(restore_url(numbered, 1)).context["problems"][0]


def test_who_may_not_change_a_batch_restores_none(client_of: Callable[[str], Client], numbered: Batch) -> None:
    numbered.parameters_restricted_to = Group.objects.get(name="Administrator")
    numbered.save()
    for role in ("Viewer", "Operations"):
        assert client_of(role).post(restore_url(numbered, 1)).status_code == 403
    assert numbered.parameters.get(code="BATCH_MAIL").value == "three@example.org"


def test_a_batch_that_is_not_shown_has_no_history_page(operations: Client, numbered: Batch) -> None:
    numbered.display_restricted_to = Group.objects.get(name="Administrator")
    numbered.save()
    for address in (url("batches_batch_history", numbered.pk), restore_url(numbered, 1)):
        assert operations.get(address).status_code == 404


def test_looking_changes_nothing(operations: Client, numbered: Batch) -> None:
    before = Batch.history.count()
    operations.get(restore_url(numbered, 1))
    assert Batch.history.count() == before


def test_a_version_number_that_is_not_there_is_not_found(operations: Client, numbered: Batch) -> None:
    assert [operations.post(restore_url(numbered, number)).status_code for number in (0, 4)] == [404, 404]


def test_s13_no_version_from_before_a_restriction_lifts_it(operations: Client, numbered: Batch) -> None:
    numbered.launch_restricted_to = Group.objects.get(name="Administrator")
    numbered.save()
    operations.post(restore_url(numbered, 1))
    numbered.refresh_from_db()
    assert numbered.launch_restricted_to == Group.objects.get(name="Administrator")
