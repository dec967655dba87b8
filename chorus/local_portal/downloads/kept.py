"""The files that belong to an invoice."""

from collections.abc import Sequence
from dataclasses import dataclass

from chorus.local_portal.deposits.records import File
from chorus.local_portal.state.store import Row, Store

KEPT = """
SELECT attachments.id, role, type, designation, name, mime_type, extension, content
FROM invoice_attachments JOIN attachments ON attachments.id = attachment_id
WHERE invoice_id = ? AND (role = 'main' OR ?) ORDER BY attachments.id
"""
SIZE = """
SELECT coalesce(sum(length(content)), 0) AS size
FROM invoice_attachments JOIN attachments ON attachments.id = attachment_id
WHERE invoice_id = ? AND (role = 'main' OR ?)
"""


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of an invoice: the main one is the invoice itself, as it was deposited."""

    file: File
    is_main: bool
    type: str
    designation: str

    @property
    def is_pdf(self) -> bool:
        return self.file.content.startswith(b"%PDF")


def files_of(store: Store, invoice: Row, with_additional: bool) -> Sequence[KeptFile]:
    """Return the main file, and where that is wanted the additional ones."""
    return [
        KeptFile(
            File(_with_extension(row["name"], row["extension"]), row["content"], row["mime_type"]),
            row["role"] == "main",
            row["type"],
            row["designation"],
        )
        for row in store.rows(KEPT, invoice["id"], with_additional)
    ]


def size_of(store: Store, invoice: Row, with_additional: bool) -> int:
    """Return the bytes of the same files."""
    row = store.row(SIZE, invoice["id"], with_additional)
    return int(row["size"]) if row else 0


def _with_extension(name: str, extension: str) -> str:
    suffix = f".{extension.lower()}"
    return name if name.lower().endswith(suffix) else name + suffix
