"""The state of the local Chorus Pro: an SQLite database in memory or in a file, used by many threads."""

import datetime
import hmac
import json
import sqlite3
import threading
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from chorus.local_portal import dates
from chorus.local_portal.state import database, writing
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.records import Account, Application, Caller, Invoice, Structure
from chorus.local_portal.state.writing import InvoiceWriter, StoreError

Row = dict[str, Any]

# Enough for the searches that run at the same time; each costs 8 bytes an invoice found.
REMEMBERED_SEARCHES = 16


class UnknownInvoiceError(LookupError):
    """No invoice has this id."""


class Store:
    """Applications, structures, technical accounts, invoices and flows, and the portal's clock.

    Every method may be called from any thread. What refers to a structure names its SIRET, which must have been added.
    With a `file` the state is kept there, and the clock does not fall behind it. Raises StoreError where the file
    cannot be used: it is no state file, or another process uses it.
    """

    def __init__(self, file: Path | None = None, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self._lock = threading.RLock()
        self._found: dict[tuple[Any, ...], array[int]] = {}
        self._database = database.open_database(file)
        self.is_new = database.is_empty(self._database)
        if self.is_new:
            database.create_tables(self._database)
        self.clock.catch_up_with(self._newest())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def clear(self) -> None:
        """Forget everything, as if it were new."""
        with self._lock:
            self._found.clear()
            database.create_tables(self._database)

    def _newest(self) -> datetime.datetime:
        """Return the newest moment that the state knows."""
        newest = self.row(
            "SELECT max(coalesce((SELECT max(at) FROM status_changes), 0),"
            " coalesce((SELECT max(state_at) FROM flows), 0)) AS at"
        )
        return dates.in_paris(newest["at"] if newest else 0)

    def add_application(self, application: Application) -> None:
        with self.writing() as connection:
            connection.execute(
                "INSERT INTO applications VALUES (?, ?)", (application.client_id, application.client_secret)
            )

    def add_structure(self, structure: Structure) -> int:
        """Add a supplier or recipient with its services; return its id."""
        with self.writing() as connection:
            return writing.add_structure(connection, structure)

    def add_account(self, account: Account) -> None:
        with self.writing() as connection:
            writing.add_account(connection, account)

    def add_invoice(self, invoice: Invoice) -> int:
        """Add an invoice; return its id."""
        return self.add_invoices([invoice])[0]

    def add_invoices(self, invoices: Iterable[Invoice]) -> list[int]:
        """Add many invoices at once, all or none; return their ids."""
        with self.writing() as connection:
            writer = InvoiceWriter(connection)
            return [writer.add(invoice) for invoice in invoices]

    def set_status(
        self,
        invoice_id: int,
        status: str,
        at: datetime.datetime | None = None,
        comment: str | None = None,
        author: str | None = None,
        mandate_number: str | None = None,
    ) -> None:
        """Move an invoice to a status, whatever its present one, at a time with a zone (now, if none is given).

        Raises UnknownInvoiceError, and ValueError for a time without zone.
        """
        instant = dates.to_instant(at or self.clock.now())
        with self.writing() as connection:
            moved = connection.execute(
                "UPDATE invoices SET status = ?, status_at = ?, status_comment = ?,"
                " mandate_number = coalesce(?, mandate_number) WHERE id = ?",
                (status, instant, comment, mandate_number, invoice_id),
            )
            if not moved.rowcount:
                raise UnknownInvoiceError(f"no invoice has the id {invoice_id}")
            change_id = writing.next_id(connection, "status_changes")
            connection.execute(writing.INSERT_CHANGE, (change_id, invoice_id, status, instant, comment, author))

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let no other thread in, as between looking at an invoice and moving it."""
        with self._lock:
            yield

    def is_application(self, client_id: str, client_secret: str) -> bool:
        row = self.row("SELECT client_secret FROM applications WHERE client_id = ?", client_id)
        return row is not None and _same(row["client_secret"], client_secret)

    def caller(self, login: str, password: str) -> Caller | None:
        """Return the technical account with this login and password, if there is one."""
        row = self.row("SELECT password FROM accounts WHERE login = ?", login)
        if row is None or not _same(row["password"], password):
            return None
        attached = self.rows("SELECT structure_id FROM account_structures WHERE login = ?", login)
        return Caller(login, frozenset(row["structure_id"] for row in attached))

    def invoice(self, invoice_id: int) -> Row:
        """Return an invoice, a row of `full_invoices`. Raises UnknownInvoiceError."""
        row = self.row("SELECT * FROM full_invoices WHERE id = ?", invoice_id)
        if row is None:
            raise UnknownInvoiceError(f"no invoice has the id {invoice_id}")
        return row

    def status_changes(self, invoice_id: int) -> list[Row]:
        """Return the status changes of an invoice, oldest first."""
        return self.rows("SELECT * FROM status_changes WHERE invoice_id = ? ORDER BY at, id", invoice_id)

    def find_invoices(self, condition: str, values: Sequence[Any], order: str) -> Sequence[int]:
        """Return the ids of the invoices that meet an SQL condition, in an SQL order.

        The result is remembered until something changes, so that only the first page of a long list costs a sort.
        """
        key = (condition, order, *values)
        with self._lock:
            found = self._found.get(key)
            if found is None:
                query = f"SELECT id FROM full_invoices WHERE {condition} ORDER BY {order}"  # noqa: S608 - from our own tables  # nosec B608
                found = array("q", (row[0] for row in self._database.execute(query, values)))
                if len(self._found) >= REMEMBERED_SEARCHES:
                    self._found.pop(next(iter(self._found)))
                self._found[key] = found
            return found

    def invoices(self, ids: Sequence[int], columns: str) -> list[Row]:
        """Return these SQL columns of invoices, rows of `full_invoices` without NULLs, in the order of their ids."""
        query = f"SELECT id, {columns} FROM full_invoices WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608  # nosec B608
        with self._lock:
            cursor = self._database.execute(query, (json.dumps(list(ids)),))
            names = [column[0] for column in cursor.description]
            found = {row[0]: row for row in cursor}
        # The first column is there for the order alone.
        pairs = (zip(names[1:], found[invoice_id][1:], strict=True) for invoice_id in ids if invoice_id in found)
        return [{name: value for name, value in row if value is not None} for row in pairs]

    def accounts(self) -> list[Row]:
        """Return the technical accounts with their structures, one row for each of these."""
        return self.rows(
            "SELECT login, password, kind, siret, name FROM accounts JOIN account_structures USING (login)"
            " JOIN structures ON structures.id = structure_id ORDER BY login, siret"
        )

    def applications(self) -> list[Row]:
        return self.rows("SELECT client_id, client_secret FROM applications ORDER BY client_id")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Give the database to one thread, for a transaction. Raises StoreError where what is written cannot be."""
        with self._lock:
            if self._database.in_transaction:
                yield self._database
                return
            self._found.clear()
            self._database.execute("BEGIN")
            try:
                yield self._database
            except sqlite3.IntegrityError as error:
                self._database.rollback()
                raise StoreError(f"cannot be added: {error}") from error
            except BaseException:
                self._database.rollback()
                raise
            self._database.commit()

    def rows(self, query: str, *values: Any) -> list[Row]:
        """Return the rows of a query."""
        with self._lock:
            cursor = self._database.execute(query, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def row(self, query: str, *values: Any) -> Row | None:
        """Return the first row of a query."""
        return next(iter(self.rows(query, *values)), None)


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())
