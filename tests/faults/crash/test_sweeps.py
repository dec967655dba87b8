"""Runs that die at moments that nobody has chosen: before any SQL statement, while any answer is awaited."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import ClassVar

import pytest
from flask import Response

from chorus.local_portal.faults import Fault
from tests.faults.crash.conftest import NewScene, Undisturbed, World
from tests.faults.crash.drawing import drawn
from tests.faults.crash.moments import STATEMENT
from tests.faults.crash.scene import Scene, ended, wait_until
from tests.faults.crash.test_points import assert_completed, kill_at

pytestmark = [pytest.mark.faults, pytest.mark.wrong_traffic]


@pytest.mark.parametrize("part", range(5))
def test_f01_f02_f03_a_run_killed_before_any_sql_statement_is_completed_by_the_next_one(
    new_scene: NewScene, undisturbed: Undisturbed, tmp_path_factory: pytest.TempPathFactory, part: int
) -> None:
    seed, statements = drawn(range(1, undisturbed.arrivals[STATEMENT] + 1), 3)
    for statement in statements:
        with new_scene(tmp_path_factory.mktemp("scene")) as scene:
            kill_at(scene, STATEMENT, statement)
            scene.run_batch()
            told = f"SQL statement {statement} (seed {seed})"
            assert set(scene.outcomes()) <= {"interrupted", "succeeded"}, told
            assert_completed(scene, undisturbed, again=1)


@contextmanager
def killing_at_call(world: World, scene: Scene, call: int) -> Iterator[None]:
    """The portal kills who calls, instead of an answer to the call of this number."""

    class Sudden(Fault):
        kind: ClassVar[str] = "sudden"

        def before(self, now: datetime) -> Response | None:
            (process,) = wait_until(lambda: scene.started)
            os.kill(process.pid, signal.SIGKILL)
            return None

    world.portal.faults.add([Sudden(after=call - 1, times=1)])
    try:
        yield
    finally:
        world.portal.faults.clear()


@pytest.mark.parametrize("part", range(2))
def test_f01_a_run_killed_while_it_waits_for_the_portal_is_completed_by_the_next_one(
    new_scene: NewScene,
    seeded: World,
    undisturbed: Undisturbed,
    tmp_path_factory: pytest.TempPathFactory,
    part: int,
) -> None:
    seed, calls = drawn(range(1, undisturbed.requests + 1), 3)
    for call in calls:
        with new_scene(tmp_path_factory.mktemp("scene")) as scene:
            with killing_at_call(seeded, scene, call):
                done = ended(scene.start("run_batch", "CHORUS"))
            assert done.returncode == -signal.SIGKILL, f"call {call} (seed {seed}): {done}"
            scene.run_batch()
            assert scene.outcomes() == ["interrupted", "succeeded"], f"call {call} (seed {seed})"
            assert_completed(scene, undisturbed)
