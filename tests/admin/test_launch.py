"""Starting a batch from its page: what is confirmed, who may, and what a run is asked for again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from batches.locks import lock_batch
from batches.models import Batch, Run
from tests.admin.builders import SCRIPT, make_batch, make_run, page, url

MAY_START = {"Operations": True, "Administrator": True, "superuser": True, "Viewer": False, "Accounting": False}


def confirmation(batch: Batch, dry_run: bool = False) -> str:
    return url("batches_run_launch", batch.pk) + ("?dry_run=1" if dry_run else "")


def test_asking_shows_what_will_happen_and_starts_nothing(operations: Client, batch: Batch) -> None:
    make_run(batch, counts={"checked": 4})
    text = page(operations.get(confirmation(batch)))
    for shown in ("Run batch HOURLY now", "Every hour", "COLOURS", "support@example.org", "4 checked, 0 changed"):
        assert shown in text
    assert Run.objects.count() == 1


def test_the_confirmation_shows_no_secret(operations: Client, batch: Batch) -> None:
    assert "stored-password" not in page(operations.get(confirmation(batch)))


def test_confirming_queues_a_run_and_leads_to_its_page(operations: Client, batch: Batch) -> None:
    response = operations.post(confirmation(batch))
    run = Run.objects.get()
    assert response.headers["Location"] == url("batches_run_change", run.pk)
    assert (run.outcome, run.dry_run, run.trigger, str(run.started_by)) == ("queued", False, "admin", "operations")


def test_a_dry_run_is_confirmed_and_queued_as_one(operations: Client, batch: Batch) -> None:
    assert "Start the dry run" in page(operations.get(confirmation(batch, dry_run=True)))
    operations.post(confirmation(batch, dry_run=True))
    assert Run.objects.get().dry_run


def test_pressing_twice_leads_to_the_same_run(operations: Client, batch: Batch) -> None:
    first, second = operations.post(confirmation(batch)), operations.post(confirmation(batch))
    assert first.headers["Location"] == second.headers["Location"]
    assert Run.objects.count() == 1


def test_what_would_be_refused_is_told_before(operations: Client, batch: Batch) -> None:
    batch.parameters.filter(code="BATCH_MAIL").update(value=SCRIPT)
    text = page(operations.get(confirmation(batch)))
    assert "It would be refused" in text
    assert "BATCH_MAIL" in text
    assert SCRIPT not in text


def test_a_batch_of_a_template_that_is_gone_says_so(operations: Client) -> None:
    assert "“Gone” does not exist" in page(operations.get(confirmation(make_batch(template="Gone"))))


def test_a_run_under_way_is_told_before(operations: Client, batch: Batch) -> None:
    run = make_run(batch, outcome="running", ended_at=None)
    with lock_batch(batch):
        assert f"Run {run.pk} of this batch is under way" in page(operations.get(confirmation(batch)))


def test_a_run_whose_process_is_gone_warns_nobody(operations: Client, batch: Batch) -> None:
    make_run(batch, outcome="running", ended_at=None)
    text = page(operations.get(confirmation(batch)))
    assert ("under way" in text, "another one is refused" in text) == (False, False)
    assert ('<span class="badge bad">interrupted</span>' in text, "running</span>" in text) == (True, False)


@pytest.mark.parametrize("role", MAY_START)
@pytest.mark.parametrize("method", ["get", "post"])
def test_only_who_may_run_batches_starts_one(
    client_of: Callable[[str], Client], batch: Batch, role: str, method: str
) -> None:
    response = getattr(client_of(role), method)(confirmation(batch))
    assert (response.status_code != 403) is MAY_START[role]
    assert Run.objects.exists() is (MAY_START[role] and method == "post")


@pytest.mark.parametrize("role", MAY_START)
def test_only_who_may_run_batches_runs_one_again(client_of: Callable[[str], Client], batch: Batch, role: str) -> None:
    run = make_run(batch)
    assert (client_of(role).post(url("batches_run_again", run.pk)).status_code == 302) is MAY_START[role]
    assert Run.objects.filter(outcome="queued").exists() is MAY_START[role]


@pytest.mark.parametrize("restriction", ["launch_restricted_to", "display_restricted_to"])
def test_a_restricted_batch_is_not_started_by_others(operations: Client, batch: Batch, restriction: str) -> None:
    setattr(batch, restriction, Group.objects.create(name="Night shift"))
    batch.save()
    run = make_run(batch)
    for address in (confirmation(batch), url("batches_run_again", run.pk)):
        assert operations.post(address).status_code in {403, 404}
    assert Run.objects.count() == 1


def test_buttons_stand_only_where_they_work(operations: Client, viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    for address in (url("batches_batch_change", batch.pk), url("batches_run_change", run.pk)):
        assert ("Run now" in page(viewer.get(address)), "Run again" in page(viewer.get(address))) == (False, False)
    assert confirmation(batch, dry_run=True) in page(operations.get(url("batches_batch_change", batch.pk)))
    assert url("batches_run_again", run.pk) in page(operations.get(url("batches_run_change", run.pk)))


def test_again_means_the_same_companies_items_and_dryness(operations: Client, batch: Batch) -> None:
    run = make_run(batch, dry_run=True, companies=["ACME"], only=[7, 8])
    response = operations.post(url("batches_run_again", run.pk))
    again = Run.objects.get(outcome="queued")
    assert (again.dry_run, again.companies, again.only) == (True, ["ACME"], [7, 8])
    assert response.headers["Location"] == url("batches_run_change", again.pk)


def test_s15_looking_never_starts_a_run(operations: Client, batch: Batch) -> None:
    assert operations.get(url("batches_run_again", make_run(batch).pk)).status_code == 405
    assert Run.objects.count() == 1


@pytest.mark.parametrize("fields", [{"outcome": "running", "ended_at": None}, {"outcome": "queued", "ended_at": None}])
def test_an_unended_run_is_not_offered_again(operations: Client, batch: Batch, fields: dict[str, Any]) -> None:
    run = make_run(batch, **fields)
    with lock_batch(batch):
        assert "Run again" not in page(operations.get(url("batches_run_change", run.pk)))


def test_s15_a_form_of_another_site_starts_nothing(batch: Batch, operations: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = operations.cookies
    assert strict.post(confirmation(batch)).status_code == 403
    assert not Run.objects.exists()
