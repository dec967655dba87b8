"""Locks between processes that die with their holder: a killed run leaves nothing locked.

PostgreSQL has them itself (session-level advisory locks, so a pooler must not share sessions between statements);
elsewhere they are locked files in settings.LOCK_DIR. The lock is the truth; the running row of Run is the record.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils.translation import gettext as _
from filelock import FileLock, Timeout

from batches.models import Batch

SECONDS_BETWEEN_TRIES = 0.2
LEAST_WAIT = 0.05
"""Seconds in which a starter outlasts `is_free`, which holds a lock file for an instant."""


class LockedError(Exception):
    """Another process, or another part of this one, holds the lock."""


class LockUnusableError(Exception):
    """The lock's file cannot be made or opened; the message says which and why."""


class Lock(Protocol):
    def take(self) -> bool: ...
    def release(self) -> None: ...
    def is_free(self) -> bool: ...


@contextlib.contextmanager
def lock_batch(
    batch: Batch, wait: float = 0.0, stop: threading.Event | None = None, dry_run: bool = False
) -> Iterator[None]:
    """Hold the lock of this batch. Waits up to `wait` seconds for it, unless `stop` is set meanwhile.

    Its dry runs have a lock of their own: they and the real runs do not disturb each other.
    Raises LockedError when it is not to be had, LockUnusableError when locks do not work here.
    """
    with _held(_name(batch, dry_run), max(wait, LEAST_WAIT), stop):
        yield


def is_free(batch: Batch, dry_run: bool = False) -> bool:
    """Tell whether nobody holds the lock of this batch, or that of its dry runs. One that is unusable is not free."""
    return _lock(_name(batch, dry_run)).is_free()


@contextlib.contextmanager
def lock_outbox() -> Iterator[None]:
    """Hold the lock of the outbox, without waiting. Raises LockedError and LockUnusableError."""
    with _held("outbox", 0.0, None):
        yield


@contextlib.contextmanager
def _held(name: str, wait: float, stop: threading.Event | None) -> Iterator[None]:
    lock = _lock(name)
    if not _taken(lock, time.monotonic() + wait, stop or threading.Event()):
        raise LockedError
    try:
        yield
    finally:
        lock.release()


def _name(batch: Batch, dry_run: bool) -> str:
    return f"{'dry-run' if dry_run else 'batch'}-{batch.pk}"


def _lock(name: str) -> Lock:
    return _AdvisoryLock(name) if connection.vendor == "postgresql" else _LockFile(name)


def _taken(lock: Lock, until: float, stop: threading.Event) -> bool:
    while not lock.take():
        left = until - time.monotonic()
        if left <= 0 or stop.wait(min(SECONDS_BETWEEN_TRIES, left)):
            return False
    return True


# PostgreSQL shows a 64-bit key in two halves; objsubid 1 marks such a key.
_HOLDERS = """
SELECT 1 FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND granted AND classid::bigint = %s AND objid::bigint = %s
AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
LIMIT 1
"""


class _AdvisoryLock:
    def __init__(self, name: str) -> None:
        digest = hashlib.sha256(f"akuiteo {name}".encode()).digest()
        self.key = int.from_bytes(digest[:8], "big", signed=True)

    def take(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [self.key])
            row: tuple[bool] = cursor.fetchone()
        return row[0]

    def release(self) -> None:
        with contextlib.suppress(Error), connection.cursor() as cursor:  # gone with the session when that is broken
            cursor.execute("SELECT pg_advisory_unlock(%s)", [self.key])

    def is_free(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_HOLDERS, [self.key >> 32 & 0xFFFFFFFF, self.key & 0xFFFFFFFF])
            return cursor.fetchone() is None


class _LockFile:
    def __init__(self, name: str) -> None:
        self.path = Path(settings.LOCK_DIR) / f"{_database_digest(connection)}-{name}.lock"
        self.lock = FileLock(self.path)

    def take(self) -> bool:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.lock.acquire(blocking=False)
        except Timeout:
            return False
        except OSError as error:
            raise LockUnusableError(
                _("The lock file %(path)s cannot be used: %(error)s. Correct LOCK_DIR or its permissions.")
                % {"path": self.path, "error": error}
            ) from error
        return True

    def release(self) -> None:
        self.lock.release()

    def is_free(self) -> bool:
        # A locked file can only be tried, not looked at. Who starts meanwhile tries again after LEAST_WAIT.
        try:
            free = self.take()
        except LockUnusableError:
            return False
        if free:
            self.release()
        return free


def _database_digest(database: BaseDatabaseWrapper) -> str:
    """Name the database, so that two of them that are used from one checkout do not block each other."""
    name = str(database.settings_dict["NAME"])
    if name == ":memory:" or "mode=memory" in name:  # a database of this process alone
        name = f"{name} {os.getpid()}"
    elif database.vendor == "sqlite":
        name = str(Path(name).resolve())
    return hashlib.sha256(name.encode()).hexdigest()[:16]
