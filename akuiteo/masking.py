"""Keeps secrets out of whatever a person may read: by value, once one was read, and by the key before it."""

from __future__ import annotations

import base64
import logging
import re

MASK = "********"
SHORTEST = 6  # a shorter value would also mask ordinary words; the key before it still does
KEYS = r"\w*(?:pwd|password|passwd|secret|token|authorization|cpro-account|api[_-]?key)\w*"
BY_KEY = re.compile(rf"""(?ix)(["']?{KEYS}["']?\s*[=:]\s*)("[^"]*"|'[^']*'|(?:bearer|basic)\s+\S+|[^\s,;&}}]+)""")


class Masker:
    """The secret values of this process, and the masking of texts that may hold them."""

    def __init__(self) -> None:
        self._values: set[str] = set()

    def learn(self, value: str) -> None:
        """Mask this value from now on, also in base64."""
        if len(value) >= SHORTEST:
            self._values.update({value, base64.b64encode(value.encode()).decode()})

    def mask(self, text: str) -> str:
        for value in sorted(self._values, key=len, reverse=True):
            text = text.replace(value, MASK)
        return BY_KEY.sub(rf"\g<1>{MASK}", text)


masker = Masker()
"""The one of this process: akuiteo.secrets teaches it each value that is decrypted."""


class MaskingFilter(logging.Filter):
    """Masks secrets in log records, their arguments and their tracebacks."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masker.mask(record.getMessage()), None
        if record.exc_info:
            record.exc_text = masker.mask(logging.Formatter().formatException(record.exc_info))
        return True
