"""Databases of their own for processes: made from a template in milliseconds, on SQLite or PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connection


@dataclass(frozen=True)
class Database:
    """`name` is an SQLite file, or the name on the PostgreSQL server of the tests."""

    name: str
    url: str
    connect: Callable[[], Any]

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(self.connect()) as session:
            cursor = session.execute(sql)
            return list(cursor.fetchall()) if cursor.description else []


@contextlib.contextmanager
def made(folder: Path, name: str, template: Database | None = None) -> Iterator[Database]:
    """A new database, empty or with all that the template has; it is gone afterwards. Nobody may use the template."""
    make = _on_postgresql if connection.vendor == "postgresql" else _on_sqlite
    with make(folder, name, template) as database:
        yield database


@contextlib.contextmanager
def _on_sqlite(folder: Path, name: str, template: Database | None) -> Iterator[Database]:
    path = folder / f"{name}.sqlite3"
    if template:
        shutil.copy(template.name, path)
    yield Database(str(path), f"sqlite:///{path}", lambda: sqlite3.connect(path, timeout=20, isolation_level=None))


@contextlib.contextmanager
def _on_postgresql(_folder: Path, name: str, template: Database | None) -> Iterator[Database]:
    at = connection.settings_dict
    own = f"crash_{os.getpid()}_{name}"
    login = quote(at["USER"]) + (f":{quote(at['PASSWORD'])}" if at["PASSWORD"] else "")
    server = f"postgres://{login}@{at['HOST'] or 'localhost'}:{at['PORT'] or 5432}"

    def session(of: str) -> psycopg.Connection[Any]:
        return psycopg.connect(f"{server}/{of}".replace("postgres://", "postgresql://"), autocommit=True)

    def order(sql: str) -> None:
        with contextlib.closing(session("postgres")) as opened:
            opened.execute(sql)

    order(f'CREATE DATABASE "{own}" TEMPLATE "{template.name if template else "template0"}"')
    try:
        yield Database(own, f"{server}/{own}", lambda: session(own))
    finally:
        order(f'DROP DATABASE "{own}" WITH (FORCE)')
