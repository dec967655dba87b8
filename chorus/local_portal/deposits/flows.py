"""Flows: their numbers, and the states that they go through until they are treated."""

import json
import sqlite3
from collections.abc import Collection

from chorus.local_portal import dates
from chorus.local_portal.deposits.records import File
from chorus.local_portal.deposits.syntaxes import DEFAULT_INTERFACE, SYNTAXES
from chorus.local_portal.state.store import Row, Store

STATES = (
    (0, "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP"),
    (700, "IN_RECU"),
    (710, "IN_TRAITE_SE_CPP"),
    (720, "IN_EN_ATTENTE_TRAITEMENT_CPP"),
    (1600, "IN_EN_COURS_TRAITEMENT_CPP"),
)
"""The states of a flow that is not treated yet, with the milliseconds since its deposit; the steps are our choice.

Tryton takes IN_RECU and IN_TRAITE_SE_CPP for integrated, and on the State's portal its own test does not meet them:
they are short.
"""
TREATED_AFTER = 2601
"""The milliseconds after which a flow is treated, those of AIFE's own example."""

PARTNER = "CPP001"
LENGTH = 25
FIRST_COUNTER = 500_000
COUNTERS = """
SELECT max(CAST(substr(number, 11) AS INTEGER)) FROM (
    SELECT number FROM flows UNION ALL SELECT flow_number FROM invoices
) WHERE number GLOB 'CPP001[0-9]*' AND length(number) = 25"""


def add(store: Store, login: str, syntax: str, file: File) -> Row:
    """Take a file as a new flow of an account, and return its row."""
    interface = SYNTAXES[syntax].interface
    deposited_at = dates.to_instant(store.clock.now())
    with store.writing() as connection:
        number = f"{PARTNER}{interface}{_next_counter(connection):015d}"
        connection.execute(
            "INSERT INTO flows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)",
            (
                number,
                login,
                syntax,
                f"FSO{interface}A",
                file.name,
                file.content,
                deposited_at,
                STATES[0][1],
                deposited_at,
            ),
        )
    return {"number": number, "deposited_at": deposited_at}


def find(store: Store, login: str, number: str) -> Row | None:
    """Return a flow of an account, without its content."""
    return store.row(
        "SELECT number, login, syntax, interface, file_name, deposited_at, state, state_at FROM flows"
        " WHERE number = ? AND login = ?",
        number,
        login,
    )


def find_of_invoices(store: Store, suppliers: Collection[int], number: str) -> Row | None:
    """Return a flow of which only invoices of these suppliers tell, as those of the seed do: it was integrated."""
    row = store.row(
        "SELECT min(deposited_at) AS deposited_at FROM invoices WHERE flow_number = ?"
        " AND supplier_id IN (SELECT value FROM json_each(?))"
        " AND NOT EXISTS (SELECT 1 FROM flows WHERE number = flow_number)",
        number,
        json.dumps(sorted(suppliers)),
    )
    if row is None or row["deposited_at"] is None:
        return None
    interface = number[len(PARTNER) :][:4] if len(number) == LENGTH else DEFAULT_INTERFACE
    unknown = {"login": "", "syntax": "", "file_name": ""}
    moment = {"deposited_at": row["deposited_at"], "state_at": row["deposited_at"]}
    return {"number": number, "interface": f"FSO{interface}A", "state": "IN_INTEGRE", **unknown, **moment}


def errors(store: Store, number: str) -> list[Row]:
    """Return the errors of a flow in their order."""
    return store.rows("SELECT * FROM flow_errors WHERE flow_number = ? ORDER BY place", number)


def technical_name(flow: Row) -> str:
    """Return the name that the portal gives a flow's file, as in FSO1117A_CPP001_CPP0011117000000000425903."""
    return f"{flow['interface']}_{PARTNER}_{flow['number']}"


def state_after(elapsed: int) -> tuple[int, str]:
    """Return the state of a flow this many milliseconds after its deposit, and since when it has it."""
    return next(step for step in reversed(STATES) if step[0] <= max(elapsed, 0))


def _next_counter(connection: sqlite3.Connection) -> int:
    highest = connection.execute(COUNTERS).fetchone()[0]
    return max(highest or 0, FIRST_COUNTER) + 1
