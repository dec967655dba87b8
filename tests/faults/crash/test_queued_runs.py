"""Runs that a screen has asked for: they begin once, however often their process is started, and wherever it dies."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.crash.conftest import Undisturbed
from tests.faults.crash.scene import Scene, ended, thawed, wait_until
from tests.faults.crash.test_points import assert_completed

pytestmark = pytest.mark.faults

QUEUE = """
from akuiteo.models import User
from batches.models import Batch
from batches.run_row import queue_run
print(queue_run(Batch.objects.get(code="CHORUS"), User.objects.get(username="batch"), False, (), ()).pk)
"""
PRESS = """
import sys, threading
from akuiteo.models import User
from batches import background
from batches.launch import launch
from batches.models import Batch
run = launch(Batch.objects.get(code="CHORUS"), User.objects.get(username="batch"))
for _ in range(int(sys.argv[1]) - 1):
    background.start(run, "en")
print(run.pk, flush=True)
for waiting in threading.enumerate():
    if waiting is not threading.main_thread():
        waiting.join()
"""
"""Presses the button, as a worker of the web server does, and stays until the processes that it started have ended."""


def queue(scene: Scene) -> list[str]:
    """Queue a run, and return the options with which its process is started."""
    done = ended(scene.script(QUEUE))
    assert done.returncode == 0, done
    return ["run_batch", "--run", done.stdout.strip(), "CHORUS"]


def press(scene: Scene, times: int = 1, **variables: str) -> subprocess.Popen[str]:
    worker = scene.script(PRESS, str(times), **variables)
    assert worker.stdout
    assert worker.stdout.readline().strip().isdecimal()
    return worker


@contextlib.contextmanager
def frozen_run_of(worker: subprocess.Popen[str]) -> Iterator[int]:
    """The process that the worker has started, once it stands still; it is gone afterwards."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text("ascii")
    run = int(children.split()[0])
    try:
        wait_until(lambda: "State:\tT" in Path(f"/proc/{run}/status").read_text("ascii"))
        yield run
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(run, signal.SIGKILL)


def test_f27_who_presses_the_button_while_the_scheduler_runs_is_told_so(scene: Scene, undisturbed: Undisturbed) -> None:
    scheduled = scene.freeze("run_batch", "CHORUS", at="page: read 1")
    assert ended(press(scene)).returncode == 0
    assert scene.outcomes() == ["running", "refused"]
    [(exit_code, summary)] = scene.database.query(
        "SELECT exit_code, summary FROM batches_run WHERE outcome = 'refused'"
    )
    assert (exit_code, "already running: run 2" in summary) == (75, True)
    assert not scene.mails()
    assert thawed(scheduled).returncode == 0
    assert_completed(scene, undisturbed)


def test_f27_the_scheduler_is_told_that_a_pressed_button_runs_the_batch(scene: Scene, undisturbed: Undisturbed) -> None:
    worker = press(scene, END_AT="page: read 1", END_BY=str(int(signal.SIGSTOP)))
    with frozen_run_of(worker) as run:
        assert scene.run("run_batch", "CHORUS").returncode == 75
        os.kill(run, signal.SIGCONT)
        ended(worker)
    assert scene.outcomes() == ["succeeded"]
    assert_completed(scene, undisturbed)


@pytest.mark.parametrize(
    ("point", "exit_code", "meanwhile"), [("lock: taken", 75, "queued"), ("queued run: taken over", 2, "running")]
)
def test_f43_of_two_processes_of_one_queued_run_one_takes_it(
    scene: Scene, undisturbed: Undisturbed, point: str, exit_code: int, meanwhile: str
) -> None:
    start = queue(scene)
    first = scene.freeze(*start, at=f"{point} 1")
    assert scene.run(*start).returncode == exit_code
    assert scene.outcomes() == [meanwhile]
    assert thawed(first).returncode == 0
    assert scene.run(*start).returncode == 2
    assert scene.outcomes() == ["succeeded"]
    assert_completed(scene, undisturbed)


def test_f43_a_run_whose_process_a_worker_starts_twice_runs_once(scene: Scene, undisturbed: Undisturbed) -> None:
    assert ended(press(scene, times=2)).returncode == 0
    assert scene.outcomes() == ["succeeded"]
    assert_completed(scene, undisturbed)


def test_f43_a_queued_run_whose_process_died_before_it_took_over_begins_with_the_next_process(
    scene: Scene, undisturbed: Undisturbed
) -> None:
    start = queue(scene)
    assert ended(scene.start(*start, END_AT="queued run: in the transaction 1")).returncode == -signal.SIGKILL
    assert scene.outcomes() == ["queued"]
    assert scene.run(*start).returncode == 0
    assert scene.outcomes() == ["succeeded"]
    assert_completed(scene, undisturbed)


def test_f01_a_queued_run_whose_process_died_after_it_took_over_is_completed_by_the_next_run(
    scene: Scene, undisturbed: Undisturbed
) -> None:
    start = queue(scene)
    assert ended(scene.start(*start, END_AT="queued run: taken over 1")).returncode == -signal.SIGKILL
    assert scene.run(*start).returncode == 2
    scene.run_batch()
    assert scene.outcomes() == ["interrupted", "succeeded"]
    assert_completed(scene, undisturbed)
