"""A run that a screen has asked for waits as a row, which the process takes over, or ends in words."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from akuiteo.models import User
from batches.launch import launch
from batches.locks import lock_batch
from batches.models import Batch, OutgoingEmail, Run
from batches.outcomes import RunResult
from batches.run_row import BEGINS_WITHIN
from tests.batches.builders import batch_user, log_of, make_batch, start


def queued(batch: Batch, **values: Any) -> Run:
    waiting = {"trigger": "admin", "outcome": "queued", "started_at": timezone.now()}
    return Run.objects.create(batch=batch, **waiting | values)


def taken_over(run: Run) -> RunResult:
    result = start(run.batch.code, queued=run.pk)
    run.refresh_from_db()
    return result


def test_a_queued_run_becomes_the_run_that_does_the_work(batch: Batch, user: User) -> None:
    run = queued(batch, started_by=user)
    result = taken_over(run)
    assert (result.run_id, result.exit_code, Run.objects.count()) == (run.pk, 0, 1)
    assert (run.outcome, run.trigger, run.user, run.started_by) == ("succeeded", "admin", user, user)
    assert run.parameters["BATCH_PWD"] == "********"


def test_a_queued_run_is_narrowed_as_it_says_itself(user: User) -> None:
    batch = make_batch()
    assert taken_over(queued(batch, companies=["ACME"])).exit_code == 0
    assert taken_over(queued(batch, companies=["OTHER"])).exit_code == 2


def test_a_queued_dry_run_keeps_its_log_and_counts_and_writes_nothing_else(user: User, places: Path) -> None:
    run = queued(make_batch(HAPPENS="MAIL;ERROR", BATCH_LOG_FILE="runs"), dry_run=True)
    assert taken_over(run).dry_run
    assert (run.outcome, run.counts) == ("partial", {"done": 1, "requests": 2})
    assert "ERROR ACME F-1: the portal does not answer" in log_of(run)
    assert run.summary.startswith("Dry run, nothing was written or sent.")
    assert (OutgoingEmail.objects.exists(), (places / "logs").exists()) == (False, False)


def test_a_queued_dry_run_needs_no_lock_of_the_batch(batch: Batch) -> None:
    with lock_batch(batch):
        assert taken_over(queued(batch, dry_run=True)).exit_code == 0


def refused_while_locked(run: Run) -> None:
    """Start the process of a queued run while another one holds the lock that it needs."""

    def second() -> RunResult:
        try:
            return start("TEST", queued=run.pk)
        finally:
            connection.close()

    with lock_batch(run.batch, dry_run=run.dry_run), ThreadPoolExecutor(1) as pool:
        assert pool.submit(second).result(20).exit_code == 75
    run.refresh_from_db()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("dry_run", [False, True])
def test_f27_a_queued_run_is_refused_while_one_of_its_kind_is_under_way(dry_run: bool) -> None:
    batch_user()
    run = queued(make_batch(), dry_run=dry_run)
    queued(run.batch, dry_run=dry_run, outcome="running")
    refused_while_locked(run)
    assert (run.outcome, run.exit_code, run.ended_at is not None) == ("refused", 75, True)
    assert "already running" in run.log_lines.get().text


@pytest.mark.django_db(transaction=True)
def test_f43_a_queued_run_is_left_to_the_other_process_that_may_be_about_to_begin_it() -> None:
    batch_user()
    run = queued(make_batch())
    refused_while_locked(run)
    assert run.outcome == "queued"


def test_a_run_that_is_refused_before_it_begins_says_why_in_its_row(batch: Batch) -> None:
    Batch.objects.update(template="Gone")
    run = queued(batch)
    assert taken_over(run).exit_code == 78
    assert (run.outcome, "“Gone” does not exist" in run.summary) == ("refused", True)


def test_a_run_that_has_ended_is_not_taken_over(batch: Batch) -> None:
    run = queued(batch, outcome="interrupted", ended_at=timezone.now(), summary="killed")
    assert taken_over(run).exit_code == 2
    assert (run.outcome, run.summary) == ("interrupted", "killed")


def test_a_run_of_another_batch_is_not_taken_over(batch: Batch) -> None:
    run = queued(make_batch("OTHER"))
    assert start("TEST", queued=run.pk).exit_code == 2
    run.refresh_from_db()
    assert run.outcome == "queued"


def test_the_command_takes_a_run_over_in_the_language_that_it_is_given(
    batch: Batch, capsys: pytest.CaptureFixture[str]
) -> None:
    run = queued(batch)
    call_command("run_batch", "TEST", run=run.pk, language="fr")
    run.refresh_from_db()
    assert (run.outcome, run.summary) == ("succeeded", capsys.readouterr().out.strip())
    assert f"Exécution {run.pk} du batch TEST" in log_of(run)


def test_a_run_that_has_not_begun_in_time_is_interrupted_by_the_next_one(batch: Batch) -> None:
    late = queued(batch, started_at=timezone.now() - 2 * BEGINS_WITHIN)
    fresh = queued(batch)
    assert start("TEST").exit_code == 0
    assert [Run.objects.get(pk=run.pk).outcome for run in (late, fresh)] == ["interrupted", "queued"]
    assert "has never begun" in log_of(late)


def test_a_killed_dry_run_is_interrupted_by_the_next_dry_run_alone(batch: Batch) -> None:
    killed = queued(batch, outcome="running", dry_run=True)
    start("TEST")
    assert Run.objects.get(pk=killed.pk).outcome == "running"
    taken_over(queued(batch, dry_run=True))
    assert Run.objects.get(pk=killed.pk).outcome == "interrupted"


def test_a_button_that_is_pressed_twice_starts_one_run(batch: Batch, user: User) -> None:
    run = launch(batch, user, companies=("ACME",), only=(1, 2))
    assert launch(batch, user, companies=("ACME",), only=(1, 2)) == run
    assert launch(batch, user, only=(3,)) != run
    assert launch(batch, user, dry_run=True) != run


def test_a_run_whose_process_is_gone_does_not_keep_others_from_starting(batch: Batch, user: User) -> None:
    gone = queued(batch, started_at=timezone.now() - 2 * BEGINS_WITHIN)
    assert launch(batch, user) != gone
