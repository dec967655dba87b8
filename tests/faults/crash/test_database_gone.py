"""A database that goes away, at any moment of a run (F30): it says so, its mail goes out, and the next one goes on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.db import connection

from tests.faults.crash import points
from tests.faults.crash.conftest import NewScene, Undisturbed
from tests.faults.crash.scene import Scene, thawed
from tests.faults.crash.test_disk import JSON, assert_made_good, error_mail

on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="files of SQLite")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="sessions of PostgreSQL")
TERMINATE = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
HAS_ENDED = ("close: committed", "lock: about to be let go", "lock: let go", "mail: before sending", "mails: sent")
MOMENTS = ("run: open", "page: in the transaction", "watermark: in the transaction", "alert: in the transaction")


def drop_sessions(scene: Scene, moment: str) -> tuple[int, str]:
    """Return the exit code and stderr of a run that PostgreSQL throws out at a moment."""
    frozen = scene.freeze(*JSON, at=f"{moment} 1")
    scene.database.query(TERMINATE)
    done = thawed(frozen)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@on_postgresql
@pytest.mark.postgresql
def test_f30_a_run_whose_session_is_dropped_says_so_and_the_next_one_goes_on(
    scene: Scene, undisturbed: Undisturbed
) -> None:
    code, said = drop_sessions(scene, "page: in the transaction")
    assert (code, "The database cannot be reached or used" in said) == (69, True)
    assert "The database cannot be reached or used" in error_mail(scene)[0]
    assert_made_good(scene, undisturbed)


@on_postgresql
@pytest.mark.postgresql
@pytest.mark.faults
@pytest.mark.parametrize("moment", [*MOMENTS, *HAS_ENDED])
def test_f30_a_session_may_be_dropped_at_any_moment(
    new_scene: NewScene, undisturbed: Undisturbed, tmp_path: Path, moment: str
) -> None:
    assert moment in points.OF_A_RUN
    with new_scene(tmp_path) as scene:
        code, _said = drop_sessions(scene, moment)
        assert code == (0 if moment in HAS_ENDED else 69)
        assert_made_good(scene, undisturbed)


@on_sqlite
def test_f30_a_file_that_is_no_database_is_exit_69(scene: Scene) -> None:
    Path(scene.database.name).write_bytes(b"no database" * 1000)
    done = scene.run(*JSON)
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (69, "failed")
    assert "file is not a database" in done.stderr
