"""Texts of others on lines of ours: what they hold must not break a line, move a cursor or reverse the reading."""

from __future__ import annotations

import re

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line and paragraph separators, changes of reading direction, halves of characters."""

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
"""What JSON may bring, and neither PostgreSQL nor UTF-8 can take."""

LONGEST_QUOTE = 200  # characters: enough to recognise a value, short enough for a line


def has_controls(text: str) -> bool:
    return bool(CONTROLS.search(text))


def one_line(text: str) -> str:
    r"""Return the text with its control characters written as \n, \x1b and so on."""
    return CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


def storable(text: str) -> str:
    """Return the text, of one or many lines, without what no database and no mail can hold."""
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def quoted(*texts: str) -> str:
    return ", ".join(f"“{shortened(one_line(text))}”" for text in texts)


def shortened(text: str, length: int = LONGEST_QUOTE) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"
