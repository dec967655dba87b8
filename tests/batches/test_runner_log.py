from __future__ import annotations

from pathlib import Path

import time_machine
from django.core import mail

from akuiteo.masking import MASK
from akuiteo.models import User
from batches.models import Batch, BatchParameter, OutgoingEmail, Run, RunLogLine
from tests.batches.builders import PASSWORD, log_of, make_batch, only_run, start
from tests.batches.conftest import Console


def test_s01_the_run_keeps_the_parameters_it_used_with_secrets_masked(batch: Batch) -> None:
    start("TEST")
    parameters = only_run().parameters
    assert (parameters["BATCH_USER"], parameters["BATCH_PWD"], parameters["TEXT"]) == ("operator", MASK, "all is well")


def test_debug_params_puts_the_parameters_into_the_log(user: User) -> None:
    make_batch(BATCH_DEBUG_PARAMS="Vrai")
    start("TEST")
    assert "LOG BATCH_MAIL = support@example.org" in log_of(only_run())
    assert f"LOG BATCH_PWD = {MASK}" in log_of(only_run())


def test_without_debug_params_the_parameters_are_not_in_the_log(batch: Batch) -> None:
    start("TEST")
    assert "BATCH_" not in log_of(only_run())


def test_s01_no_secret_is_written_anywhere(user: User, places: Path, console: Console) -> None:
    make_batch(
        HAPPENS="PASSWORD;ERROR;DEBUG",
        BATCH_DEBUG_PARAMS="1",
        BATCH_LOG_CONSOLE="1",
        BATCH_LOG_FILE="chorus",
        BATCH_LOG_LEVEL="DEBUG;LOG",
    )
    start("TEST", console=console)
    [file] = (places / "logs" / "chorus").iterdir()
    sent = str([message.message() for message in mail.outbox])
    rows = [list(model.objects.values()) for model in (Run, RunLogLine, OutgoingEmail, BatchParameter)]
    for text in (str(console), file.read_text(), sent, str(rows)):
        assert PASSWORD not in text
    assert f"logging in with {MASK}" in file.read_text()


def test_the_console_is_silent_unless_asked_or_in_error(user: User, console: Console) -> None:
    make_batch(HAPPENS="WARN")
    start("TEST", console=console)
    assert str(console) == ""


def test_batch_log_console_shows_the_log(user: User, console: Console) -> None:
    make_batch(HAPPENS="WARN", BATCH_LOG_CONSOLE="True")
    start("TEST", console=console)
    assert "WARN  F-1 has no manager" in str(console)
    assert "LOG   Batch TEST: 1 done." in str(console)


def test_the_log_file_has_batch_id_date_and_run_in_its_name(user: User, places: Path) -> None:
    make_batch(HAPPENS="WARN", BATCH_LOG_FILE="chorus", BATCH_LOG_ID="night")
    with time_machine.travel("2026-11-22T23:30:00Z", tick=False):
        start("TEST")
    [file] = (places / "logs" / "chorus").iterdir()
    assert file.name == f"TEST-night-20261123-003000-run{only_run().pk}.log"
    assert "WARN  F-1 has no manager" in file.read_text()


def test_s05_a_batch_code_leads_nowhere(user: User, places: Path) -> None:
    make_batch("../../X", BATCH_LOG_FILE="chorus")
    start("../../X")
    [file] = (places / "logs" / "chorus").iterdir()
    assert file.name.startswith(".._.._X-")


def test_f35_a_log_file_that_cannot_be_made_changes_neither_outcome_nor_exit_code(user: User, places: Path) -> None:
    (places / "logs").write_text("in the way")
    make_batch(BATCH_LOG_FILE="chorus")
    assert start("TEST").exit_code == 0
    assert "WARN There is no log file" in log_of(only_run())


def test_a_crash_of_the_template_is_an_outcome_with_the_traceback_in_the_log(user: User, console: Console) -> None:
    make_batch(HAPPENS="CRASH")
    result = start("TEST", console=console)
    run = only_run()
    assert (result.exit_code, run.outcome, run.counts["done"]) == (1, "failed", 1)
    assert "raise KeyError" in log_of(run)
    assert "KeyError" in result.errors[0].message
