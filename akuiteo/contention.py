"""Short transactions that meet somebody else's: tried again, and told apart from a database that is gone."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.db import DatabaseError, OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from django.utils.translation import gettext as _

Result = TypeVar("Result")

RETRIES = 3
FIRST_PAUSE = 0.1  # seconds; each further one is twice as long, and all vary by half
LOCK_SECONDS = 20.0  # for which PostgreSQL waits for what another session has locked, as settings let SQLite do
SQLSTATES = frozenset({"40001", "40P01", "55P03"})  # serialization failure, deadlock, lock not available
SQLITE_CODES = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class ContendedError(OperationalError):
    """The database works, but others kept what was wanted of it locked for too long. The message says so."""

    def __init__(self, error: DatabaseError) -> None:
        super().__init__(_("others kept it locked in the database for too long: %(error)s") % {"error": error})
        self.__cause__ = error.__cause__


def is_contended(error: DatabaseError) -> bool:
    """Tell whether the database works, but others kept what was wanted of it locked for too long."""
    cause = error.__cause__
    if isinstance(cause, sqlite3.Error):
        # Errors that Python itself raises have no code; the low byte is what all variants of a code share.
        return getattr(cause, "sqlite_errorcode", 0) & 0xFF in SQLITE_CODES
    return getattr(cause, "sqlstate", None) in SQLSTATES


def locks_everything() -> bool:
    """Tell whether who writes one row here locks the whole database."""
    return connection.vendor == "sqlite"


def short_transaction(work: Callable[[], Result], retries: int = RETRIES) -> Result:
    """Do the work in a transaction of its own, and again after a pause where others lock what it needs.

    The work may change nothing but the database. Raises ContendedError, and what the work raises.
    """
    for retry in range(retries + 1):
        if retry:
            time.sleep(FIRST_PAUSE * 2 ** (retry - 1) * random.uniform(0.5, 1.5))  # noqa: S311 - parts two rivals only  # nosec B311
        try:
            return _once(work)
        except OperationalError as error:
            if not is_contended(error):
                raise
            contended = ContendedError(error)
    raise contended


def _once(work: Callable[[], Result]) -> Result:
    with transaction.atomic():
        return work()


@receiver(connection_created)
def limit_waiting(connection: BaseDatabaseWrapper, **_others: Any) -> None:
    """Let no session wait for a lock for ever, as PostgreSQL would."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, FALSE)", [f"{LOCK_SECONDS * 1000:.0f}ms"])
