"""The project's settings for processes whose database others lock, or whose disk is full from some moment on."""

import os
import sqlite3

from akuiteo import contention
from akuiteo.settings import *  # noqa: F403
from akuiteo.settings import DATABASES
from tests.faults.crash.moments import Moments

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if seconds := float(os.environ.get("LOCK_SECONDS", 0)):
    contention.LOCK_SECONDS = seconds
    DATABASES["default"].get("OPTIONS", {}).pop("timeout", None)
    if "sqlite" in DATABASES["default"]["ENGINE"]:
        DATABASES["default"]["OPTIONS"]["timeout"] = seconds


class Troubles(Moments):
    """At LOCKED_AT another session of an SQLite file begins to write and at UNLOCKED_AT it ends; at FULL_AT the file
    may not grow any more."""

    def __init__(self) -> None:
        super().__init__(os.environ)
        self.other: sqlite3.Connection | None = None

    def arrive(self, moment: str) -> None:
        super().arrive(moment)
        here = f"{moment} {self.arrivals[moment]}"
        if here == os.environ.get("LOCKED_AT"):
            self.other = sqlite3.connect(DATABASES["default"]["NAME"], isolation_level=None)
            self.other.execute("BEGIN IMMEDIATE")
        if here == os.environ.get("UNLOCKED_AT") and self.other:
            self.other.execute("ROLLBACK")
            self.other.close()
        if here == os.environ.get("FULL_AT"):
            from django.db import connection

            with connection.cursor() as cursor:
                cursor.execute("PRAGMA max_page_count = 1")  # taken as: no more than there are


Troubles().listen()
