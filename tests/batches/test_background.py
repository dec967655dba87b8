"""Runs that a screen has asked for, as processes of their own: they outlive the worker, and end whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from akuiteo.models import User
from batches import background
from batches.models import Batch, Run
from tests.batches.processes import ROOT, Processes, python
from tests.batches.test_taking_over import queued

pytestmark = pytest.mark.django_db(transaction=True)

WORKER = """
import django, json, os, sys, time; django.setup()
from django.utils import translation
from akuiteo.models import User
from batches.launch import launch
from batches.models import Batch
options = json.loads(sys.argv[1])
sys.executable = options.pop("python", sys.executable)
os.set_inheritable(os.pipe()[1], True)
with translation.override(options.pop("language", "en")):
    print(launch(Batch.objects.get(), User.objects.get(), **options).pk, flush=True)
time.sleep(120)
"""
"""Presses the button, and then goes on serving, as a worker of the web server does."""


LOOKER = """
import django; django.setup()
from django.test import Client
from akuiteo.models import User
from batches.models import Run
looker, _ = User.objects.get_or_create(username="looker", is_staff=True, is_superuser=True)
client = Client(headers={"host": "localhost"})
client.force_login(looker)
print(client.get(f"/admin/batches/run/{Run.objects.get().pk}/progress/").content.decode())
"""
"""Has a run's page open."""


def press(processes: Processes, **options: Any) -> subprocess.Popen[str]:
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, json.dumps(options)],
        cwd=ROOT,
        env=processes.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    processes.started.append(worker)
    assert worker.stdout
    assert worker.stdout.readline().strip().isdecimal()
    return worker


def until(happened: Callable[[], Any]) -> Any:
    end = time.monotonic() + 60
    while not (found := happened()):
        assert time.monotonic() < end, "it has not happened within a minute"
        time.sleep(0.05)
    return found


def outcomes_at_the_end(processes: Processes) -> Any:
    return until(lambda: not {"queued", "running"} & set(processes.outcomes()) and processes.outcomes())


def seen(processes: Processes) -> Any:
    looked = python("-c", LOOKER, env=processes.environment)
    assert looked.returncode == 0, looked.stderr
    return json.loads(looked.stdout)


def process_of_run(worker: subprocess.Popen[str]) -> int:
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text("ascii")
    return int(children.split()[0])


def test_a_pressed_button_runs_the_batch_as_cron_would(processes: Processes) -> None:
    processes.happens("MAIL")
    press(processes)
    assert outcomes_at_the_end(processes) == ["succeeded"]
    [row] = processes.query("SELECT trigger, started_by_id, user_id, summary FROM batches_run")
    assert row[:3] == ("admin", row[2], row[1])
    assert row[3] == "Batch TEST: 1 done."
    assert until(lambda: processes.mails() == [("sent", 1)])


def test_a_run_speaks_the_language_of_the_person_who_pressed(processes: Processes) -> None:
    processes.happens("CRASH")
    press(processes, language="fr")
    assert outcomes_at_the_end(processes) == ["failed"]
    assert "Le batch TEST a échoué" in processes.query("SELECT summary FROM batches_run")[0][0]


def test_a_run_shares_nothing_with_the_worker(processes: Processes) -> None:
    processes.happens("WAIT")
    run = process_of_run(press(processes))
    processes.wait_until_working()
    open_files = {file.name: str(file.readlink()) for file in Path(f"/proc/{run}/fd").iterdir()}
    assert (os.getsid(run), open_files["0"], open_files["1"]) == (run, "/dev/null", "/dev/null")
    assert not any(target.startswith("pipe:") for target in open_files.values())
    os.kill(run, signal.SIGKILL)


def test_a_run_outlives_the_worker_and_stops_cleanly_by_a_signal(processes: Processes) -> None:
    processes.happens("WAIT")
    worker = press(processes)
    run = process_of_run(worker)
    processes.wait_until_working()
    os.killpg(worker.pid, signal.SIGKILL)
    worker.communicate(timeout=30)
    assert processes.outcomes() == ["running"]
    os.kill(run, signal.SIGTERM)
    assert outcomes_at_the_end(processes) == ["stopped"]


