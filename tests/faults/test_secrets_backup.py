"""Backups (S22): a dump holds ciphertext only, and without the key it explains itself."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
import subprocess
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from tests.batches.builders import PASSWORD
from tests.batches.conftest import places, processes, seeded_database  # noqa: F401 - fixtures
from tests.batches.processes import KEY, Processes, python

pytestmark = pytest.mark.django_db(transaction=True)  # other processes see the rows


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the way of SQLite")
def test_s22_f39_a_backup_taken_while_a_run_is_under_way_holds_no_secret_and_works_with_the_key_alone(
    processes: Processes,  # noqa: F811
    tmp_path: Path,
) -> None:
    processes.happens("WAIT")
    processes.start("TEST")
    processes.wait_until_working()
    backup = tmp_path / "backup.sqlite3"
    processes.query(f"VACUUM INTO '{backup}'")
    assert PASSWORD.encode() not in backup.read_bytes()
    with contextlib.closing(sqlite3.connect(backup)) as restored:
        restored.execute("DELETE FROM batches_batchparameter WHERE code = 'HAPPENS'")
        restored.commit()
    elsewhere = {"DATABASE_URL": f"sqlite:///{backup}"}
    without_key = processes.run("TEST", FIELD_ENCRYPTION_KEYS=Fernet.generate_key().decode(), **elsewhere)
    assert (without_key.returncode, "FIELD_ENCRYPTION_KEYS" in without_key.stderr) == (78, True)
    assert processes.run("TEST", FIELD_ENCRYPTION_KEYS=KEY, **elsewhere).returncode == 0
    with contextlib.closing(sqlite3.connect(backup)) as restored:
        outcomes = [outcome for (outcome,) in restored.execute("SELECT outcome FROM batches_run ORDER BY id")]
    assert outcomes == ["interrupted", "refused", "succeeded"]


@pytest.mark.postgresql
@pytest.mark.skipif(connection.vendor != "postgresql", reason="the way of PostgreSQL")
@pytest.mark.skipif(not shutil.which("pg_dump"), reason="pg_dump is not installed")
def test_s22_a_dump_of_postgresql_holds_no_secret(processes: Processes) -> None:  # noqa: F811
    url = processes.environment["DATABASE_URL"]
    dumped = subprocess.run(["pg_dump", url], capture_output=True, text=True, timeout=60, check=True).stdout
    assert "COPY public.batches_batchparameter" in dumped
    assert "BATCH_PWD" in dumped
    assert PASSWORD not in dumped


def test_s22_f39_rotate_secrets_explains_a_key_that_was_not_put_back(processes: Processes) -> None:  # noqa: F811
    other = {"FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    ended = python("manage.py", "rotate_secrets", env=processes.environment | other)
    assert (ended.returncode, "BATCH_PWD" in ended.stderr) == (78, True)
