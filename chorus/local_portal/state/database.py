"""Opens the SQLite database behind the store, in memory or in a file."""

import sqlite3
from pathlib import Path

from chorus.local_portal.state import tables
from chorus.local_portal.state.writing import StoreError


def open_database(file: Path | None) -> sqlite3.Connection:
    """Return a connection that has the file for itself. Raises StoreError where it cannot be had."""
    try:
        database = sqlite3.connect(file or ":memory:", timeout=0, check_same_thread=False, isolation_level=None)
        try:
            _prepare(database, file)
        except BaseException:
            database.close()
            raise
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{file} {_what_is_wrong(error)}") from error
    return database


def _what_is_wrong(error: sqlite3.DatabaseError) -> str:
    # Python leaves the code out of errors of its own.
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
        return "is in use by another server; stop that one, or give another file"
    return f"cannot be used: {error}"


def _prepare(database: sqlite3.Connection, file: Path | None) -> None:
    database.execute("PRAGMA locking_mode = EXCLUSIVE")
    if not is_empty(database):
        _check_form(database, file)
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA journal_mode = WAL")
    # The lock is taken by the first write.
    database.execute("BEGIN EXCLUSIVE")
    database.execute("COMMIT")


def is_empty(database: sqlite3.Connection) -> bool:
    return not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]


def create_tables(database: sqlite3.Connection) -> None:
    """Make an empty state, whatever was there before."""
    database.execute("PRAGMA foreign_keys = OFF")
    for kind in ("view", "table"):
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = ?", (kind,)).fetchall():
            database.execute(f"DROP {kind} {name}")
    database.executescript(f"BEGIN; {tables.SCHEMA}; COMMIT")
    database.execute(f"PRAGMA application_id = {tables.APPLICATION_ID}")
    database.execute(f"PRAGMA user_version = {tables.VERSION}")
    database.execute("PRAGMA foreign_keys = ON")


def _check_form(database: sqlite3.Connection, file: Path | None) -> None:
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    if (application, version) != (tables.APPLICATION_ID, tables.VERSION):
        raise StoreError(f"{file} is not a state file of this version; give the name of a new file")
