"""A run that is asked to stop, wherever it is: it ends cleanly, and the next one does the rest."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from tests.faults.crash import points
from tests.faults.crash.conftest import NewScene, Undisturbed
from tests.faults.crash.scene import Scene, ended, kill_group
from tests.faults.crash.test_points import assert_completed

pytestmark = pytest.mark.faults

SIGNALS = (signal.SIGTERM, signal.SIGINT)
ALL_BUT_DONE = points.OF_A_RUN[points.OF_A_RUN.index("alerts: made") :]
"""From here on there is nothing left to stop but the sending of mails."""


def signal_at(scene: Scene, point: str, signum: int) -> tuple[int, str]:
    """Return the exit code and the outcome of a run that gets a signal at its first arrival at a point."""
    options = ("--format", "json")
    done = ended(scene.start("run_batch", *options, "CHORUS", END_AT=f"{point} 1", END_BY=str(int(signum))))
    assert "Traceback" not in done.stderr
    return done.returncode, json.loads(done.stdout)["outcome"]


@pytest.mark.parametrize("signum", SIGNALS)
def test_f04_a_run_that_is_asked_to_stop_is_stopped_and_the_next_one_goes_on(
    scene: Scene, undisturbed: Undisturbed, signum: signal.Signals
) -> None:
    assert signal_at(scene, "page: in the transaction", signum) == (128 + signum, "stopped")
    assert scene.database.query("SELECT count(*) FROM chorus_statuschange WHERE run_id = 2") != [(0,)]
    scene.run_batch()
    assert scene.outcomes() == ["stopped", "succeeded"]
    assert_completed(scene, undisturbed)


@pytest.mark.parametrize("point", points.OF_A_RUN)
def test_f04_a_run_stops_at_any_point_and_the_next_one_goes_on(
    new_scene: NewScene, undisturbed: Undisturbed, tmp_path: Path, point: str
) -> None:
    signum = SIGNALS[points.OF_A_RUN.index(point) % 2]
    with new_scene(tmp_path) as scene:
        exit_code, outcome = signal_at(scene, point, signum)
        allowed = [(128 + signum, "stopped"), (0, "succeeded")]
        assert (exit_code, outcome) in (allowed if point in ALL_BUT_DONE else allowed[:1])
        assert scene.outcomes() == [outcome]
        scene.run_batch()
        assert_completed(scene, undisturbed)


def test_f05_a_run_that_a_reboot_took_with_it_is_completed_by_the_next_one(
    scene: Scene, undisturbed: Undisturbed
) -> None:
    kill_group(scene.freeze("run_batch", "CHORUS", at="page: in the transaction 2"))
    scene.run_batch()
    assert scene.outcomes() == ["interrupted", "succeeded"]
    assert_completed(scene, undisturbed)
