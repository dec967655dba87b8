"""Texts of others on lines of ours: what they hold must not break a line, move a cursor or reverse the reading."""

from __future__ import annotations

import re

from akuiteo.control_characters import CONTROLS
from akuiteo.control_characters import one_line as one_line

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What JSON may bring, and neither PostgreSQL nor UTF-8 can take."""

LONGEST_QUOTE = 200  # characters: enough to recognise a value, short enough for a line


def has_controls(text: str) -> bool:
    return bool(CONTROLS.search(text))


def storable(text: str) -> str:
    """Return the text, of one or many lines, without what no database and no mail can hold."""
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def quoted(*texts: str) -> str:
    return ", ".join(f"“{shortened(one_line(text))}”" for text in texts)


def shortened(text: str, length: int = LONGEST_QUOTE) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
