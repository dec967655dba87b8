"""A database that others keep locked (F29): tried again, then the invoice fails and the run survives."""

from __future__ import annotations

import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.faults.crash.conftest import Undisturbed
from tests.faults.crash.scene import Scene, thawed, wait_until
from tests.faults.crash.test_disk import assert_made_good
from tests.faults.crash.test_points import assert_completed

pytestmark = pytest.mark.wrong_traffic
SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.faults.crash.troubled_settings"}
JSON = ("run_batch", "CHORUS", "--format", "json")
WAITING = """
SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT granted AND a.datname = current_database()
"""
on_sqlite = pytest.mark.skipif(connection.vendor != "sqlite", reason="locks of SQLite")
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="locks of PostgreSQL")


@contextlib.contextmanager
def locked(scene: Scene, number: str) -> Iterator[Any]:
    """Another session that has changed an invoice and does not commit: on SQLite that locks the whole database."""
    with contextlib.closing(scene.database.connect()) as session:
        session.execute("BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN")
        session.execute(f"UPDATE chorus_invoice SET customer = 'x' WHERE number = '{number}'")  # noqa: S608 - ours
        yield session


def statements(trace: Path) -> int:
    return trace.read_text(encoding="utf-8").splitlines().count("SQL statement")


def chorus_statuses(scene: Scene) -> dict[str, str]:
    return dict(scene.database.query("SELECT number, chorus_status FROM chorus_invoice"))


@pytest.mark.faults
def test_f29_a_lock_that_is_let_go_in_time_is_no_error(scene: Scene, undisturbed: Undisturbed) -> None:
    trace = scene.folder / "trace"
    frozen = scene.freeze(*JSON, at="page: about to be written 1", TRACE=str(trace), LOCK_SECONDS="1", **SETTINGS)
    before = statements(trace)
    with locked(scene, "A-1") as session:
        frozen.send_signal(signal.SIGCONT)
        if connection.vendor == "sqlite":  # each try begins with a statement
            wait_until(lambda: statements(trace) >= before + 2)
        else:
            wait_until(lambda: scene.database.query(WAITING))
            wait_until(lambda: not scene.database.query(WAITING))
        session.execute("ROLLBACK")
        done = thawed(frozen)
    assert (done.returncode, done.stderr) == (0, "")
    assert_completed(scene, undisturbed)


@on_sqlite
def test_f29_where_the_lock_outlasts_the_tries_the_invoices_of_the_page_fail_and_the_run_survives(
    scene: Scene,
    undisturbed: Undisturbed,
) -> None:
    lock = {"LOCKED_AT": "page: read 1", "UNLOCKED_AT": "page: committed 1", "LOCK_SECONDS": "0.05"}
    done = scene.run(*JSON, **lock, **SETTINGS)
    told = json.loads(done.stdout)
    assert (done.returncode, told["outcome"]) == (3, "partial")
    failed = {error["invoice"]: error["message"] for error in told["errors"]}
    assert failed
    assert all("others kept it locked in the database for too long" in words for words in failed.values())
    now = chorus_statuses(scene)
    assert {number for number, status in now.items() if status == "DEPOSEE"} >= set(failed)
    assert any(status == "REJETEE" for status in now.values())
    assert scene.run_batch()["changed"] == len(failed)
    left = scene.left_behind()
    assert (left["invoices"], left["watermarks"]) == (
        undisturbed.left_behind["invoices"],
        undisturbed.left_behind["watermarks"],
    )


@on_sqlite
@pytest.mark.faults
def test_f29_f30_a_database_that_stays_locked_ends_the_run_with_its_mail_and_the_next_one_does_the_rest(
    scene: Scene,
    undisturbed: Undisturbed,
) -> None:
    done = scene.run(*JSON, LOCKED_AT="page: read 2", LOCK_SECONDS="0.05", **SETTINGS)
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (69, "failed")
    assert "kept locked by others" in done.stderr
    assert "Traceback" not in done.stderr
    [[(to, subject, _text)]] = scene.mails().values()
    assert to == "support@example.org"
    assert "kept locked by others" in subject
    assert_made_good(scene, undisturbed)
    assert scene.outcomes() == ["interrupted", "succeeded"]


@on_postgresql
@pytest.mark.postgresql
def test_f29_an_invoice_whose_row_stays_locked_fails_alone_and_the_next_run_asks_for_it(
    scene: Scene,
    undisturbed: Undisturbed,
) -> None:
    with locked(scene, "A-1"):
        done = scene.run(*JSON, LOCK_SECONDS="0.1", **SETTINGS)
        told = json.loads(done.stdout)
        assert (done.returncode, told["outcome"], [error["invoice"] for error in told["errors"]]) == (
            3,
            "partial",
            ["A-1"],
        )
        assert "others kept it locked in the database for too long" in told["errors"][0]["message"]
        assert chorus_statuses(scene) | {"A-1": "DEPOSEE"} == chorus_statuses(scene)
    assert scene.run_batch()["changed"] == 1
    left = scene.left_behind()
    assert (left["invoices"], left["watermarks"]) == (
        undisturbed.left_behind["invoices"],
        undisturbed.left_behind["watermarks"],
    )


@on_postgresql
@pytest.mark.postgresql
@pytest.mark.faults
def test_f29_a_deadlock_is_tried_again(scene: Scene, undisturbed: Undisturbed) -> None:
    name = scene.database.name
    scene.database.query(f"ALTER DATABASE \"{name}\" SET deadlock_timeout = '3s'")
    frozen = scene.freeze(*JSON, at="page: read 1", **SETTINGS)
    with locked(scene, "A-1") as other:
        other.execute("SET LOCAL deadlock_timeout = '1h'")  # so the run finds the deadlock, and has to give way
        frozen.send_signal(signal.SIGCONT)
        wait_until(lambda: scene.database.query(WAITING))
        other.execute("UPDATE chorus_invoice SET customer = 'x' WHERE number = 'A-2'")  # the run has that one
        other.execute("ROLLBACK")
        done = thawed(frozen)
    assert (done.returncode, done.stderr) == (0, "")
    wait_until(
        lambda: scene.database.query(f"SELECT deadlocks FROM pg_stat_database WHERE datname = '{name}'") == [(1,)]  # noqa: S608
    )
    assert_completed(scene, undisturbed)


@on_postgresql
@pytest.mark.postgresql
def test_f29_alerts_wait_for_no_row_for_ever(scene: Scene, undisturbed: Undisturbed) -> None:
    frozen = scene.freeze(*JSON, at="connection: followed 2", LOCK_SECONDS="0.1", **SETTINGS)
    with contextlib.closing(scene.database.connect()) as other:
        other.execute("BEGIN")
        other.execute("UPDATE chorus_statuschange SET comment = comment WHERE alert_due")
        frozen.send_signal(signal.SIGCONT)
        done = thawed(frozen)
        other.execute("ROLLBACK")
    assert done.returncode == 69
    assert "kept locked by others" in done.stderr
    assert scene.run_batch()["alerts"] == 2
