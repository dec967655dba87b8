"""The least that a run must do: fetch the same pages with requests, execute the same SQL with sqlite3.

No checks, no errors, no log, no Django: what the batch costs beyond this is the price of all that. The address of the
portal, the database, the window's beginning and the rows of a page come as arguments.
"""

from __future__ import annotations

import base64
import sqlite3
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import scenario

SEARCH_PATH = "/cpro/factures/v1/rechercher/fournisseur"
UPDATE = """
UPDATE chorus_invoice SET chorus_id = ?, chorus_status = ?, chorus_status_at = ?, chorus_comment = ?,
    chorus_checked_at = ?, tracking_reopened = 0, ask_by_number = 0, missing_since = NULL, reason_due = 0
WHERE id = ? AND chorus_status = ?
"""
INSERT = """
INSERT INTO chorus_statuschange (invoice_id, run_id, old, new, at, comment, seen_at, alert_due, alert_id)
VALUES (?, NULL, ?, ?, ?, ?, ?, 0, NULL)
"""
Row = dict[str, Any]


def main(portal_url: str, database: str, changed_since: str, page_size: str) -> None:
    connection = sqlite3.connect(database, isolation_level=None)
    connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON")
    changed = sum(_write(connection, rows) for rows in _pages(portal_url, changed_since, int(page_size)))
    connection.close()
    print(changed)


def _pages(portal_url: str, changed_since: str, page_size: int) -> Iterator[list[Row]]:
    with requests.Session() as session:
        session.headers.update(_headers(session, portal_url))
        number, pages = 1, 1
        while number <= pages:
            answer = session.post(portal_url + SEARCH_PATH, json=_search(changed_since, number, page_size)).json()
            yield answer["listeFactures"]
            number, pages = number + 1, answer["parametresRetour"]["pages"]


def _headers(session: requests.Session, portal_url: str) -> dict[str, str]:
    application, account = scenario.APPLICATION, scenario.ACCOUNT
    form = {
        "grant_type": "client_credentials",
        "client_id": application.client_id,
        "client_secret": application.client_secret,
        "scope": "openid",
    }
    token = session.post(f"{portal_url}/api/oauth/token", data=form).json()["access_token"]
    login = base64.b64encode(f"{account.login}:{account.password}".encode()).decode()
    return {"Authorization": f"Bearer {token}", "cpro-account": login}


def _search(changed_since: str, number: int, page_size: int) -> Row:
    paging = {
        "pageResultatDemandee": number,
        "nbResultatsParPage": page_size,
        "triColonne": "NumeroFacture",
        "triSens": "Ascendant",
    }
    return {"periodeDateHeureEtatCourantDu": changed_since, "rechercheFactureParFournisseur": paging}


def _write(connection: sqlite3.Connection, rows: Sequence[Row]) -> int:
    """Write a page's changes in one transaction; return how many."""
    by_id = {row["identifiantFactureCPP"]: row for row in rows}
    marks = ",".join("?" * len(by_id))
    query = f"SELECT id, chorus_id, chorus_status FROM chorus_invoice WHERE chorus_id IN ({marks})"  # noqa: S608 - marks only  # nosec B608
    stored = connection.execute(query, list(by_id)).fetchall()
    now, changes = str(datetime.now(UTC).replace(tzinfo=None)), []
    connection.execute("BEGIN IMMEDIATE")
    for key, chorus_id, old in stored:
        row = by_id[chorus_id]
        new, at, comment = row["statut"], _utc(row["dateHeureEtatCourant"]), row.get("commentaireEtatCourant", "")
        if new != old and connection.execute(UPDATE, (chorus_id, new, at, comment, now, key, old)).rowcount:
            changes.append((key, old, new, at, comment, now))
    connection.executemany(INSERT, changes)
    connection.execute("COMMIT")
    return len(changes)


def _utc(text: str) -> str:
    """Return a time as Django stores it in SQLite."""
    return str(datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None))


if __name__ == "__main__":
    main(*sys.argv[1:])
