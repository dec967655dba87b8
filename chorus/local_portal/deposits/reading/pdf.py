"""The XML that a Factur-X file carries."""

import io
import logging

from pypdf import PdfReader

from chorus.local_portal.deposits.reading.errors import unreadable

NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
MAX_ATTACHMENTS = 100

# What it warns of in a broken file, the report of the flow says.
logging.getLogger("pypdf").setLevel(logging.ERROR)


def is_pdf(content: bytes) -> bool:
    return content.startswith(b"%PDF-")


def embedded_xml(content: bytes) -> bytes:
    """Return the XML of a Factur-X file. Raises UnreadableError."""
    if not is_pdf(content):
        raise unreadable("ERR_PDF_001", "le fichier n'est pas un PDF")
    try:
        found = _find(content)
    except Exception as error:  # a broken PDF makes pypdf raise whatever it meets: it has no common class
        raise unreadable("ERR_PDF_002", "le PDF est illisible") from error
    if found is None:
        raise unreadable("ERR_PDF_003", f"le PDF ne contient pas de fichier {NAMES[0]}")
    return found


def _find(content: bytes) -> bytes | None:
    with PdfReader(io.BytesIO(content)) as reader:
        for place, attachment in enumerate(reader.attachment_list):
            if place >= MAX_ATTACHMENTS:
                return None
            if attachment.name.lower() in NAMES:
                return attachment.content
    return None
