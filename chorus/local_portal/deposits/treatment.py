"""A flow is treated: read, judged, and its good invoices integrated, when that is due on the portal's clock."""

import logging
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from chorus.local_portal.deposits import flows, integration, reading
from chorus.local_portal.deposits.directory import directory_for
from chorus.local_portal.deposits.integration import Deposit
from chorus.local_portal.deposits.judging import Judgement, KnownStructure, judge_all
from chorus.local_portal.deposits.reading.errors import technical
from chorus.local_portal.deposits.records import (
    DepositedInvoice,
    File,
    ReadInvoice,
    TechnicalError,
    UnreadableError,
    UnsupportedError,
)
from chorus.local_portal.deposits.texts import joined
from chorus.local_portal.life import moves
from chorus.local_portal.state.store import Row, Store
from chorus.local_portal.state.writing import InvoiceWriter

LOGGER = logging.getLogger("chorus.local_portal")
DEPOSIT_MODE = "UPLOAD_API"
MAX_NUMBER_SHOWN = 100


@dataclass(frozen=True)
class Refusal:
    """An invoice that is not integrated, with the text of its report."""

    number: str
    supplier: str
    recipient: str
    text: str


@dataclass(frozen=True)
class Outcome:
    """What becomes of a flow."""

    state: str
    good: Sequence[tuple[ReadInvoice, Judgement]] = ()
    refused: Sequence[Refusal] = ()
    technical: Sequence[TechnicalError] = ()


def treat_all(store: Store, now: int) -> None:
    """Let every flow be in the state in which it is due to be at an instant."""
    if store.row("SELECT number FROM flows WHERE treated = 0 LIMIT 1") is None:
        return
    with store.exclusive():
        waiting = store.rows(
            "SELECT number, login, syntax, file_name, deposited_at, state FROM flows WHERE treated = 0"
            " ORDER BY deposited_at, number"
        )
        for flow in waiting:
            elapsed = now - flow["deposited_at"]
            if elapsed < flows.TREATED_AFTER:
                _advance(store, flow, elapsed)
            else:
                _treat(store, flow)


def _advance(store: Store, flow: Row, elapsed: int) -> None:
    after, state = flows.state_after(elapsed)
    if state != flow["state"]:
        with store.writing() as connection:
            connection.execute(
                "UPDATE flows SET state = ?, state_at = ? WHERE number = ?",
                (state, flow["deposited_at"] + after, flow["number"]),
            )


def _treat(store: Store, flow: Row) -> None:
    try:
        outcome = _outcome(store, flow)
        with store.writing() as connection:
            moves.deposited(store, _write(connection, flow, outcome))
    except Exception:  # whatever a file does to its treatment, the flows behind it are treated
        LOGGER.exception("Flow %s cannot be treated; its depositor sees IN_INCIDENTE.", flow["number"])
        error = technical("ERR_INC_001", "incident lors du traitement, le flux est à déposer de nouveau")
        with store.writing() as connection:
            _write(connection, flow, Outcome("IN_INCIDENTE", technical=[error]))


def _outcome(store: Store, flow: Row) -> Outcome:
    row = store.row("SELECT content FROM flows WHERE number = ?", flow["number"])
    file = File(flow["file_name"], row["content"] if row else b"")
    try:
        read = reading.read(file, flow["syntax"])
    except UnsupportedError:
        error = technical("ERR_SYN_003", f"la syntaxe {flow['syntax']} n'est pas traitée par le Chorus Pro local")
        return Outcome("IN_INCIDENTE", technical=[error])
    except UnreadableError as error:
        return Outcome("IN_REJETE", technical=error.errors)
    invoices = [each.invoice for each in read]
    judgements = judge_all(invoices, directory_for(store, flow["login"], invoices))
    pairs = list(zip(read, judgements, strict=True))
    good = [(each, judgement) for each, judgement in pairs if not judgement.breaches]
    refused = [_refusal(each.invoice, judgement) for each, judgement in pairs if judgement.breaches]
    if not refused:
        return Outcome("IN_INTEGRE", good)
    return Outcome("IN_INTEGRE_PARTIEL" if good else "IN_REJETE", good, refused)


def _refusal(invoice: DepositedInvoice, judgement: Judgement) -> Refusal:
    return Refusal(
        number=(invoice.number or "")[:MAX_NUMBER_SHOWN],
        supplier=_shown(invoice.supplier, judgement.supplier),
        recipient=_shown(invoice.recipient, judgement.recipient),
        text=joined(breach.text for breach in judgement.breaches),
    )


def _shown(identifiers: Sequence[str], known: KnownStructure | None) -> str:
    return known.siret if known else next(iter(identifiers), "")[:MAX_NUMBER_SHOWN]


def _write(connection: sqlite3.Connection, flow: Row, outcome: Outcome) -> list[int]:
    """Write what became of a flow, and return the ids of its invoices."""
    deposit = Deposit(flow["login"], DEPOSIT_MODE, flow["deposited_at"] + flows.TREATED_AFTER, flow["number"])
    writer = InvoiceWriter(connection)
    invoice_ids = []
    for read, judgement in outcome.good:
        others = list(read.invoice.attachments)
        size = sum(len(file.content) for file in (read.file, *others))
        invoice_id = writer.add(integration.record(read.invoice, judgement, deposit, size))
        integration.add_files(connection, invoice_id, read.file, others, deposit)
        invoice_ids.append(invoice_id)
    _write_errors(connection, flow["number"], outcome)
    # What was deposited is now an attachment of its invoices, or refused.
    connection.execute(
        "UPDATE flows SET state = ?, state_at = ?, treated = 1, content = NULL WHERE number = ?",
        (outcome.state, deposit.at, flow["number"]),
    )
    return invoice_ids


def _write_errors(connection: sqlite3.Connection, number: str, outcome: Outcome) -> None:
    errors = [
        *(("technical", None, None, None, each.code, each.nature, each.text) for each in outcome.technical),
        *(("invoice", each.number, each.supplier, each.recipient, None, None, each.text) for each in outcome.refused),
    ]
    connection.executemany(
        "INSERT INTO flow_errors VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(number, place, *error) for place, error in enumerate(errors, 1)],
    )
