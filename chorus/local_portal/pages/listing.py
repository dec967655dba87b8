"""Lists of invoices and of flows, found and cut into pages by the database: 200,000 invoices are no burden."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chorus.local_portal.state.store import Row, Store

ROWS_ON_A_PAGE = 25
COLUMNS = (
    "id, number, type, supplier_name, recipient_name, service_name, amount_payable, currency, flow_number,"
    " status, status_at, status_comment"
)
# Names are few, invoices many: the structures are looked up first.
STRUCTURES = "SELECT id FROM structures WHERE instr(upper(name), upper(?)) OR instr(siret, ?)"
CONTAINS = """(
    number LIKE ? ESCAPE '!' OR flow_number LIKE ? ESCAPE '!' OR id = ?
    OR supplier_id IN (SELECT value FROM json_each(?)) OR recipient_id IN (SELECT value FROM json_each(?))
)"""


@dataclass(frozen=True)
class Found:
    """A page of what was found; `page` counts from 1."""

    rows: Sequence[Row]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // ROWS_ON_A_PAGE))


def find_invoices(store: Store, text: str, status: str, page: int) -> Found:
    """Return the invoices with a text in number, flow number, supplier or recipient; the last that changed first.

    An empty text or status finds all. A page beyond the last is the last.
    """
    conditions, values = ["TRUE"], []
    if text:
        conditions.append(CONTAINS)
        values += _values(store, text)
    if status:
        conditions.append("status = ?")
        values.append(status)
    condition = " AND ".join(conditions)
    counted = store.row(f"SELECT count(*) AS total FROM invoices WHERE {condition}", *values)  # noqa: S608 - our words  # nosec B608
    total = counted["total"] if counted else 0
    page = _within(page, total)
    # The names of a page's invoices are looked up, not those of all that were found.
    ids = f"SELECT id FROM invoices WHERE {condition} ORDER BY status_at DESC, id DESC LIMIT ? OFFSET ?"  # noqa: S608  # nosec B608
    query = f"SELECT {COLUMNS} FROM full_invoices WHERE id IN ({ids}) ORDER BY status_at DESC, id DESC"  # noqa: S608  # nosec B608
    return Found(store.rows(query, *values, ROWS_ON_A_PAGE, (page - 1) * ROWS_ON_A_PAGE), total, page)


def find_flows(store: Store, page: int) -> Found:
    """Return a page of the deposited flows, newest first; a page beyond the last is the last."""
    counted = store.row("SELECT count(*) AS total FROM flows")
    total = counted["total"] if counted else 0
    page = _within(page, total)
    query = (
        "SELECT number, login, syntax, file_name, deposited_at, state, state_at,"
        " (SELECT count(*) FROM structures CROSS JOIN invoices ON supplier_id = structures.id"
        " AND flow_number = flows.number) AS invoices"
        " FROM flows ORDER BY deposited_at DESC, number DESC LIMIT ? OFFSET ?"
    )
    return Found(store.rows(query, ROWS_ON_A_PAGE, (page - 1) * ROWS_ON_A_PAGE), total, page)


def errors_of(store: Store, flows: Sequence[Row]) -> dict[str, list[Row]]:
    """Return the errors of these flows, by their numbers."""
    numbers = [flow["number"] for flow in flows]
    rows = store.rows(
        "SELECT * FROM flow_errors WHERE flow_number IN (SELECT value FROM json_each(?)) ORDER BY flow_number, place",
        json.dumps(numbers),
    )
    return {number: [row for row in rows if row["flow_number"] == number] for number in numbers}


def _values(store: Store, text: str) -> list[Any]:
    escaped = re.sub("([%_!])", r"!\1", text)
    structures = json.dumps([row["id"] for row in store.rows(STRUCTURES, text, text)])
    return [f"%{escaped}%", f"%{escaped}%", text, structures, structures]


def _within(page: int, total: int) -> int:
    return min(max(page, 1), Found((), total, 1).pages)
