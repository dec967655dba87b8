"""run_batch in processes: exit codes, signals, kill -9, two starters, and mail servers that fail."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from tests.batches.builders import PASSWORD
from tests.batches.processes import KEY, Processes
from tests.batches.smtp import SmtpServer, free_port

pytestmark = pytest.mark.django_db(transaction=True)  # other processes see the rows


def test_a_run_is_one_sentence_and_exit_code_0(processes: Processes) -> None:
    done = processes.run("TEST")
    assert (done.stdout, done.stderr, done.returncode) == ("Batch TEST: 1 done.\n", "", 0)


def test_a_run_with_errors_is_exit_code_3_with_one_json_object(processes: Processes, places: Path) -> None:
    processes.happens("ERROR")
    done = processes.run("TEST", "--format", "json")
    assert (json.loads(done.stdout)["outcome"], done.returncode) == ("partial", 3)
    [mail] = (places / "mail").iterdir()
    assert "To: support@example.org" in mail.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["NOTHING"], "NOTHING"), ([], "CODE"), (["TEST", "--wait", "soon"], "soon"), (["TEST", "--company", "X"], "X")],
)
def test_bad_usage_is_exit_code_2_without_traceback(processes: Processes, arguments: list[str], words: str) -> None:
    done = processes.run(*arguments)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert words in done.stderr


def test_f39_a_changed_key_is_exit_code_78_naming_the_setting(processes: Processes) -> None:
    done = processes.run("TEST", "--format", "json", FIELD_ENCRYPTION_KEYS=Fernet.generate_key().decode())
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (78, "refused")
    assert "FIELD_ENCRYPTION_KEYS" in done.stderr


def test_a_key_that_is_none_is_exit_code_78(processes: Processes) -> None:
    done = processes.run("TEST", "--format", "json", FIELD_ENCRYPTION_KEYS="nonsense")
    assert (done.returncode, json.loads(done.stdout)["run"]) == (78, None)
    assert "Traceback" not in done.stderr


def test_f41_a_database_without_its_migrations_is_exit_code_78(processes: Processes, places: Path) -> None:
    done = processes.run("TEST", DATABASE_URL=f"sqlite:///{places / 'new.sqlite3'}")
    assert done.returncode == 78
    assert "manage.py migrate" in done.stderr


def test_f30_a_database_that_is_down_is_exit_code_69(processes: Processes) -> None:
    url = f"postgres://nobody@127.0.0.1:{free_port()}/nothing"
    done = processes.run("TEST", "--format", "json", DATABASE_URL=url)
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (69, "failed")
    assert done.stderr.startswith("The database cannot be reached or used")
    assert "Traceback" not in done.stderr


def test_a_console_that_lacks_a_character_is_no_reason_to_fail(processes: Processes) -> None:
    done = processes.run("NOTHING", PYTHONIOENCODING="ascii")
    assert (done.returncode, "NOTHING" in done.stdout, "Traceback" in done.stderr) == (2, True, False)


@pytest.mark.parametrize(("signum", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_f04_a_signal_stops_the_run_cleanly(processes: Processes, signum: int, code: int) -> None:
    processes.happens("WAIT")
    process = processes.start("TEST")
    processes.wait_until_working()
    process.send_signal(signum)
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, stdout, stderr) == (
        code,
        "Batch TEST was stopped; the next run goes on: 1 done.\n",
        "",
    )
    assert processes.query("SELECT outcome, exit_code FROM batches_run") == [("stopped", code)]


def test_f01_f02_after_kill_9_the_next_run_marks_it_interrupted_and_sends_its_mail_once(
    processes: Processes, places: Path
) -> None:
    processes.happens("MAIL;KILL")
    assert processes.run("TEST").returncode == -signal.SIGKILL
    assert (processes.outcomes(), processes.mails()) == (["running"], [("due", 0)])
    processes.happens("")
    for _ in range(2):
        assert processes.run("TEST").returncode == 0
    assert processes.outcomes() == ["interrupted", "succeeded", "succeeded"]
    assert (processes.mails(), len(list((places / "mail").iterdir()))) == ([("sent", 1)], 1)


def test_f01_the_lock_of_a_killed_process_is_free_at_once(processes: Processes) -> None:
    processes.happens("WAIT")
    process = processes.start("TEST")
    processes.wait_until_working()
    process.kill()
    process.communicate(timeout=30)
    processes.happens("")
    assert processes.run("TEST").returncode == 0


def test_f27_of_starters_at_the_same_time_one_runs_and_the_others_say_so(processes: Processes, places: Path) -> None:
    processes.happens("WAIT")
    starters = [processes.start("TEST", "--format", "json") for _ in range(3)]
    processes.wait_until_working()
    until = time.monotonic() + 30
    while sum(starter.poll() is None for starter in starters) > 1:
        assert time.monotonic() < until
        time.sleep(0.02)
    [winner] = [starter for starter in starters if starter.poll() is None]
    winner.terminate()
    said = {starter: starter.communicate(timeout=30) for starter in starters}
    assert Counter(starter.returncode for starter in starters) == {75: 2, 143: 1}
    assert all("already running" in said[starter][1] for starter in starters if starter is not winner)
    assert (processes.outcomes(), (places / "mail").exists()) == (["stopped"], False)


def test_with_wait_a_second_starter_waits_for_the_first(processes: Processes) -> None:
    processes.happens("WAIT")
    first = processes.start("TEST")
    processes.wait_until_working()
    processes.happens("")
    second = processes.start("TEST", "--wait", "30")
    first.terminate()
    first.communicate(timeout=30)
    assert second.communicate(timeout=30)[0] == "Batch TEST: 1 done.\n"
    assert processes.outcomes() == ["stopped", "succeeded"]


def test_f31_a_mail_server_that_is_down_delays_the_mail_only(processes: Processes) -> None:
    processes.happens("MAIL")
    done = processes.run("TEST", EMAIL_URL=f"smtp://127.0.0.1:{free_port()}")
    assert (done.returncode, processes.outcomes(), processes.mails()) == (0, ["succeeded"], [("due", 1)])
    assert done.stderr.count("\n") == 1
    assert "1 mail waits for the next run" in done.stderr


def test_f31_a_mail_server_that_hangs_delays_the_mail_only(processes: Processes, silent_server: int) -> None:
    processes.happens("MAIL")
    done = processes.run("TEST", EMAIL_URL=f"smtp://127.0.0.1:{silent_server}")
    assert (done.returncode, processes.mails()) == (0, [("due", 1)])


def test_the_mail_of_a_run_arrives_by_smtp(processes: Processes, smtp: SmtpServer) -> None:
    processes.happens("ERROR")
    assert processes.run("TEST", EMAIL_URL=f"smtp://127.0.0.1:{smtp.port}").returncode == 3
    [mail] = smtp.mails
    assert (mail["To"], mail["Auto-Submitted"]) == ("support@example.org", "auto-generated")
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/mixed",
        "multipart/alternative",
        "text/plain",
        "text/html",
        "text/plain",
    ]


def test_f03_a_mail_whose_sending_was_killed_is_sent_again_with_the_same_message_id(
    processes: Processes, smtp: SmtpServer
) -> None:
    processes.happens("MAIL")
    process = processes.start("TEST", EMAIL_URL=f"smtp://127.0.0.1:{smtp.port}")
    smtp.on_data = lambda: os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=30)
    assert (process.returncode, processes.mails()) == (-signal.SIGKILL, [("due", 0)])
    smtp.on_data = lambda: None
    processes.happens("")
    processes.run("TEST", EMAIL_URL=f"smtp://127.0.0.1:{smtp.port}")
    assert processes.mails() == [("sent", 1)]
    assert len({mail["Message-ID"] for mail in smtp.mails}) == 1
    assert len(smtp.mails) == 2


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs a PostgreSQL server")
def test_f30_a_database_that_drops_the_session_fails_the_run_which_is_closed_all_the_same(
    processes: Processes,
) -> None:
    processes.happens("WAIT")
    process = processes.start("TEST")
    processes.wait_until_working()
    processes.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    stdout, stderr = process.communicate(timeout=30)
    assert (process.returncode, processes.outcomes()) == (69, ["failed"])
    assert "Traceback" not in stderr
    assert "The database cannot be reached or used" in stdout


def test_s01_s03_no_secret_stands_among_the_arguments_of_a_run(processes: Processes) -> None:
    processes.happens("WAIT")
    running = processes.start("TEST")
    processes.wait_until_working()
    arguments = Path(f"/proc/{running.pid}/cmdline").read_text()
    assert "run_batch" in arguments
    assert not any(secret in arguments for secret in (PASSWORD, KEY))
    running.terminate()
    assert running.wait(timeout=60) == 143
