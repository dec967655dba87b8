from __future__ import annotations

import os
import re
import threading
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from akuiteo.masking import masker
from batches import log_rows, run_log
from batches.models import Batch, Run, RunLogLine
from batches.run_log import RunLog
from tests.batches.conftest import Console
from tests.batches.processes import environment, python


@pytest.fixture
def run(batch: Batch) -> Run:
    return Run.objects.create(batch=batch, trigger="command", started_at=timezone.now())


def rows(run: Run) -> list[tuple[str, str]]:
    return list(run.log_lines.values_list("level", "text"))


def test_the_run_keeps_log_warn_and_error_whatever_the_levels_say(run: Run) -> None:
    log = RunLog(run, ["ERROR"])
    for write in (log.debug, log.log, log.warn, log.error):
        write("line")
    log.flush()
    assert rows(run) == [("LOG", "line"), ("WARN", "line"), ("ERROR", "line")]


def test_debug_lines_are_kept_where_they_are_asked_for(run: Run) -> None:
    log = RunLog(run, ["DEBUG"])
    log.debug("in detail")
    log.flush()
    assert rows(run) == [("DEBUG", "in detail")]


def test_the_console_shows_the_levels_asked_for_and_errors(console: Console) -> None:
    log = RunLog()
    log.show_on(console, ["LOG"])
    for write in (log.debug, log.log, log.warn, log.error):
        write("line")
    assert [line.split()[2] for line in str(console).splitlines()] == ["LOG", "ERROR"]


def test_warnings_and_errors_are_counted_and_some_told_once() -> None:
    log = RunLog()
    log.warn_once("code", "unknown code")
    log.warn_once("code", "unknown code")
    log.error("bad")
    assert (log.warnings, log.errors) == (1, 1)


def test_s01_secrets_are_masked_by_value_and_by_key(run: Run, console: Console) -> None:
    masker.learn("canary-secret")
    log = RunLog(run)
    log.show_on(console, ["LOG"])
    log.log("with canary-secret and client_secret=hunter2")
    log.unexpected("crash", KeyError("canary-secret"))
    log.flush()
    for text in (str(rows(run)), str(console), log.recent()):
        assert "canary-secret" not in text
        assert "hunter2" not in text


def test_s06_no_text_of_others_makes_a_line_of_its_own_or_moves_the_cursor(run: Run, console: Console) -> None:
    log = RunLog(run)
    log.show_on(console, ["LOG"])
    log.log("comment\r\n2026-01-01 ERROR forged \x1b[2J \u202e \x00")
    log.flush()
    [(_, text)] = rows(run)
    assert text == r"comment\r\n2026-01-01 ERROR forged \x1b[2J \u202e \x00"
    assert str(console).count("\n") == 1


def test_a_traceback_is_indented_under_its_line(run: Run) -> None:
    log = RunLog(run)
    log.unexpected("Unexpected error", ValueError("two\nlines"))
    log.flush()
    [(level, text)] = rows(run)
    first, *others = text.split("\n")
    assert (level, first) == ("ERROR", "Unexpected error")
    assert all(line.startswith("    ") for line in others)


def test_rows_are_written_many_at_once(run: Run, django_assert_max_num_queries: Any) -> None:
    log = RunLog(run)
    for number in range(300):
        log.log(f"line {number}")
    with django_assert_max_num_queries(6):  # of which one has the rows
        log.flush()
    assert run.log_lines.count() == 300


@pytest.mark.django_db(transaction=True)
def test_memory_stays_flat_as_full_buffers_are_written(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_rows, "ROWS_AT_ONCE", 5)
    log = RunLog(run)
    for number in range(12):
        log.log(f"line {number}")
    assert RunLogLine.objects.count() == 10


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_transaction_of_the_template_takes_no_lines_with_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_rows, "ROWS_AT_ONCE", 2)
    log = RunLog(run)
    with transaction.atomic():
        for _ in range(5):
            log.log("line")
        transaction.set_rollback(True)
    log.flush()
    assert RunLogLine.objects.count() == 5


def test_the_last_lines_are_kept_for_the_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_log, "KEPT_FOR_MAIL", 2)
    log = RunLog()
    for number in range(5):
        log.log(f"line {number}")
    first, *others = log.recent().splitlines()
    assert first == "(3 earlier lines are kept with the run only.)"
    assert [line[-6:] for line in others] == ["line 3", "line 4"]


