from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.db.utils import OperationalError

from akuiteo.models import User
from batches import closing
from batches.models import Batch
from batches.run_row import queue_run
from batches.template import Job, Report
from tests.batches.builders import make_batch, only_run, start
from tests.batches.conftest import Console
from tests.batches.smtp import free_port
from tests.batches.templates import Practice


def test_f30_a_database_that_goes_away_during_the_work_fails_the_run(user: User) -> None:
    make_batch(HAPPENS="DATABASE_GONE")
    assert (start("TEST").exit_code, only_run().outcome) == (69, "failed")
    assert "server closed the connection" in only_run().summary


@pytest.fixture
def database_goes_before_closing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE")):
            raise OperationalError("server closed the connection unexpectedly")
        return execute(sql, *args)

    def close_without_database(*args: Any) -> Any:
        with connection.execute_wrapper(refuse):
            return real(*args)

    real = closing.close
    monkeypatch.setattr(closing, "close", close_without_database)


def test_f30_a_run_that_cannot_be_closed_says_so_in_its_file_and_by_mail(
    user: User, places: Path, console: Console, database_goes_before_closing: None
) -> None:
    make_batch(BATCH_LOG_FILE="chorus")
    result = start("TEST", console=console)
    [file] = (places / "logs" / "chorus").iterdir()
    assert (result.exit_code, result.outcome) == (69, "failed")
    assert "could not be closed in the database" in file.read_text()
    [sent] = mail.outbox
    assert (sent.to, "could not be closed" in sent.body) == (["support@example.org"], True)


def test_f30_with_mail_away_too_the_console_still_says_it(
    user: User, settings: Any, console: Console, database_goes_before_closing: None
) -> None:
    make_batch()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    start("TEST", console=console)
    assert "The error mail could not be sent" in str(console)


def test_f30_without_a_usable_batch_mail_the_file_and_the_console_say_it(
    user: User, console: Console, database_goes_before_closing: None
) -> None:
    make_batch(BATCH_MAIL="nobody")
    assert start("TEST", console=console).exit_code == 69
    assert "could not be closed in the database" in str(console)
    assert mail.outbox == []


def test_f30_a_database_that_is_away_at_the_start_is_exit_69(batch: Batch, console: Console) -> None:
    def refuse(*_args: Any) -> Any:
        raise OperationalError("could not connect")

    with connection.execute_wrapper(refuse):
        result = start("TEST", console=console)
    assert (result.exit_code, result.run_id, result.counts) == (69, None, {"done": 0, "requests": 0})
    assert "could not connect" in str(console)


def gone(*_args: Any) -> Any:
    raise OperationalError("server closed the connection unexpectedly")


@pytest.mark.parametrize("asked_for_on_screen", [False, True])
def test_f30_a_run_mails_when_nothing_can_be_asked_of_the_database_any_more(
    batch: Batch, user: User, monkeypatch: pytest.MonkeyPatch, asked_for_on_screen: bool
) -> None:
    def close(*args: Any) -> Any:
        with connection.execute_wrapper(gone):
            return real(*args)

    real = closing.close
    monkeypatch.setattr(closing, "close", close)
    queued = queue_run(batch, user, False, (), ()).pk if asked_for_on_screen else None
    assert start("TEST", queued=queued).exit_code == 69
    [sent] = mail.outbox
    assert "could not be closed" in sent.body


@pytest.mark.django_db(transaction=True)
def test_f30_a_long_log_goes_on_in_the_file_and_the_mail_without_the_database(
    user: User, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(_template: Practice, job: Job) -> Report:
        stack.enter_context(connection.execute_wrapper(gone))
        for place in range(1100):
            job.log.log(f"ACME F-{place}: - -> DEPOSEE")
        return Report(counts={"done": 1})

    make_batch(BATCH_LOG_FILE="chorus")
    monkeypatch.setattr(Practice, "run", work)
    with contextlib.ExitStack() as stack:
        result = start("TEST")
    [file] = (places / "logs" / "chorus").iterdir()
    assert result.exit_code == 69
    assert "ACME F-1099: - -> DEPOSEE" in file.read_text()
    assert "could not be closed" in mail.outbox[0].body
