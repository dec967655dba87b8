"""Files that the portal keeps: attachments of an account, and which invoice they belong to."""

import mimetypes
import posixpath
import sqlite3
from dataclasses import dataclass
from typing import Literal

from chorus.local_portal.deposits.records import File
from chorus.local_portal.state.store import Row, Store
from chorus.local_portal.state.writing import next_id

# What an attachment is, in the API's pieceJointeTypeCode.
INVOICE_TYPE = "01"
OTHER_TYPE = "02"


@dataclass(frozen=True, slots=True)
class Link:
    """An attachment as part of an invoice; `line_number` is that of the invoice's line which it is about."""

    attachment_id: int
    role: Literal["main", "additional"]
    designation: str
    type: str = OTHER_TYPE
    line_number: int | None = None


def add(connection: sqlite3.Connection, login: str, file: File, at: int, extension: str | None = None) -> int:
    """Keep a file for an account since an instant, and return its id."""
    attachment_id = next_id(connection, "attachments")
    connection.execute(
        "INSERT INTO attachments VALUES (?, ?, ?, ?, ?, ?, ?)",
        (attachment_id, login, file.name, file.mime_type, extension or _extension(file), file.content, at),
    )
    return attachment_id


def link(connection: sqlite3.Connection, invoice_id: int, links: list[Link]) -> None:
    """Make attachments part of an invoice; of two links of one attachment the first counts."""
    connection.executemany(
        "INSERT OR IGNORE INTO invoice_attachments VALUES (?, ?, ?, ?, ?, ?)",
        [(invoice_id, each.attachment_id, each.role, each.type, each.designation, each.line_number) for each in links],
    )


def find(store: Store, login: str, attachment_id: int) -> Row | None:
    """Return the name and the size of an attachment that this account added."""
    return store.row(
        "SELECT name, length(content) AS size FROM attachments WHERE id = ? AND login = ?", attachment_id, login
    )


def _extension(file: File) -> str:
    suffix = posixpath.splitext(file.name)[1] or mimetypes.guess_extension(file.mime_type) or ".bin"
    return suffix[1:].upper()
