"""Keeps secrets out of whatever a person may read: by value, once one was read, and by the key before it."""

from __future__ import annotations

import base64
import json
import logging
import re
from urllib.parse import quote, quote_plus

MASK = "********"
SHORTEST = 6  # a shorter value would also mask ordinary words; the key before it still does
KEYS = r"(?:pwd|passwd|password|mdp|mot[ _]de[ _]passe|secret|token|authorization|cpro[_-]?account|api[_-]?key)"
VALUE = r"""(?:b?"(?:\\.|[^"\\])*"|b?'(?:\\.|[^'\\])*'|(?:bearer|basic)\s+\S+|[^\s,;&}]+)"""
# No \w* before the key: on a long word each letter of it would be tried as a beginning.
BY_KEY = re.compile(rf"""(?i)({KEYS}\w{{0,40}}["']?\s{{0,9}}[=:]\s{{0,9}}){VALUE}""")
IN_ADDRESS = re.compile(r"(://[^\s/:@]{0,200}:)[^\s/]{1,200}@")


class Masker:
    """The secret values of this process, and the masking of texts that may hold them."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def learn(self, value: str) -> None:
        """Mask this value from now on, also in base64 and as Python, JSON and addresses write it."""
        if len(value) >= SHORTEST:
            self._values.update(_spellings(value))

    def mask(self, text: str) -> str:
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, MASK)
        text = IN_ADDRESS.sub(rf"\g<1>{MASK}@", text)
        return BY_KEY.sub(rf"\g<1>{MASK}", text)


masker = Masker()
"""The one of this process: akuiteo.secrets teaches it each value that is decrypted."""


class MaskingFormatter(logging.Formatter):
    """Masks secrets in the whole line: message, arguments, traceback and stack."""

    def format(self, record: logging.LogRecord) -> str:
        return masker.mask(super().format(record))


def _spellings(value: str) -> set[str]:
    encoded = value.encode()
    return {
        value,
        repr(value)[1:-1],
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        quote(encoded),
        quote(encoded, safe=""),
        quote_plus(encoded),
        base64.b64encode(encoded).decode(),
        base64.urlsafe_b64encode(encoded).decode(),
    }
