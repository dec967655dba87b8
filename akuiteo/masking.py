"""Keeps secrets out of whatever a person may read: by value, once one was read, and by the key before it."""

from __future__ import annotations

import base64
import html
import logging
import re
import sys
import threading
import traceback
from functools import cache
from types import TracebackType
from typing import Any

from akuiteo.control_characters import one_line

MASK = "********"
SHORTEST = 6  # a shorter value would also mask ordinary words; the key before it still does
KEYS = r"(?:pwd|passwd|password|mdp|mot[ _]de[ _]passe|secret|token|authorization|cpro[_-]?account|api[_-]?key)"
VALUE = r"""(?:b?"(?:\\.|[^"\\])*"|b?'(?:\\.|[^'\\])*'|(?:bearer|basic)\s+\S+|[^\s,;&}]+)"""
# No \w* before the key: on a long word each letter of it would be tried as a beginning.
BY_KEY = re.compile(rf"""(?i)({KEYS}\w{{0,40}}["']?\s{{0,9}}[=:]\s{{0,9}}){VALUE}""")
# What is escaped again and again has many; without a limit a text of nothing else would take for ever.
SLASHES = r"(?:\\|%(?:25){0,3}5[Cc]){1,64}"
AS_IT_IS = {"\\": {SLASHES}, " ": {" ", r"\+", "%(?:25){0,3}2b"}}
IN_ADDRESS = re.compile(r"(://[^\s/:@]{0,200}:)[^\s/]{1,200}@")


class Masker:
    """The secret values of this process, and the masking of texts that may hold them."""

    def __init__(self) -> None:
        self._values: dict[str, re.Pattern[str]] = {}

    def learn(self, value: str) -> None:
        """Mask this value from now on, also in base64 and as Python, JSON, HTML and addresses write it."""
        if len(value) >= SHORTEST:
            self._values |= {text: _however_written(text) for text in {value, *_in_base64(value)} - self._values.keys()}

    def mask(self, text: str) -> str:
        for value in sorted(self._values, key=len, reverse=True):
            text = self._values[value].sub(MASK, text)
        text = IN_ADDRESS.sub(rf"\g<1>{MASK}@", text)
        return BY_KEY.sub(rf"\g<1>{MASK}", text)


masker = Masker()
"""The one of this process: akuiteo.secrets teaches it each value that is decrypted."""


class MaskingFormatter(logging.Formatter):
    """Masks secrets in the whole line: message, arguments, traceback and stack. Its message stays one line."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        return one_line(super().formatMessage(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802 - logging's name
        return _indented(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802 - logging's name
        return _indented(super().formatStack(stack_info))

    def format(self, record: logging.LogRecord) -> str:
        return masker.mask(super().format(record))


def _indented(lines: str) -> str:
    """Let no text of an error look like a line of the log, or move the cursor."""
    return "\n".join(f"    {one_line(line)}" for line in lines.splitlines())


def mask_tracebacks() -> None:
    """Mask what Python writes to stderr when the process, or a thread, ends with an error that nobody has caught."""
    sys.excepthook = _write_masked
    threading.excepthook = lambda of: _write_masked(of.exc_type, of.exc_value, of.exc_traceback)


def _write_masked(kind: type[BaseException], error: BaseException | None, at: TracebackType | None) -> None:
    sys.stderr.write(masker.mask("".join(traceback.format_exception(kind, error, at))))


def _in_base64(value: str) -> set[str]:
    encoded = value.encode()
    return {base64.b64encode(encoded).decode(), base64.urlsafe_b64encode(encoded).decode()}


def _however_written(value: str) -> re.Pattern[str]:
    """Return a pattern of the value as it is, and as Python, JSON, HTML and addresses write it, each in the others."""
    one_slash = re.sub(r"\\+", r"\\", value)  # each stands for many
    return re.compile("".join(map(_written, one_slash)))


@cache
def _written(character: str) -> str:
    if character.isascii() and character.isalnum():
        return character
    percent = "".join(f"%(?:25){{0,3}}{byte:02x}" for byte in character.encode())
    in_bytes = "".join(rf"{SLASHES}x{byte:02x}" for byte in character.encode())
    in_units = "".join(rf"{SLASHES}u{unit}" for unit in re.findall("....", character.encode("utf-16-be").hex()))
    forms = {percent, in_bytes, in_units, rf"{SLASHES}x{ord(character):02x}", rf"{SLASHES}U{ord(character):08x}"}
    forms |= {f"&(?:amp;){{0,3}}{name}" for name in (html.escape(character)[1:], f"#{ord(character)};") if name}
    forms |= {rf"{SLASHES}{letter}" for letter in repr(character)[2:-1] if character in "\t\n\r"}
    forms |= AS_IT_IS.get(character, {re.escape(character)})
    may_be_escaped = f"(?:{SLASHES})?" if character in "\"'/" else ""
    return f"{may_be_escaped}(?i:{'|'.join(sorted(forms, key=len, reverse=True))})"
