"""Disks that are full and directories that cannot be written (F30, F34, F35): the run ends in time and says so."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.batches.processes import ROOT
from tests.faults.crash.conftest import Undisturbed
from tests.faults.crash.scene import Scene, contents, thawed
from tests.faults.crash.test_points import assert_completed

SETTINGS = {"DJANGO_SETTINGS_MODULE": "tests.faults.crash.troubled_settings"}
JSON = ("run_batch", "CHORUS", "--format", "json")
SUPPORT = "support@example.org"


def with_log_file(scene: Scene) -> None:
    scene.database.query(
        "INSERT INTO batches_batchparameter (batch_id, code, value, secret) "
        "SELECT id, 'BATCH_LOG_FILE', 'chorus', '' FROM batches_batch WHERE code = 'CHORUS'"
    )


def run_log(scene: Scene) -> str:
    return "\n".join(text for (text,) in scene.database.query("SELECT text FROM batches_runlogline ORDER BY id"))


def error_mail(scene: Scene) -> tuple[str, str]:
    """Return its subject and its text."""
    [(_to, subject, text)] = [mail for [mail] in scene.mails().values() if mail[1].strip().startswith("Batch CHORUS")]
    return subject, text


def assert_made_good(scene: Scene, undisturbed: Undisturbed) -> None:
    """The next run leaves behind what an undisturbed one does, but for what support is told."""
    scene.run_batch()
    assert scene.outcomes()[-1] == "succeeded"
    assert _but_for_support(scene.left_behind()) == _but_for_support(undisturbed.left_behind)
    assert contents({key: mails for key, mails in scene.mails().items() if mails[0][0] != SUPPORT}) == {
        mail: count for mail, count in undisturbed.mails.items() if mail[0] != SUPPORT
    }


def without_mails(left_behind: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    """Who was told of what by two runs has two mails, each change in one of them."""
    changes = [(*change[:-1], bool(change[-1])) for change in left_behind["status changes"]]
    return left_behind | {"mails": [], "status changes": changes}


def _but_for_support(left_behind: dict[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    return left_behind | {"mails": [mail for mail in left_behind["mails"] if mail[0] != SUPPORT]}


@pytest.fixture
def full_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system without a free byte. Only who administers the machine may make one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        (folder / "filler").write_bytes(b"x" * 16 * 1024)
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="a PostgreSQL server has a disk of its own")
def test_f30_f34_where_the_disk_of_the_database_is_full_the_run_says_so_and_the_next_one_goes_on(
    scene: Scene,
    undisturbed: Undisturbed,
) -> None:
    with_log_file(scene)
    done = scene.run(*JSON, FULL_AT="page: read 2", **SETTINGS)
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (69, "failed")
    [file] = (scene.folder / "logs" / "chorus").iterdir()
    for text in (done.stderr, file.read_text(encoding="utf-8"), *error_mail(scene)):
        assert "database or disk is full" in text
    assert "Traceback" not in done.stderr
    assert_made_good(scene, undisturbed)


@pytest.mark.faults
def test_f34_where_no_file_can_grow_any_more_the_run_ends_with_its_mail_and_the_next_one_goes_on(
    scene: Scene,
    undisturbed: Undisturbed,
) -> None:
    """The disk of everything: log, locks and pace, and of the database where that is SQLite."""
    with_log_file(scene)
    frozen = scene.freeze(*JSON, at="page: read 2")
    resource.prlimit(frozen.pid, resource.RLIMIT_FSIZE, (0, 0))
    done = thawed(frozen)
    assert (done.returncode, json.loads(done.stdout)["outcome"]) in [(69, "failed"), (3, "partial")]
    assert "Traceback" not in done.stderr
    assert any(words in done.stderr for words in ("disk I/O error", "File too large"))
    assert error_mail(scene)
    scene.run_batch()
    assert without_mails(scene.left_behind()) == without_mails(undisturbed.left_behind)


def test_f34_a_full_log_disk_changes_nothing_but_that_the_run_says_what_its_file_lacks(
    scene: Scene,
    undisturbed: Undisturbed,
    full_disk: Path,
) -> None:
    with_log_file(scene)
    done = scene.run("run_batch", "CHORUS", LOG_ROOT=str(full_disk))
    assert (done.returncode, done.stderr) == (0, "")
    assert "The log file is incomplete" in run_log(scene)
    assert "lines; this log has all of them." in run_log(scene)
    assert "No space left on device" in run_log(scene)
    assert_completed(scene, undisturbed)


def test_f34_an_output_on_a_full_disk_does_not_change_the_exit_code(scene: Scene) -> None:
    with open("/dev/full", "w") as full:  # noqa: PTH123 - a device
        command = [sys.executable, str(ROOT / "manage.py"), *JSON]
        done = [
            subprocess.run(
                [*command, *options], env=scene.environment(), stdout=full, stderr=full, timeout=60, check=False
            )
            for options in ([], ["--company", "NOBODY"])
        ]
    assert [process.returncode for process in done] == [0, 2]


def test_f35_a_log_directory_that_cannot_be_made_changes_no_exit_code(scene: Scene) -> None:
    with_log_file(scene)
    done = scene.run("run_batch", "CHORUS", LOG_ROOT="/proc/none")
    assert (done.returncode, done.stderr) == (0, "")
    assert "There is no log file" in run_log(scene)


def test_f35_with_log_strict_a_run_without_its_log_file_does_not_begin(
    scene: Scene,
    undisturbed: Undisturbed,
) -> None:
    with_log_file(scene)
    (scene.folder / "logs").touch()
    done = scene.run(*JSON, LOG_STRICT="True")
    told = json.loads(done.stdout)
    assert (done.returncode, told["outcome"], told["requests"]) == (78, "refused", 0)
    for text in (done.stderr, told["errors"][0]["message"], error_mail(scene)[1]):
        assert str(scene.folder / "logs") in text
        assert "LOG_STRICT" in text
    (scene.folder / "logs").unlink()
    assert json.loads(scene.run(*JSON, LOG_STRICT="True").stdout)["outcome"] == "succeeded"
    assert_made_good(scene, undisturbed)


@pytest.mark.faults
def test_f35_where_the_mails_are_files_that_cannot_be_made_they_wait_for_the_next_run(
    scene: Scene,
    undisturbed: Undisturbed,
) -> None:
    (scene.folder / "mail").touch()
    done = scene.run("run_batch", "CHORUS", EMAIL_URL=f"filemail:///{scene.folder / 'mail'}")
    assert done.returncode == 0
    assert "mails wait for the next run" in done.stderr
    scene.run_batch()
    assert_completed(scene, undisturbed)


@pytest.mark.faults
def test_f35_a_directory_of_locks_that_cannot_be_made_stops_the_run_before_the_portal_is_asked(
    scene: Scene,
    undisturbed: Undisturbed,
) -> None:
    """PostgreSQL has the locks itself; the pace of each account, without which nothing may be asked, is there too."""
    (scene.folder / "locks").touch()
    done = scene.run(*JSON)
    told = json.loads(done.stdout)
    expected = (78, "refused", 0) if connection.vendor == "sqlite" else (69, "failed", 0)
    assert (done.returncode, told["outcome"], told["requests"]) == expected
    assert str(scene.folder / "locks") in done.stderr
    (scene.folder / "locks").unlink()
    assert_made_good(scene, undisturbed)
