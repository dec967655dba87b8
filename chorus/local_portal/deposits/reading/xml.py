"""XML that a stranger wrote: parsed without entities, without network, and within limits."""

import re

from lxml import etree

from chorus.local_portal.deposits.reading.errors import unreadable

# Each tag and attribute costs memory, and more if it is wrong, however short it is; an invoice of 4,000 lines fits in.
MAX_NODES = 200_000
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
DECLARED_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"']*)["']""")
# All of them write < and > as ASCII does: what is looked for in the bytes cannot hide.
ENCODINGS = frozenset({"utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})


def parse(content: bytes) -> etree._Element:
    """Return the root of a document. Raises UnreadableError."""
    content = content.removeprefix(BYTE_ORDER_MARK)
    _check_bytes(content)
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,  # libxml2's limits of depth, of text and of what entities may become
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        line, position = error.position
        message = error.msg.partition(", line ")[0]
        raise unreadable("ERR_XML_001", f"XML mal formé: {message}", line, position) from error


def _check_bytes(content: bytes) -> None:
    if not content.lstrip().startswith(b"<") or b"\0" in content:
        raise unreadable("ERR_XML_001", "le fichier n'est pas du XML", 1, 1)
    declared = DECLARED_ENCODING.match(content)
    if declared and declared[1].decode("ascii", "replace").lower() not in ENCODINGS:
        name = declared[1][:40].decode("ascii", "replace")
        raise unreadable("ERR_XML_002", f"l'encodage {name} n'est pas accepté", 1, declared.start(1))
    if b"<!DOCTYPE" in content:
        line = content[: content.index(b"<!DOCTYPE")].count(b"\n") + 1
        raise unreadable("ERR_XML_003", "une déclaration DOCTYPE n'est pas acceptée", line, 1)
    if content.count(b"<") + content.count(b"=") > MAX_NODES:
        raise unreadable("ERR_XML_004", f"plus de {MAX_NODES} balises et attributs")
