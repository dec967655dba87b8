"""What the earlier lines of a file were about."""

from __future__ import annotations

import sqlite3
from typing import Any

from chorus.invoice_csv.lines import InvoiceLine

TABLE = (
    "CREATE TABLE seen (company INTEGER, number TEXT, line INTEGER, chorus_id INTEGER, PRIMARY KEY (company, number))"
)
INDEX = "CREATE INDEX seen_chorus_id ON seen (company, chorus_id) WHERE chorus_id IS NOT NULL"


class EarlierLines:
    """Invoices and the Chorus ids that the file gave them. They are in a temporary file: memory stays flat."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("", isolation_level=None)
        for statement in (TABLE, INDEX, "BEGIN"):
            self._database.execute(statement)

    def __enter__(self) -> EarlierLines:
        return self

    def __exit__(self, *_error: object) -> None:
        self._database.close()

    def add(self, line: InvoiceLine) -> int | None:
        """Remember a line. Return the number of the earlier line of the same invoice, if there is one."""
        added = self._database.execute(
            "INSERT OR IGNORE INTO seen (company, number, line) VALUES (?, ?, ?)", (*line.key, line.line)
        )
        return None if added.rowcount else self._one("SELECT line FROM seen WHERE company = ? AND number = ?", line.key)

    def give_chorus_id(self, line: InvoiceLine, chorus_id: int) -> None:
        self._database.execute("UPDATE seen SET chorus_id = ? WHERE company = ? AND number = ?", (chorus_id, *line.key))

    def owner(self, company: int, chorus_id: int) -> str | None:
        """Return the number of the invoice that an earlier line gave this Chorus id to."""
        number: str | None = self._one(
            "SELECT number FROM seen WHERE company = ? AND chorus_id = ?", (company, chorus_id)
        )
        return number

    def gave_chorus_id(self, company: int, number: str) -> bool:
        """Return whether an earlier line gave this invoice a Chorus id: that which it had before is free."""
        query = "SELECT chorus_id FROM seen WHERE company = ? AND number = ?"
        return self._one(query, (company, number)) is not None

    def _one(self, query: str, values: tuple[int | str, ...]) -> Any:
        row = self._database.execute(query, values).fetchone()
        return row and row[0]
