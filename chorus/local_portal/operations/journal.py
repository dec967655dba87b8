"""Writes what happened to an invoice beside its statuses; consulter/historique shows it."""

import datetime
import sqlite3

from chorus.local_portal import dates
from chorus.local_portal.state import writing

INSERT_EVENT = "INSERT INTO events VALUES (?, ?, ?, ?, ?)"
INSERT_ACTION = "INSERT INTO user_actions VALUES (?, ?, ?, ?, ?)"


def add_event(connection: sqlite3.Connection, invoice_id: int, label: str, at: datetime.datetime, author: str) -> None:
    """Write an event, in the words of its label."""
    event_id = writing.next_id(connection, "events")
    connection.execute(INSERT_EVENT, (event_id, invoice_id, label, dates.to_instant(at), author))


def add_action(connection: sqlite3.Connection, invoice_id: int, code: str, at: datetime.datetime, author: str) -> None:
    """Write an action of a user, with its code in codes.USER_ACTIONS."""
    action_id = writing.next_id(connection, "user_actions")
    connection.execute(INSERT_ACTION, (action_id, invoice_id, code, dates.to_instant(at), author))
