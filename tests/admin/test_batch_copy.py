"""Copying a batch."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.test import Client

from akuiteo.secrets import Secret
from batches.models import Batch
from tests.admin.builders import errors, make_batch, page, url
from tests.admin.test_batches import VALID, row_of, ticked, values


def copy(client: Client, batch: Batch) -> str:
    return page(client.get(url("batches_batch_add"), {"copy": batch.pk}))


def test_the_page_of_a_batch_offers_to_copy_it(operations: Client, batch: Batch) -> None:
    text = page(operations.get(url("batches_batch_change", batch.pk)))
    assert f'<a href="{url("batches_batch_add")}?copy={batch.pk}">Copy</a>' in text


def test_who_may_not_add_a_batch_is_not_offered_to_copy_one(viewer: Client, batch: Batch) -> None:
    assert "?copy=" not in page(viewer.get(url("batches_batch_change", batch.pk)))
    assert viewer.get(url("batches_batch_add"), {"copy": batch.pk}).status_code == 403


def test_a_copy_begins_with_all_values_but_the_code(operations: Client, batch: Batch) -> None:
    batch.parameters.create(code="COLOURS", value="RED")
    text = copy(operations, batch)
    assert 'name="label" value="Every hour"' in text
    assert ticked(row_of(text, "COLOURS")) == ["RED"]
    assert 'value="support@example.org"' in row_of(text, "BATCH_MAIL")
    assert 'value="HOURLY"' not in text


def test_a_copy_has_the_restrictions_too(operations: Client, batch: Batch) -> None:
    role = Group.objects.get(name="Operations")
    Batch.objects.update(launch_restricted_to=role)
    assert f'<option value="{role.pk}" selected>Operations</option>' in copy(operations, batch)


def test_secrets_are_not_copied_and_it_is_said_so(operations: Client, batch: Batch) -> None:
    text = copy(operations, batch)
    assert "type its secrets again" in text
    assert "Not set." in row_of(text, "BATCH_PWD")


def test_a_copy_is_not_saved_before_its_password_is_typed(operations: Client, batch: Batch) -> None:
    address = f"{url('batches_batch_add')}?copy={batch.pk}"
    assert set(errors(operations.post(address, VALID | {"parameter_BATCH_PWD": ""}))) == {"parameter_BATCH_PWD"}
    assert list(Batch.objects.all()) == [batch]


def test_a_saved_copy_has_only_the_secrets_that_were_typed(operations: Client, batch: Batch) -> None:
    batch.parameters.create(code="TOKEN", secret=Secret.of("stored-token"))
    operations.post(f"{url('batches_batch_add')}?copy={batch.pk}", VALID)
    made = values(Batch.objects.get(code="NIGHTLY"))
    assert made["BATCH_PWD"] == " typed password "
    assert "TOKEN" not in made


def test_the_copy_of_a_batch_that_one_may_not_see_is_refused(operations: Client, batch: Batch) -> None:
    hidden = make_batch("HIDDEN")
    Batch.objects.filter(pk=hidden.pk).update(display_restricted_to=Group.objects.get(name="Accounting"))
    assert operations.get(url("batches_batch_add"), {"copy": hidden.pk}).status_code == 404
    assert operations.get(url("batches_batch_add"), {"copy": "x"}).status_code == 404
