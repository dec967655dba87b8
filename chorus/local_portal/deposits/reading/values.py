"""Values out of an XML tree whose schema was checked: an element that is absent or empty has none."""

import base64
import datetime
import mimetypes
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from chorus.local_portal.deposits.reading.errors import unreadable
from chorus.local_portal.deposits.records import File
from chorus.local_portal.deposits.texts import file_name

# Amounts of the API are decimal(19,6).
TOO_LARGE = Decimal(10) ** 13
MAX_ATTACHMENTS = 100

CREDIT_NOTE_TYPES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})
PREPAYMENT_TYPES = frozenset({"386"})
PAYMENT_MODES = {
    "10": "ESPECE",
    "20": "CHEQUE",
    "30": "VIREMENT",
    "31": "VIREMENT",
    "42": "VIREMENT",
    "49": "PRELEVEMENT",
    "58": "VIREMENT",
    "59": "PRELEVEMENT",
}


class Node:
    """An element, in which others are found by paths with the prefixes of a format."""

    def __init__(self, element: etree._Element, prefixes: Mapping[str, str]) -> None:
        self.element = element
        self._prefixes = dict(prefixes)

    def all(self, path: str) -> Iterator["Node"]:
        for element in self.element.iterfind(path, self._prefixes):
            yield Node(element, self._prefixes)

    def first(self, path: str) -> "Node | None":
        return next(self.all(path), None)

    def text(self, path: str) -> str | None:
        """Return the stripped text of the first element at a path that has one."""
        return next(self.texts(path), None)

    def texts(self, path: str) -> Iterator[str]:
        for node in self.all(path):
            if value := (node.element.text or "").strip():
                yield value

    def attribute(self, path: str, name: str) -> str | None:
        node = self.first(path)
        return None if node is None else node.element.get(name)

    def identifiers(self, *paths: str) -> list[str]:
        """Return the identifiers at these paths, in their order, without blanks, each once."""
        return list(dict.fromkeys("".join(value.split()) for path in paths for value in self.texts(path)))

    def number(self, path: str) -> float | None:
        """Return the number at a path. Raises UnreadableError where the API's amounts have no room for it."""
        value = self.text(path)
        if value is None:
            return None
        try:
            read = Decimal(value)
        except InvalidOperation:
            read = Decimal("Infinity")
        if not read.is_finite() or abs(read) >= TOO_LARGE:
            raise unreadable("ERR_VAL_001", f"le nombre {value[:30]} n'est pas accepté", self._line(path))
        return float(read)

    def day(self, path: str) -> datetime.date | None:
        """Return the day at a path, written as 2026-11-22 (a zone may follow) or as 20261122."""
        value = self.text(path)
        try:
            return None if value is None else datetime.date.fromisoformat(value[:10])
        except ValueError:
            return None

    def embedded(self, path: str) -> list[File]:
        """Return the files that are embedded in base64 at a path. Raises UnreadableError."""
        nodes = list(self.all(path))
        if len(nodes) > MAX_ATTACHMENTS:
            raise unreadable("ERR_VAL_002", f"plus de {MAX_ATTACHMENTS} pièces jointes", nodes[-1].element.sourceline)
        return [_file(node.element, place) for place, node in enumerate(nodes, 1)]

    def _line(self, path: str) -> int | None:
        node = self.first(path)
        return None if node is None else node.element.sourceline


def filled(members: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}


def invoice_type(code: str | None) -> str:
    """Return the API's type of a document of UNTDID 1001 (BT-3)."""
    if code in CREDIT_NOTE_TYPES:
        return "AVOIR"
    return "ACOMPTE" if code in PREPAYMENT_TYPES else "FACTURE"


def payment_mode(code: str | None) -> str | None:
    """Return the API's mode of a payment of UNTDID 4461 (BT-81)."""
    return None if code is None else PAYMENT_MODES.get(code, "AUTRE")


def _file(element: etree._Element, place: int) -> File:
    mime_type = element.get("mimeCode") or "application/octet-stream"
    name = element.get("filename") or f"piece-jointe-{place}{mimetypes.guess_extension(mime_type) or ''}"
    try:
        content = base64.b64decode("".join((element.text or "").split()), validate=True)
    except ValueError as error:
        line = element.sourceline
        raise unreadable("ERR_VAL_003", "une pièce jointe n'est pas en base64", line) from error
    return File(file_name(name), content, mime_type)
