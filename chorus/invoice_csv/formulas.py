"""Text cells that a spreadsheet would take for a formula, and run."""

from __future__ import annotations

import re

BEGINNING = r"'*(?:\s*[=+\-@＝＋－＠]|[^\S\t\r\n]*[\t\r\n])"  # ' too, so that an escaped text can be escaped again
FORMULA = re.compile(rf"\A{BEGINNING}")
ESCAPED = re.compile(rf"\A'(?={BEGINNING})")


def escape(text: str) -> str:
    """Put a ' before what begins like a formula."""
    return f"'{text}" if FORMULA.match(text) else text


def unescape(text: str) -> str:
    """Take away the ' that `escape` put there. For every text, unescape(escape(text)) == text."""
    return ESCAPED.sub("", text)
