from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from akuiteo.models import User
from batches.locks import lock_batch
from batches.models import Batch, OutgoingEmail, Run
from batches.outcomes import RunResult
from batches.stop import Stop
from tests.batches.builders import batch_user, make_batch, only_run, start


@pytest.mark.django_db(transaction=True)
def test_f27_a_second_starter_is_refused_and_told_since_when() -> None:
    batch_user()
    batch = make_batch()
    Run.objects.create(batch=batch, trigger="admin", started_at=timezone.now())

    def second() -> RunResult:
        try:
            return start("TEST")
        finally:
            connection.close()

    with lock_batch(batch), ThreadPoolExecutor(1) as pool:
        result = pool.submit(second).result(20)
    assert (result.exit_code, result.run_id) == (75, None)
    assert f"already running: run {only_run().pk}, since 2" in result.summary
    assert not OutgoingEmail.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_second_starter_may_come_before_the_first_has_its_row() -> None:
    batch = make_batch()

    def second() -> RunResult:
        try:
            return start(batch)
        finally:
            connection.close()

    with lock_batch(batch), ThreadPoolExecutor(1) as pool:
        assert "is already running." in pool.submit(second).result(20).summary


@pytest.mark.django_db(transaction=True)
def test_f04_a_starter_that_waits_can_be_stopped() -> None:
    batch = make_batch()
    stop = threading.Event()
    stop.set()

    def second() -> RunResult:
        try:
            return start(batch, wait=60, stop=stop)
        finally:
            connection.close()

    with lock_batch(batch), ThreadPoolExecutor(1) as pool:
        result = pool.submit(second).result(20)
    assert (result.outcome, result.exit_code, result.run_id) == ("stopped", 143, None)


def test_a_dry_run_needs_no_lock(batch: Batch) -> None:
    with lock_batch(batch):
        assert start("TEST", dry_run=True).exit_code == 0


def test_f01_the_run_of_a_killed_process_becomes_interrupted(batch: Batch) -> None:
    killed = Run.objects.create(batch=batch, trigger="command", started_at=timezone.now())
    assert start("TEST").exit_code == 0
    killed.refresh_from_db()
    assert (killed.outcome, killed.ended_at is not None, killed.exit_code) == ("interrupted", True, None)
    assert "was killed" in killed.log_lines.get().text


def test_f04_a_stopped_run_says_so_and_keeps_what_it_did(user: User) -> None:
    make_batch(HAPPENS="WAIT;MAIL")
    stop = Stop()
    stop.set()
    result = start("TEST", stop=stop)
    assert (result.exit_code, only_run().outcome, only_run().counts["done"]) == (143, "stopped", 1)
    assert [row.status for row in OutgoingEmail.objects.all()] == ["due"]  # the next run sends it
