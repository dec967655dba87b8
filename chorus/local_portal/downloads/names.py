"""Names of files in archives, which a client may unpack as they are."""

import re
from collections.abc import Iterable, Iterator

from chorus.local_portal.deposits.records import File
from chorus.local_portal.state.store import Row

MAX_LENGTH = 100


def safe(text: str) -> str:
    """Return a text as a name without folders, blanks or anything that a disk or a shell would trip over."""
    return re.sub(r"[^\w.-]", "_", text)[-MAX_LENGTH:].lstrip(".-") or "sans-nom"


def folder(invoice: Row) -> str:
    """Return the folder of an invoice: two suppliers may use one number."""
    return f"{safe(invoice['number'])}_{invoice['id']}"


def distinct(files: Iterable[File]) -> Iterator[File]:
    """Yield the files with safe names, of which no two are the same."""
    taken: set[str] = set()
    for place, file in enumerate(files, 1):
        name = safe(file.name)
        if name.lower() in taken:
            name = f"{place}_{name}"
        taken.add(name.lower())
        yield File(name, file.content, file.mime_type)
