"""An invoice takes a status: because somebody gives it one, or because it was planned and is due."""

import datetime
from collections.abc import Iterable
from dataclasses import replace

from chorus.local_portal import dates
from chorus.local_portal.life import planned
from chorus.local_portal.life.scenarios import PLATFORM, SCENARIOS
from chorus.local_portal.state.store import Row, Store


def move(
    store: Store,
    invoice_id: int,
    status: str,
    at: datetime.datetime,
    comment: str | None = None,
    author: str | None = None,
    mandate_number: str | None = None,
) -> None:
    """Let an invoice take a status, whatever its present one, at a time with a zone. Raises UnknownInvoiceError.

    What was planned for it is dropped. What was due for others by then is done before: nobody may read a change and
    learn of an earlier one only later.
    """
    with store.writing() as connection:
        connection.execute("DELETE FROM planned_moves WHERE invoice_id = ?", (invoice_id,))
        planned.do_all(store, dates.to_instant(at))
        store.set_status(invoice_id, status, at, comment, author, mandate_number)
        planned.plan(connection, planned.life_of(store), planned.positions_of(connection, [invoice_id]))


def deposited(store: Store, invoice_ids: Iterable[int]) -> None:
    """Send invoices on their way that a client has just deposited."""
    with store.writing() as connection:
        planned.plan(connection, planned.life_of(store), planned.positions_of(connection, invoice_ids))


def begin(store: Store, scenario: str | None = None, seed: int = 0) -> None:
    """Let the buyers follow a scenario from now on, or none; what they had planned by another one is dropped.

    With a scenario every invoice that is there has its life; without one, only the platform moves what is `deposited`.
    The same scenario and seed go on with what they had planned. Raises ValueError for an unknown scenario.
    """
    if scenario is not None and scenario not in SCENARIOS:
        raise ValueError(f"there is no scenario {scenario!r}; there are {', '.join(SCENARIOS)}")
    now = dates.to_instant(store.clock.now())
    with store.writing() as connection:
        if store.row("SELECT scenario, seed FROM life") != {"scenario": scenario, "seed": seed}:
            connection.execute("DELETE FROM planned_moves WHERE author <> ?", (PLATFORM,))
            connection.execute("DELETE FROM life")
            connection.execute("INSERT INTO life VALUES (?, ?)", (scenario, seed))
        if scenario is None:
            return
        life = planned.life_of(store)
        for positions in planned.unplanned_positions(connection):
            # Nothing happens before the beginning: clients may have read what was until then.
            planned.plan(connection, life, (replace(position, at=max(position.at, now)) for position in positions))


def planned_for(store: Store, invoice_id: int) -> Row | None:
    """Return what is planned for an invoice, a row of `planned_moves`, if anything is."""
    return store.row("SELECT * FROM planned_moves WHERE invoice_id = ?", invoice_id)