def test_f01_a_killed_run_is_interrupted_by_the_worker_which_leaves_no_zombie(processes: Processes) -> None:
    processes.happens("WAIT")
    run = process_of_run(press(processes))
    processes.wait_until_working()
    os.kill(run, signal.SIGKILL)
    assert outcomes_at_the_end(processes) == ["interrupted"]
    assert "exit code -9" in processes.query("SELECT summary FROM batches_run")[0][0]
    assert until(lambda: not Path(f"/proc/{run}").exists())


def test_f01_a_run_killed_together_with_the_worker_is_interrupted_by_the_next_run(processes: Processes) -> None:
    processes.happens("WAIT")
    worker = press(processes)
    run = process_of_run(worker)
    processes.wait_until_working()
    os.killpg(worker.pid, signal.SIGKILL)
    os.kill(run, signal.SIGKILL)
    processes.happens("")
    assert until(lambda: processes.run("TEST").returncode == 0)
    assert processes.outcomes() == ["interrupted", "succeeded"]


def test_f01_a_run_of_cron_that_is_killed_is_shown_as_such_at_once(processes: Processes) -> None:
    processes.happens("WAIT")
    run = processes.start("TEST")
    processes.wait_until_working()
    assert not seen(processes)["ended"]
    run.kill()
    run.communicate(timeout=30)
    news = seen(processes)
    assert (news["ended"], "Its process has ended" in news["parts"]["run-state"]) == (True, True)
    assert processes.outcomes() == ["running"]  # the next run ends it


def test_f27_who_presses_while_it_runs_is_told_so(processes: Processes) -> None:
    processes.happens("WAIT")
    run = process_of_run(press(processes))
    processes.wait_until_working()
    press(processes)
    assert until(lambda: processes.outcomes() == ["running", "refused"])
    [(exit_code, summary)] = processes.query("SELECT exit_code, summary FROM batches_run WHERE outcome = 'refused'")
    assert (exit_code, "already running: run" in summary) == (75, True)
    os.kill(run, signal.SIGTERM)
    assert outcomes_at_the_end(processes) == ["stopped", "refused"]


def test_a_dry_run_goes_beside_a_real_one(processes: Processes) -> None:
    processes.happens("WAIT")
    run = process_of_run(press(processes))
    processes.wait_until_working()
    processes.happens("MAIL")
    press(processes, dry_run=True)
    assert until(lambda: processes.outcomes() == ["running", "succeeded"])
    os.kill(run, signal.SIGTERM)
    assert (outcomes_at_the_end(processes), processes.mails()) == (["stopped", "succeeded"], [])


def test_a_process_that_dies_before_it_begins_leaves_its_last_words(processes: Processes, places: Path) -> None:
    broken = places / "python"
    broken.write_text("#!/bin/sh\necho 'ImportError: No module named chorus' >&2\nexit 1\n")
    broken.chmod(0o755)
    press(processes, python=str(broken))
    assert outcomes_at_the_end(processes) == ["interrupted"]
    assert (
        "(exit code 1). ImportError: No module named chorus" in processes.query("SELECT summary FROM batches_run")[0][0]
    )


def test_where_the_work_is_stands_in_the_summary_meanwhile(processes: Processes) -> None:
    processes.happens("KILL")
    processes.run("TEST")
    assert processes.query("SELECT outcome, summary FROM batches_run") == [("running", "half of it")]


def test_a_process_that_cannot_be_started_ends_the_run_in_words(
    batch: Batch, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = queued(batch)
    monkeypatch.setattr(sys, "executable", "/nonexistent/python")
    background.start(run, "en")
    assert Run.objects.get().outcome == "interrupted"
    assert "could not be started: [Errno 2]" in run.log_lines.get().text
