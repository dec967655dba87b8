from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.db.utils import OperationalError

from akuiteo.models import User
from batches import runner
from batches.delivery import deliver_due
from batches.locks import lock_batch
from batches.models import Batch, OutgoingEmail, Run
from tests.batches.builders import make_batch, only_run, start
from tests.batches.conftest import Console
from tests.batches.smtp import free_port


def test_rule_10_a_run_that_succeeds_sends_no_mail(batch: Batch) -> None:
    start("TEST")
    assert mail.outbox == []


def test_any_run_sends_the_mail_that_is_due(user: User) -> None:
    make_batch(HAPPENS="MAIL")
    start("TEST")
    assert [sent.to for sent in mail.outbox] == [["manager@example.org"]]


def test_f31_mail_that_cannot_be_sent_changes_nothing_and_is_one_line_on_the_console(
    user: User, settings: Any, console: Console
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    make_batch(HAPPENS="MAIL")
    result = start("TEST", console=console)
    assert (result.exit_code, only_run().outcome) == (0, "succeeded")
    assert "WARN  1 mail waits for the next run: ConnectionRefusedError" in str(console)
    assert str(console).count("\n") == 1


def test_a_mail_that_is_given_up_is_told_too(user: User, settings: Any, console: Console) -> None:
    make_batch()
    OutgoingEmail.objects.create(message_id="<1@localhost>", to=["a@example.org\nx"], subject="due", text="")
    assert start("TEST", console=console).exit_code == 0
    assert "1 given up" in str(console)


def test_a_database_that_goes_away_before_the_mail_is_sent_changes_nothing(
    batch: Batch, console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_args: Any) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(runner, "deliver_due", away)
    assert start("TEST", console=console).exit_code == 0
    assert "WARN  Mails that are due wait for the next run: gone" in str(console)


def test_the_run_is_closed_and_unlocked_before_mail_is_sent(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, bool]] = []

    def look(*_args: Any) -> Any:
        with lock_batch(batch):
            seen.append((only_run().outcome, True))
        return deliver_due()

    monkeypatch.setattr(runner, "deliver_due", look)
    start("TEST")
    assert seen == [("succeeded", True)]


def test_closing_and_the_error_mail_are_one_transaction(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    make_batch(HAPPENS="ERROR")
    states: list[bool] = []
    real = OutgoingEmail.save

    def save(self: OutgoingEmail, **options: Any) -> None:
        states.append(len(connection.savepoint_ids) > 0 and Run.objects.get().outcome == "partial")
        real(self, **options)

    monkeypatch.setattr(OutgoingEmail, "save", save)
    start("TEST")
    assert states == [True]
