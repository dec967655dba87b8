"""The state of the local Chorus Pro: an SQLite database in memory, used by many threads."""

import datetime
import hmac
import json
import sqlite3
import threading
from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Self

from chorus.local_portal import dates, tables
from chorus.local_portal.records import Account, Application, Caller, Invoice, Structure
from chorus.local_portal.writing import INSERT_CHANGE, InvoiceWriter, StoreError, next_id, structure_ids

Row = dict[str, Any]

# Enough for the searches that run at the same time; each costs 8 bytes an invoice found.
REMEMBERED_SEARCHES = 16


class UnknownInvoiceError(LookupError):
    """No invoice has this id."""


class Store:
    """Applications, structures, technical accounts and invoices.

    Every method may be called from any thread. What refers to a structure names its SIRET, which must have been added.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA foreign_keys = ON")
        self._database.executescript(tables.SCHEMA)
        self._found: dict[tuple[Any, ...], array[int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def add_application(self, application: Application) -> None:
        with self._writing() as database:
            database.execute(
                "INSERT INTO applications VALUES (?, ?)", (application.client_id, application.client_secret)
            )

    def add_structure(self, structure: Structure) -> int:
        """Add a supplier or recipient with its services; return its id."""
        with self._writing() as database:
            structure_id = structure.id or next_id(database, "structures")
            database.execute(
                "INSERT INTO structures VALUES (?, ?, ?, ?)",
                (structure_id, structure.siret, structure.name, structure.kind),
            )
            for service in structure.services:
                service_id = service.id or next_id(database, "services")
                database.execute(
                    "INSERT INTO services VALUES (?, ?, ?, ?)", (service_id, structure_id, service.code, service.name)
                )
            return structure_id

    def add_account(self, account: Account) -> None:
        with self._writing() as database:
            database.execute("INSERT INTO accounts VALUES (?, ?)", (account.login, account.password))
            known = structure_ids(database)
            for siret in account.structures:
                database.execute("INSERT OR IGNORE INTO attachments VALUES (?, ?)", (account.login, known[siret]))

    def add_invoice(self, invoice: Invoice) -> int:
        """Add an invoice; return its id."""
        return self.add_invoices([invoice])[0]

    def add_invoices(self, invoices: Iterable[Invoice]) -> list[int]:
        """Add many invoices at once, all or none; return their ids."""
        with self._writing() as database:
            writer = InvoiceWriter(database)
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
        instant = dates.to_instant(at or datetime.datetime.now(datetime.UTC))
        with self._writing() as database:
            moved = database.execute(
                "UPDATE invoices SET status = ?, status_at = ?, status_comment = ?,"
                " mandate_number = coalesce(?, mandate_number) WHERE id = ?",
                (status, instant, comment, mandate_number, invoice_id),
            )
            if not moved.rowcount:
                raise UnknownInvoiceError(f"no invoice has the id {invoice_id}")
            change_id = next_id(database, "status_changes")
            database.execute(INSERT_CHANGE, (change_id, invoice_id, status, instant, comment, author))

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Let no other thread in, as between looking at an invoice and moving it."""
        with self._lock:
            yield

    def is_application(self, client_id: str, client_secret: str) -> bool:
        row = self._row("SELECT client_secret FROM applications WHERE client_id = ?", client_id)
        return row is not None and _same(row["client_secret"], client_secret)

    def caller(self, login: str, password: str) -> Caller | None:
        """Return the technical account with this login and password, if there is one."""
        row = self._row("SELECT password FROM accounts WHERE login = ?", login)
        if row is None or not _same(row["password"], password):
            return None
        attached = self._rows("SELECT structure_id FROM attachments WHERE login = ?", login)
        return Caller(login, frozenset(row["structure_id"] for row in attached))

    def invoice(self, invoice_id: int) -> Row:
        """Return an invoice, a row of `full_invoices`. Raises UnknownInvoiceError."""
        row = self._row("SELECT * FROM full_invoices WHERE id = ?", invoice_id)
        if row is None:
            raise UnknownInvoiceError(f"no invoice has the id {invoice_id}")
        return row

    def status_changes(self, invoice_id: int) -> list[Row]:
        """Return the status changes of an invoice, oldest first."""
        return self._rows("SELECT * FROM status_changes WHERE invoice_id = ? ORDER BY at, id", invoice_id)

    def find_invoices(self, condition: str, values: Sequence[Any], order: str) -> Sequence[int]:
        """Return the ids of the invoices that meet an SQL condition, in an SQL order.

        The result is remembered until something changes, so that only the first page of a long list costs a sort.
        """
        key = (condition, order, *values)
        with self._lock:
            found = self._found.get(key)
            if found is None:
                query = f"SELECT id FROM full_invoices WHERE {condition} ORDER BY {order}"  # noqa: S608 - from our own tables
                found = array("q", (row[0] for row in self._database.execute(query, values)))
                if len(self._found) >= REMEMBERED_SEARCHES:
                    self._found.pop(next(iter(self._found)))
                self._found[key] = found
            return found

    def invoices(self, ids: Sequence[int], columns: str) -> list[Row]:
        """Return these SQL columns of invoices, rows of `full_invoices`, in the order of their ids."""
        page = "WITH page (invoice_id, place) AS (SELECT value, key FROM json_each(?))"
        query = f"{page} SELECT {columns} FROM page JOIN full_invoices ON id = invoice_id ORDER BY place"  # noqa: S608
        return self._rows(query, json.dumps(list(ids)))

    def accounts(self) -> list[Row]:
        """Return the technical accounts with their structures, one row for each of these."""
        return self._rows(
            "SELECT login, password, kind, siret, name FROM accounts JOIN attachments USING (login)"
            " JOIN structures ON structures.id = structure_id ORDER BY login, siret"
        )

    def applications(self) -> list[Row]:
        return self._rows("SELECT client_id, client_secret FROM applications ORDER BY client_id")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
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

    def _rows(self, query: str, *values: Any) -> list[Row]:
        with self._lock:
            cursor = self._database.execute(query, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def _row(self, query: str, *values: Any) -> Row | None:
        return next(iter(self._rows(query, *values)), None)


def _same(known: str, given: str) -> bool:
    return hmac.compare_digest(known.encode(), given.encode())