def test_times_are_those_of_paris_with_their_offset() -> None:
    log = RunLog()
    for moment in ("2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"):
        with time_machine.travel(moment, tick=False):
            log.log("line")
    assert log.recent() == "2026-10-25 02:30:00+02:00 LOG   line\n2026-10-25 02:30:00+01:00 LOG   line\n"


def test_rows_have_their_time_in_utc(run: Run) -> None:
    log = RunLog(run)
    with time_machine.travel("2026-10-25T00:30:00Z", tick=False):
        log.log("line")
    log.flush()
    assert run.log_lines.get().at.isoformat() == "2026-10-25T00:30:00+00:00"


def test_the_file_is_made_with_its_directory_and_only_its_owner_and_group_read_it(places: Path) -> None:
    log = RunLog()
    log.write_to_file("chorus/hourly", "a.log")
    log.warn("line")
    log.close()
    file = places / "logs" / "chorus" / "hourly" / "a.log"
    assert re.fullmatch(r"\S+ \S+ WARN  line\n", file.read_text(encoding="utf-8"))
    assert file.stat().st_mode & 0o777 & ~0o640 == 0


def test_the_file_takes_the_levels_asked_for_and_errors(places: Path) -> None:
    log = RunLog(levels=["WARN"])
    log.write_to_file("chorus", "a.log")
    for write in (log.debug, log.log, log.warn, log.error):
        write("line")
    log.close()
    assert [line.split()[2] for line in (places / "logs/chorus/a.log").read_text().splitlines()] == ["WARN", "ERROR"]


def test_s05_a_file_that_exists_or_is_a_link_is_never_written_to(places: Path) -> None:
    directory = places / "logs"
    directory.mkdir()
    (directory / "a.log").symlink_to(places / "elsewhere")
    log = RunLog()
    log.write_to_file(".", "a.log")
    log.log("line")
    assert not (places / "elsewhere").exists()
    assert "There is no log file: a.log cannot be made" in log.recent()


def test_s05_a_directory_that_became_a_link_elsewhere_is_not_followed(places: Path) -> None:
    (places / "logs").mkdir()
    (places / "logs" / "chorus").symlink_to(places)
    log = RunLog()
    log.write_to_file("chorus", "a.log")
    assert not (places / "a.log").exists()
    assert log.warnings == 1


def test_f35_a_log_directory_that_cannot_be_made_is_a_warning(places: Path) -> None:
    (places / "logs").write_text("a file where the directory should be")
    log = RunLog()
    log.write_to_file("chorus", "a.log")
    log.log("the run goes on")
    log.close()
    assert "There is no log file" in log.recent()
    assert "the run goes on" in log.recent()


FULL_DISK = """
import resource, sys
import django
django.setup()
from django.conf import settings
from batches.run_log import RunLog
settings.LOG_ROOT = sys.argv[1]
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))  # no file grows beyond: what a full disk does to a log
log = RunLog()
log.write_to_file("chorus", "a.log")
for number in range(10):
    log.log(f"line {number}")
log.close()
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
print(log.recent())
"""


def test_f34_a_full_disk_is_told_once_and_stops_nothing(tmp_path: Path) -> None:
    """In a process of its own: the limit would also hold for the file that this test's own outcome may go to."""
    env = environment(tmp_path, f"sqlite:///{tmp_path / 'db.sqlite3'}")
    ended = python("-c", FULL_DISK, str(tmp_path / "logs"), env=env)
    assert ended.stdout.count("The log file is incomplete") == 1, ended.stderr
    assert "line 9" in ended.stdout


def test_a_console_that_went_away_stops_nothing(console: Console) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    log = RunLog()
    with open(writing, "w", buffering=1) as pipe:  # noqa: PTH123 - a file descriptor
        console.stream = pipe
        log.show_on(console, ["LOG"])
        for _ in range(3):
            log.log("line")
        os.dup2(os.open(os.devnull, os.O_WRONLY), writing)
    assert log.recent().count("line") == 3


def test_threads_may_log_at_the_same_time() -> None:
    log = RunLog()

    def write() -> None:
        for _ in range(100):
            log.log("line")

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.recent().count("line") == 400
