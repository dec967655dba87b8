from __future__ import annotations

import contextlib
import io
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection

from akuiteo.models import User
from batches.models import Batch
from batches.terminal import Terminal
from tests.batches.builders import batch_user, make_batch
from tests.batches.processes import KEY, SEED, Processes, environment, python
from tests.batches.smtp import SmtpServer


@pytest.fixture(autouse=True)
def places(settings: Any, tmp_path: Path) -> Path:
    """Nothing is written outside of the test's own directory."""
    settings.LOCK_DIR = tmp_path / "locks"
    settings.LOG_ROOT = tmp_path / "logs"
    settings.BATCH_TEMPLATES = ["tests.batches.templates.Practice"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return tmp_path


@pytest.fixture
def user(db: None) -> User:
    return batch_user()


@pytest.fixture
def batch(user: User) -> Batch:
    return make_batch()


@pytest.fixture
def console() -> Console:
    return Console()


class Console(Terminal):
    """What would stand on stderr."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        super().__init__(self.text, shows_progress=False)

    def __str__(self) -> str:
        return self.text.getvalue()


@pytest.fixture
def smtp(settings: Any) -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    settings.EMAIL_BACKEND = "batches.smtp_backend.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.stop()


@pytest.fixture
def silent_server(settings: Any) -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.EMAIL_BACKEND = "batches.smtp_backend.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.getsockname()
        settings.EMAIL_TIMEOUT = 0.3
        yield settings.EMAIL_PORT


@pytest.fixture(scope="session")
def seeded_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with a user and the batch TEST, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("seed")
    done = python("-c", SEED, env=environment(folder, f"sqlite:///{folder / 'db.sqlite3'}"))
    assert done.returncode == 0, done.stderr
    return folder / "db.sqlite3"


@pytest.fixture
def processes(request: pytest.FixtureRequest, places: Path, settings: Any) -> Iterator[Processes]:
    on_database = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    processes = on_database(request, places, settings)
    yield processes
    processes.end()


def _on_sqlite(request: pytest.FixtureRequest, places: Path, settings: Any) -> Processes:
    path = places / "db.sqlite3"
    shutil.copy(request.getfixturevalue("seeded_database"), path)

    def query(sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(path, timeout=20, isolation_level=None)) as database:
            return database.execute(sql).fetchall()

    return Processes(environment(places, f"sqlite:///{path}"), query)


def _on_postgresql(request: pytest.FixtureRequest, places: Path, settings: Any) -> Processes:
    settings.FIELD_ENCRYPTION_KEYS = [KEY]
    batch_user()
    make_batch()
    at = connection.settings_dict
    login = at["USER"] + (f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else "")

    def query(sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql)
            return cursor.fetchall() if cursor.description else []

    url = f"postgres://{login}@{at['HOST'] or 'localhost'}:{at['PORT'] or 5432}/{at['NAME']}"
    return Processes(environment(places, url), query)
