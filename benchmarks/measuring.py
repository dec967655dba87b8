"""Starts programs as operations would, against a local Chorus Pro, and counts what they cost."""

from __future__ import annotations

import dataclasses
import json
import logging
import os
import secrets
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS = ROOT / "benchmarks"
MANAGE = str(ROOT / "manage.py")
KINDS = {
    "/api/oauth/token": "token",
    "/cpro/factures/v1/rechercher/fournisseur": "search",
    "/cpro/factures/v1/consulter/historique": "history",
}


class MeasureError(Exception):
    """A program that is measured did not do its work."""


@dataclasses.dataclass(frozen=True)
class Cost:
    """What one process cost; times in seconds, the peak of its resident memory in MB, calls by kind."""

    seconds: float
    cpu_seconds: float
    peak_mb: float
    calls: dict[str, int]


class CallCounter(logging.Handler):
    """Counts the calls that the local Chorus Pro answered, from its own log."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: Counter[str] = Counter()
        logger = logging.getLogger("chorus.local_portal")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        _method, path, *_rest = record.args if isinstance(record.args, tuple) else ("", "")
        self._calls[KINDS.get(str(path), "other")] += 1

    def take(self) -> dict[str, int]:
        """Return the calls since the last time."""
        counted, self._calls = self._calls, Counter()
        return {kind: counted[kind] for kind in (*KINDS.values(), "other")}


class Workplace:
    """A directory with a database of its own and an environment that reads nobody's settings."""

    def __init__(self, directory: Path, portal_url: str, page_rows: int) -> None:
        self.directory = directory
        self.portal_url = portal_url
        self.database = directory / "database.sqlite3"
        self.calls = CallCounter()
        (directory / "empty.env").touch()
        self._environment = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "akuiteo.settings",
            "ENV_FILE": str(directory / "empty.env"),
            "SECRET_KEY": secrets.token_urlsafe(50),
            "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
            "DATABASE_URL": f"sqlite:///{self.database}",
            "EMAIL_URL": f"filemail:///{directory / 'mail'}",
            "LOG_ROOT": str(directory / "logs"),
            "LOCK_DIR": str(directory / "locks"),
            "CHORUS_LOCAL_URL": portal_url,
            "CHORUS_PAGE_SIZE": str(page_rows),
            "CHORUS_MAX_REQUESTS_PER_SECOND": "1000",
        }

    def python(self, *arguments: str, **variables: str) -> tuple[Cost, str]:
        """Run a Python program to its end; return what it cost and wrote. Raises MeasureError where it fails."""
        output = self.directory / "output.txt"
        self.calls.take()
        stopwatch = [sys.executable, str(BENCHMARKS / "stopwatch.py"), str(output), sys.executable, *arguments]
        environment = self._environment | variables
        measured = subprocess.run(stopwatch, env=environment, stdout=subprocess.PIPE, text=True, check=True)  # nosec B603
        result = json.loads(measured.stdout)
        text = output.read_text()
        if result["exit_code"]:
            raise MeasureError(f"{' '.join(arguments)} ended with exit code {result['exit_code']}:\n{text}")
        return Cost(result["seconds"], result["cpu_seconds"], result["peak_mb"], self.calls.take()), text


def copy_database(source: Path, target: Path) -> None:
    """Copy an SQLite database, with what is still in its write-ahead log, over another one."""
    for suffix in ("", "-wal", "-shm"):
        target.with_name(target.name + suffix).unlink(missing_ok=True)
    read, write = sqlite3.connect(source), sqlite3.connect(target)
    read.backup(write)
    write.close()
    read.close()
