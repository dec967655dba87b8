"""What telecharger/groupe gives: one PDF, or a ZIP with a folder for each invoice."""

import datetime
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from chorus.local_portal import dates
from chorus.local_portal.deposits.records import File
from chorus.local_portal.downloads import kept, names, page, pivot
from chorus.local_portal.state.store import Row, Store

FORMATS = ("PDF", "PIVOT")
# AIFE's limit for a group, whatever the number of invoices.
MAX_BYTES = 120 * 1024 * 1024


class TooLargeError(Exception):
    """The files of a group are larger than the portal gives at once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """In which format, of FORMATS, and whether with the additional attachments; the pivot always has them."""

    format: str
    with_attachments: bool = False

    @property
    def with_additional(self) -> bool:
        return self.with_attachments or self.format == "PIVOT"


def bundle(store: Store, invoices: Sequence[Row], wanted: Wanted) -> bytes:
    """Return the file of these invoices. Raises TooLargeError."""
    if sum(kept.size_of(store, invoice, wanted.with_additional) for invoice in invoices) > MAX_BYTES:
        raise TooLargeError
    now = store.clock.now()
    files = {names.folder(invoice): _files(store, invoice, wanted, now) for invoice in invoices}
    first, *others = [file for some in files.values() for file in some]
    content = first.content if wanted.format == "PDF" and not others else zipped(files, now)
    if len(content) > MAX_BYTES:
        raise TooLargeError
    return content


def _files(store: Store, invoice: Row, wanted: Wanted, now: datetime.datetime) -> list[File]:
    files, details = kept.files_of(store, invoice, wanted.with_additional), json.loads(invoice["details"])
    if wanted.format == "PIVOT":
        day = dates.day(dates.to_instant(now))
        return [File(f"{names.safe(invoice['number'])}.xml", pivot.render(invoice, details, files, day))]
    main = next((each.file.content for each in files if each.is_main and each.is_pdf), None)
    content = main or page.render(invoice, details.get("lines", ()), now)
    shown = File(f"{names.safe(invoice['number'])}.pdf", content, "application/pdf")
    return list(names.distinct([shown, *(each.file for each in files if not each.is_main)]))


def zipped(folders: dict[str, list[File]], at: datetime.datetime) -> bytes:
    """Return a ZIP of files in folders; the folder "" is that of the archive itself."""
    buffer = io.BytesIO()
    written_at = at.astimezone(dates.PARIS).timetuple()[:6]
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder, files in folders.items():
            for file in files:
                entry = zipfile.ZipInfo(f"{folder}/{file.name}".lstrip("/"), written_at)
                archive.writestr(entry, file.content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
