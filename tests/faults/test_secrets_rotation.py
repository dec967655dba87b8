"""Keys rotate with no downtime: rotate_secrets in a process of its own, beside runs, and killed in the middle."""

from __future__ import annotations

import signal

import pytest
from cryptography.fernet import Fernet

from tests.batches.conftest import places, processes, seeded_database  # noqa: F401 - fixtures
from tests.batches.processes import KEY, Processes, python

pytestmark = pytest.mark.django_db(transaction=True)  # other processes see the rows

NEW = Fernet.generate_key().decode()
KILLED = """
import os, signal
import django
django.setup()
from django.core.management import call_command
from django.db import connection
left = [20]
def kill(execute, sql, *args):
    done = execute(sql, *args)
    left[0] -= sql.startswith("UPDATE")
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return done
with connection.execute_wrapper(kill):
    call_command("rotate_secrets")
"""


def test_f39_the_key_changes_while_a_run_is_under_way(processes: Processes) -> None:  # noqa: F811
    processes.happens("WAIT")
    under_way = processes.start("TEST")
    processes.wait_until_working()
    rotated = python(
        "manage.py", "rotate_secrets", env=processes.environment | {"FIELD_ENCRYPTION_KEYS": f"{NEW},{KEY}"}
    )
    assert (rotated.returncode, rotated.stdout) == (
        0,
        "1 secret was encrypted with the newest key, 0 had it already.\n",
    )
    under_way.terminate()
    under_way.communicate(timeout=30)
    assert under_way.returncode == 143
    processes.happens("")
    assert processes.run("TEST", FIELD_ENCRYPTION_KEYS=NEW).returncode == 0
    assert processes.run("TEST").returncode == 78


def test_f39_after_kill_9_another_rotation_does_the_rest(processes: Processes) -> None:  # noqa: F811
    processes.query(
        "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 49) "
        "INSERT INTO batches_batchparameter (batch_id, code, value, secret) "
        "SELECT batch_id, 'P' || n, '', secret FROM batches_batchparameter, numbers WHERE code = 'BATCH_PWD'"
    )
    both = processes.environment | {"FIELD_ENCRYPTION_KEYS": f"{NEW},{KEY}"}
    assert python("-c", KILLED, env=both).returncode == -signal.SIGKILL
    ended = python("manage.py", "rotate_secrets", env=both)
    assert (ended.returncode, ended.stdout) == (
        0,
        "30 secrets were encrypted with the newest key, 20 had it already.\n",
    )
    with_new_alone = processes.environment | {"FIELD_ENCRYPTION_KEYS": NEW}
    ended = python("manage.py", "rotate_secrets", env=with_new_alone)
    assert (ended.returncode, ended.stdout) == (0, "0 secrets were encrypted with the newest key, 50 had it already.\n")


def test_f39_with_the_new_key_alone_too_early_the_unreadable_are_named(processes: Processes) -> None:  # noqa: F811
    ended = python("manage.py", "rotate_secrets", env=processes.environment | {"FIELD_ENCRYPTION_KEYS": NEW})
    assert (ended.returncode, ended.stdout) == (78, "0 secrets were encrypted with the newest key, 0 had it already.\n")
    assert "FIELD_ENCRYPTION_KEYS" in ended.stderr
    assert "- Batch parameter TEST BATCH_PWD: secret value" in ended.stderr
    assert "Traceback" not in ended.stderr
