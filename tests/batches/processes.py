"""run_batch as cron starts it: in a process of its own, on a database that outlives it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
KEY = "x7Eqm1zqJm3u0bQd4q6S3P7q8y0mVwZ4b1l1m2Jc9nA="
SEED = (
    "import django; django.setup();"
    "from django.core.management import call_command; call_command('migrate', verbosity=0);"
    "from tests.batches.builders import batch_user, make_batch; batch_user(); make_batch()"
)


def environment(places: Path, database_url: str) -> dict[str, str]:
    (places / "empty.env").write_text("")
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return kept | {
        "DJANGO_SETTINGS_MODULE": "tests.batches.settings",
        "ENV_FILE": str(places / "empty.env"),
        "DATABASE_URL": database_url,
        "SECRET_KEY": "tests",
        "FIELD_ENCRYPTION_KEYS": KEY,
        "EMAIL_URL": f"filemail:///{places / 'mail'}",
        "LOG_ROOT": str(places / "logs"),
        "LOCK_DIR": str(places / "locks"),
    }


def python(*args: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", *args],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@dataclass
class Processes:
    environment: dict[str, str]
    query: Callable[[str], list[tuple[Any, ...]]]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def happens(self, what: str) -> None:
        """Say what shall happen to the next run of the batch TEST."""
        self.query("DELETE FROM batches_batchparameter WHERE code = 'HAPPENS'")
        self.query(
            "INSERT INTO batches_batchparameter (batch_id, code, value, secret) "  # noqa: S608 - a word of ours
            f"SELECT id, 'HAPPENS', '{what}', '' FROM batches_batch"
        )

    def run(self, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return python("manage.py", "run_batch", *args, env=self.environment | variables)

    def start(self, *args: str, **variables: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_batch", *args],
            cwd=ROOT,
            env=self.environment | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def end(self) -> None:
        """End what a failed test left."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=30)

    def outcomes(self) -> list[str]:
        return [outcome for (outcome,) in self.query("SELECT outcome FROM batches_run ORDER BY id")]

    def mails(self) -> list[tuple[str, int]]:
        return [
            (status, attempts)
            for status, attempts in self.query("SELECT status, attempts FROM batches_outgoingemail ORDER BY id")
        ]

    def wait_until_working(self) -> None:
        """Return when a run has reached its first checkpoint."""
        until = time.monotonic() + 60
        while not self.query("SELECT id FROM batches_run WHERE outcome = 'running' AND CAST(counts AS TEXT) <> '{}'"):
            if all(process.poll() is not None for process in self.started):
                raise AssertionError(f"no run began: {[process.communicate() for process in self.started]}")
            assert time.monotonic() < until, "no run began within a minute"
            time.sleep(0.02)
