"""A batch's form that was opened before somebody else changed the batch."""

from __future__ import annotations

import html
import re

from django.test import Client

from akuiteo.models import User
from batches.models import Batch, BatchParameter
from batches.newest_version import newest_version
from tests.admin.builders import errors, page, url
from tests.admin.test_batches import change, values


def test_the_form_carries_the_version_that_it_was_opened_with(operations: Client, batch: Batch) -> None:
    text = page(operations.get(url("batches_batch_change", batch.pk)))
    assert f'<input type="hidden" name="version" value="{newest_version(batch)}"' in text


def test_of_two_tabs_the_second_save_does_not_undo_the_first(operations: Client, batch: Batch) -> None:
    opened = newest_version(batch)
    assert change(operations, batch, version=opened, parameter_BATCH_USER="first").status_code == 302
    response = change(operations, batch, version=opened, label="Second")
    assert set(errors(response)) == {"__all__"}
    assert values(batch)["BATCH_USER"] == "first"
    assert Batch.objects.get().label == "Every night"


def test_it_says_who_changed_the_batch_and_where_to_go(operations: Client, batch: Batch) -> None:
    User.objects.update(first_name="Olga", last_name="<Operator>")
    opened = newest_version(batch)
    change(operations, batch, parameter_BATCH_USER="first")
    text = page(change(operations, batch, version=opened, label="Second"))
    message = html.unescape(re.sub(r"<a [^>]*>|</a>", "", text))
    assert re.search(r"was changed meanwhile by Olga <Operator> at .*\d\. Nothing was saved: open it again", message)
    assert f'<a href="{url("batches_batch_change", batch.pk)}" target="_blank">open it again' in text
    assert 'name="label" value="Second"' in text


def test_the_refused_form_stays_refused_when_it_is_sent_again(operations: Client, batch: Batch) -> None:
    opened = newest_version(batch)
    batch.parameters.get(code="ALERT").delete()
    text = page(change(operations, batch, version=opened))
    assert f'name="version" value="{opened}"' in text


def test_a_form_without_version_is_refused(operations: Client, batch: Batch) -> None:
    assert all("__all__" in errors(change(operations, batch, version=text)) for text in ("", "\0", "x"))


def test_a_batch_from_before_the_history_is_saved(operations: Client, batch: Batch) -> None:
    Batch.history.all().delete()
    BatchParameter.history.all().delete()
    assert change(operations, batch, version="7-7", label="Second").status_code == 302
