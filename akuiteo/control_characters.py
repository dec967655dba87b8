"""Control characters: in a text of others they would break a line of ours, move a cursor or reverse the reading."""

from __future__ import annotations

import re

CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters, line and paragraph separators, changes of reading direction, halves of characters."""


def one_line(text: str) -> str:
    r"""Return the text with its control characters written as \n, \x1b and so on."""
    return CONTROLS.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
