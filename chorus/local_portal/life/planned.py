"""What is planned for invoices: written down, and done when it is due."""

import heapq
import json
import sqlite3
from collections.abc import Iterable, Iterator

from chorus.local_portal.life.scenarios import SCENARIOS, Life, PlannedMove, Position, next_move
from chorus.local_portal.state import writing
from chorus.local_portal.state.store import Store

# So many are moved before others may have the store: some hundredths of a second.
AT_A_TIME = 500

POSITIONS = """
SELECT invoices.id, status, status_at, (SELECT count(*) FROM status_changes WHERE invoice_id = invoices.id),
    structures.name, payment_hidden
FROM invoices JOIN structures ON structures.id = recipient_id
"""
OF_IDS = f"{POSITIONS} WHERE invoices.id IN (SELECT value FROM json_each(?))"  # noqa: S608 - our own words  # nosec B608
UNPLANNED = f"""
{POSITIONS} WHERE invoices.id > ? AND NOT EXISTS (SELECT 1 FROM planned_moves WHERE invoice_id = invoices.id)
ORDER BY invoices.id LIMIT ?
"""  # noqa: S608 - our own words  # nosec B608
DUE = "SELECT invoice_id, due_at, status, comment, author FROM planned_moves WHERE due_at <= ? ORDER BY 2, 1 LIMIT ?"
REPLACE_PLAN = "INSERT OR REPLACE INTO planned_moves VALUES (?, ?, ?, ?, ?)"
TAKE_STATUS = "UPDATE invoices SET status = ?, status_at = ?, status_comment = ? WHERE id = ?"


def scenario_name(store: Store) -> str | None:
    """Return the name of the scenario that the buyers follow, if they follow one."""
    row = store.row("SELECT scenario FROM life")
    return row["scenario"] if row else None


def life_of(store: Store) -> Life:
    """Return the scenario that the buyers follow, with its seed."""
    row = store.row("SELECT scenario, seed FROM life WHERE scenario IS NOT NULL")
    return Life(SCENARIOS[row["scenario"]], row["seed"]) if row else Life()


def plan(connection: sqlite3.Connection, life: Life, positions: Iterable[Position]) -> None:
    """Write down what happens next to invoices that have nothing planned."""
    moves = (next_move(life, position) for position in positions)
    connection.executemany(REPLACE_PLAN, (_plan_values(move) for move in moves if move))


def positions_of(connection: sqlite3.Connection, invoice_ids: Iterable[int]) -> list[Position]:
    rows = connection.execute(OF_IDS, (json.dumps(list(invoice_ids)),))
    return [_position(row) for row in rows]


def unplanned_positions(connection: sqlite3.Connection) -> Iterator[list[Position]]:
    """Yield the invoices that have nothing planned, some at a time, which may be planned meanwhile."""
    last = 0
    while rows := connection.execute(UNPLANNED, (last, AT_A_TIME)).fetchall():
        yield [_position(row) for row in rows]
        last = rows[-1][0]


def do_all(store: Store, until: int) -> None:
    """Do what is due at an instant, in many short transactions."""
    while store.row("SELECT 1 FROM planned_moves WHERE due_at <= ? LIMIT 1", until):
        with store.writing() as connection:
            _do_oldest(connection, life_of(store), until)


def _do_oldest(connection: sqlite3.Connection, life: Life, until: int) -> None:
    """Do the oldest moves that are due, with those that follow from them meanwhile, in the order of their dates."""
    due = [PlannedMove(*row) for row in connection.execute(DUE, (until, AT_A_TIME))]
    last = due[-1].due_at if len(due) == AT_A_TIME else until
    positions = {position.invoice_id: position for position in positions_of(connection, (m.invoice_id for m in due))}
    waiting = [(move.due_at, move.invoice_id, move) for move in due]
    done, later = [], []
    while waiting:
        _, invoice_id, move = heapq.heappop(waiting)
        done.append(move)
        positions[invoice_id] = _after(positions[invoice_id], move)
        following = next_move(life, positions[invoice_id])
        if following and following.due_at <= last:
            heapq.heappush(waiting, (following.due_at, invoice_id, following))
        elif following:
            later.append(following)
    _write(connection, done)
    connection.executemany("DELETE FROM planned_moves WHERE invoice_id = ?", ((m.invoice_id,) for m in due))
    connection.executemany(REPLACE_PLAN, (_plan_values(move) for move in later))


def _after(position: Position, move: PlannedMove) -> Position:
    return Position(
        position.invoice_id,
        move.status,
        move.due_at,
        position.changes + 1,
        position.recipient,
        position.payment_hidden,
    )


def _write(connection: sqlite3.Connection, moves: list[PlannedMove]) -> None:
    first_id = writing.next_id(connection, "status_changes")
    connection.executemany(
        writing.INSERT_CHANGE,
        (
            (change_id, m.invoice_id, m.status, m.due_at, m.comment, m.author)
            for change_id, m in enumerate(moves, first_id)
        ),
    )
    connection.executemany(TAKE_STATUS, ((m.status, m.due_at, m.comment, m.invoice_id) for m in moves))


def _position(row: tuple[int, str, int, int, str, int]) -> Position:
    invoice_id, status, at, changes, recipient, payment_hidden = row
    return Position(invoice_id, status, at, changes, recipient, bool(payment_hidden))


def _plan_values(move: PlannedMove) -> tuple[int, int, str, str | None, str]:
    return move.invoice_id, move.due_at, move.status, move.comment, move.author
