from __future__ import annotations

import datetime
import itertools
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone

from akuiteo.masking import MASK
from akuiteo.models import User
from batches.models import Batch, OutgoingEmail, Run
from tests.batches.builders import PASSWORD, make_batch, only_run, start
from tests.batches.conftest import Console


def test_s20_a_run_that_succeeds_is_recorded_with_its_counts_user_and_sentence(batch: Batch, user: User) -> None:
    result = start("TEST")
    run = only_run()
    assert (run.outcome, run.exit_code, run.counts, run.user) == ("succeeded", 0, {"done": 1, "requests": 2}, user)
    assert (result.exit_code, result.run_id, result.summary, run.summary) == (
        0,
        run.pk,
        "Batch TEST: 1 done.",
        "Batch TEST: 1 done.",
    )
    assert run.ended_at is not None


def test_a_run_with_errors_is_partial(user: User, console: Console) -> None:
    make_batch(HAPPENS="ERROR")
    result = start("TEST", console=console)
    assert (result.exit_code, only_run().outcome, only_run().exit_code) == (3, "partial", 3)
    assert "ERROR ACME F-1: the portal does not answer" in str(console)


def test_a_run_where_nothing_worked_failed(user: User) -> None:
    make_batch(HAPPENS="NOTHING_WORKED")
    assert (start("TEST").exit_code, only_run().outcome) == (69, "failed")


def test_a_dry_run_does_the_work_shows_it_and_writes_nothing(user: User, places: Path) -> None:
    make_batch(HAPPENS="MAIL;WARN", BATCH_LOG_FILE="chorus")
    lines: list[str] = []
    result = start("TEST", dry_run=True, show=lines.append)
    assert (result.exit_code, result.run_id, result.counts["done"], result.dry_run) == (0, None, 1, True)
    assert lines == ["ACME F-1: -> DEPOSEE"]
    assert (Run.objects.count(), OutgoingEmail.objects.count(), (places / "logs").exists()) == (0, 0, False)


def test_a_dry_run_sends_nothing_that_is_due(user: User) -> None:
    make_batch(HAPPENS="ERROR")
    OutgoingEmail.objects.create(message_id="<1@localhost>", to=["a@example.org"], subject="due", text="")
    assert start("TEST", dry_run=True).exit_code == 3
    assert (mail.outbox, OutgoingEmail.objects.count()) == ([], 1)


def test_f40_durations_do_not_follow_the_clock(batch: Batch, monkeypatch: pytest.MonkeyPatch) -> None:
    real = timezone.now
    back = itertools.count(0, 3600)
    monkeypatch.setattr(timezone, "now", lambda: real() - datetime.timedelta(seconds=next(back)))
    result = start("TEST")
    assert only_run().ended_at < only_run().started_at  # type: ignore[operator]
    assert 0 <= result.duration_s < 30


def test_s06_what_a_dry_run_shows_is_masked_and_moves_no_cursor(user: User) -> None:
    make_batch(HAPPENS="LEAK")
    lines: list[str] = []
    start("TEST", dry_run=True, show=lines.append)
    assert lines[-1] == rf"\x1b[2J {MASK}"


def test_s01_an_error_that_holds_a_secret_is_masked(user: User) -> None:
    make_batch(HAPPENS="LEAK")
    result = start("TEST")
    assert result.errors[0].message == f"login with {MASK} refused"
    assert PASSWORD not in result.summary + only_run().summary
