"""What one pass over the portal has seen, kept on disk: memory stays flat however many rows there are (L6)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import TracebackType

from chorus.portal.messages import RemoteStatus
from chorus.tracking.windows import EPOCH

MICROSECOND = timedelta(microseconds=1)


class Seen:
    """Distinct rows by Chorus id with their date, and the invoices that were matched, of one pass.

    An own temporary SQLite database ("" is a file of SQLite's, gone with the connection).
    """

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE row (chorus_id INTEGER PRIMARY KEY, number TEXT, at INTEGER, reading INTEGER);"
            "CREATE INDEX row_at ON row (at); CREATE INDEX row_number ON row (number);"
            "CREATE TABLE invoice (pk INTEGER PRIMARY KEY, code TEXT, was_unknown INTEGER, was_missing INTEGER);"
            "CREATE VIEW matched AS SELECT * FROM invoice WHERE code IS NOT NULL;"
        )

    def __enter__(self) -> Seen:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._db.close()

    def add_rows(self, rows: Iterable[RemoteStatus], reading: int) -> None:
        values = [(row.chorus_id, row.number, _to_number(row.since), reading) for row in rows]
        self._many("INSERT OR REPLACE INTO row VALUES (?, ?, ?, ?)", values)

    def count(self, reading: int) -> int:
        """Return how many distinct rows one reading has seen."""
        return self._one("SELECT count(*) FROM row WHERE reading = ?", reading) or 0

    def count_all(self) -> int:
        return self._one("SELECT count(*) FROM row") or 0

    def count_since(self, at: datetime) -> int:
        """Return how many distinct rows have this date or a later one."""
        return self._one("SELECT count(*) FROM row WHERE at >= ?", _to_number(at)) or 0

    def earliest(self, reading: int) -> datetime | None:
        return _to_date(self._one("SELECT min(at) FROM row WHERE reading = ?", reading))

    def latest(self, reading: int) -> datetime | None:
        return _to_date(self._one("SELECT max(at) FROM row WHERE reading = ?", reading))

    def gap_in_the_middle(self, reading: int) -> datetime | None:
        """Return a date between two of a reading's rows, near the median; None where all have one date."""
        half = self._one("SELECT count(*) / 2 FROM row WHERE reading = ? AND at IS NOT NULL", reading)
        later = "SELECT at FROM row WHERE reading = ? AND at IS NOT NULL ORDER BY at LIMIT 1 OFFSET ?"
        after = self._one(later, reading, half)
        before = self._one("SELECT max(at) FROM row WHERE reading = ? AND at < ?", reading, after)
        if before is None:
            before, after = after, self._one("SELECT min(at) FROM row WHERE reading = ? AND at > ?", reading, after)
        return None if before is None or after is None else _to_date((before + after) // 2)

    def any_row(self, reading: int) -> tuple[str, datetime] | None:
        """Return the number and date of one of a reading's rows."""
        query = "SELECT number, at FROM row WHERE reading = ? AND at IS NOT NULL LIMIT 1"
        found = self._db.execute(query, (reading,)).fetchone()
        return (found[0], EPOCH + found[1] * MICROSECOND) if found else None

    def newest(self, before: datetime) -> datetime | None:
        return _to_date(self._one("SELECT max(at) FROM row WHERE at < ?", _to_number(before)))

    def start_of_newest(self, most: int, floor: datetime) -> datetime:
        """Return the earliest date, not before `floor`, since which at most `most` rows were seen.

        Where more rows than that share the newest date, it is the newest date: one row at least is due.
        """
        too_many = self._one(
            "SELECT at FROM row WHERE at >= ? ORDER BY at DESC LIMIT 1 OFFSET ?", _to_number(floor), most
        )
        if too_many is None:
            return floor
        later = self._one("SELECT min(at) FROM row WHERE at > ?", too_many)
        return _to_date(later if later is not None else too_many) or floor

    def add_invoices(self, invoices: Iterable[tuple[int, str, bool, bool]]) -> None:
        """Remember matched invoices: key, code that the portal says, status unknown before, missing before."""
        values = [(pk, code, int(unknown), int(missing)) for pk, code, unknown, missing in invoices]
        self._many(
            "INSERT INTO invoice VALUES (?, ?, ?, ?) ON CONFLICT (pk) DO UPDATE SET code = excluded.code, "
            "was_unknown = max(was_unknown, excluded.was_unknown), "
            "was_missing = max(was_missing, excluded.was_missing)",
            values,
        )

    def set_aside(self, pk: int) -> None:
        """Remember an invoice that was asked for, or could not be written: it is not asked for again in this run."""
        self._many("INSERT OR IGNORE INTO invoice VALUES (?, NULL, 0, 0)", [(pk,)])

    def has_number(self, number: str) -> bool:
        """Whether a row of this invoice number was seen."""
        return bool(self._one("SELECT count(*) FROM row WHERE number = ?", number))

    def codes(self, pks: Iterable[int]) -> Mapping[int, str | None]:
        """Return, of these invoices, the ones that were matched or asked for, with the last code seen."""
        keys = list(pks)
        marks = ",".join("?" * len(keys))
        return dict(self._db.execute(f"SELECT pk, code FROM invoice WHERE pk IN ({marks})", keys))  # noqa: S608 - marks only  # nosec B608

    def matched(self) -> int:
        return self._one("SELECT count(*) FROM matched") or 0

    def matched_not_missing_before(self) -> int:
        return self._one("SELECT count(*) FROM matched WHERE NOT was_missing") or 0

    def matched_unknown_before(self) -> int:
        return self._one("SELECT count(*) FROM matched WHERE was_unknown") or 0

    def matched_missing_before(self) -> int:
        return self._one("SELECT count(*) FROM matched WHERE was_missing") or 0

    def _many(self, statement: str, values: Sequence[tuple[object, ...]]) -> None:
        self._db.execute("BEGIN")
        self._db.executemany(statement, values)
        self._db.execute("COMMIT")

    def _one(self, query: str, *values: object) -> int | None:
        found = self._db.execute(query, values).fetchone()
        return found[0] if found else None


def _to_number(at: datetime | None) -> int | None:
    return None if at is None else (at - EPOCH) // MICROSECOND


def _to_date(number: int | None) -> datetime | None:
    return None if number is None else EPOCH + number * MICROSECOND
