"""A run that dies between any two of its steps: the next one leaves behind what an undisturbed run would have."""

from __future__ import annotations

import ast
import signal
from pathlib import Path

import pytest

from tests.architecture import sources
from tests.batches.processes import ROOT
from tests.faults.crash import points
from tests.faults.crash.conftest import NewScene, Undisturbed
from tests.faults.crash.drawing import drawn
from tests.faults.crash.scene import Scene, contents, ended, repeated

QUICK = (
    ("page: in the transaction", 2),
    ("mail: accepted, row not written", 1),
)


def kill_at(scene: Scene, point: str, arrival: int, *options: str) -> None:
    done = ended(scene.start("run_batch", *options, "CHORUS", END_AT=f"{point} {arrival}"))
    assert done.returncode == -signal.SIGKILL, f"{point} {arrival} was never reached: {done}"


def assert_completed(scene: Scene, undisturbed: Undisturbed, again: int = 0) -> None:
    """Everything is as after an undisturbed run, but for mails that came `again`."""
    assert scene.left_behind() == undisturbed.left_behind
    mails = scene.mails()
    assert contents(mails) == undisturbed.mails
    assert repeated(mails) <= again


def assert_idle(scene: Scene, undisturbed: Undisturbed, again: int = 0) -> None:
    """One more run finds nothing to do."""
    told = scene.run_batch()
    assert (told["changed"], told["alerts"]) == (0, 0)
    assert_completed(scene, undisturbed, again)


def outcome_of_killed(point: str) -> list[str]:
    if point in points.BEFORE_ITS_ROW:
        return []
    return ["interrupted" if point in points.WHILE_IT_RUNS else "succeeded"]


@pytest.mark.parametrize(("point", "arrival"), QUICK)
def test_f01_f02_f03_a_killed_run_is_completed_by_the_next_one(
    scene: Scene, undisturbed: Undisturbed, point: str, arrival: int
) -> None:
    kill_at(scene, point, arrival)
    scene.run_batch()
    assert scene.outcomes() == [*outcome_of_killed(point), "succeeded"]
    assert_completed(scene, undisturbed, again=point in points.SENT_TWICE)


@pytest.mark.faults
@pytest.mark.parametrize("point", points.OF_A_RUN)
def test_f01_f02_f03_a_run_killed_at_any_point_is_completed_by_the_next_one(
    new_scene: NewScene, undisturbed: Undisturbed, tmp_path: Path, point: str
) -> None:
    """Killed when it first comes to the point, and when it last does."""
    again = point in points.SENT_TWICE
    for arrival in sorted({1, undisturbed.arrivals[point]}):
        with new_scene(tmp_path) as scene:
            kill_at(scene, point, arrival)
            scene.run_batch()
            assert scene.outcomes() == [*outcome_of_killed(point), "succeeded"]
            assert_completed(scene, undisturbed, again)
            if arrival == 1:
                assert_idle(scene, undisturbed, again)


@pytest.mark.faults
def test_f01_f02_f03_a_run_that_is_killed_again_and_again_is_completed_in_the_end(
    scene: Scene, undisturbed: Undisturbed
) -> None:
    seed, killed_at = drawn(points.OF_A_RUN, 12)
    for point in killed_at:
        scene.run("run_batch", "CHORUS", END_AT=f"{point} 1")
    scene.run_batch()
    again = len(points.SENT_TWICE.intersection(killed_at))
    assert set(scene.outcomes()) <= {"interrupted", "succeeded"}, f"seed {seed}: {killed_at}"
    assert_completed(scene, undisturbed, again)


@pytest.mark.faults
@pytest.mark.parametrize(
    "point",
    ["work: done", "close: in the transaction", "close: committed", "mail: before sending", *points.SENT_TWICE],
)
def test_f02_f03_the_error_mail_of_a_run_killed_at_its_end_is_neither_lost_nor_made_twice(
    scene: Scene, point: str
) -> None:
    scene.database.query("UPDATE batches_batchparameter SET value = 'nobody' WHERE code = 'BATCH_USER'")
    kill_at(scene, point, 1)
    assert scene.run("run_batch", "CHORUS").returncode == 77
    assert scene.outcomes() == ["interrupted" if point in points.WHILE_IT_RUNS else "refused", "refused"]
    mails = scene.mails()
    assert [(to, "nobody" in text) for to, _subject, text in contents(mails)] == [("support@example.org", True)]
    assert repeated(mails) <= (point in points.SENT_TWICE)


def test_the_list_of_points_is_that_of_the_source() -> None:
    """A point that nobody is killed at proves nothing, nor does one that no run comes to."""
    in_source = {
        ast.literal_eval(call.args[0])
        for source in sources(ROOT)
        for call in source.calls()
        if ast.unparse(call.func).rpartition(".")[2] == "reached"
    }
    assert in_source == {*points.OF_A_RUN, *points.OF_A_QUEUED_RUN}


def test_an_undisturbed_run_comes_to_every_point(undisturbed: Undisturbed) -> None:
    assert set(points.OF_A_RUN) <= set(undisturbed.arrivals)
