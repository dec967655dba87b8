"""Text cells that a spreadsheet would take for a formula, and run.

Excel splits a CSV file at the list separator of its country, whatever the file's own is: with that separator in it, a
text becomes several cells, and each may be a formula.
"""

from __future__ import annotations

import re

# A ' may stand there too, so that an escaped text can be escaped again.
FIRST = r"'*(?:\s*[=+\-@＝＋－＠]|[^\S\t\r\n]*[\t\r\n])"
LATER = r"(?:['\"]|[^\S\t\r\n])*[=+\-@＝＋－＠]"
SEPARATOR = r"(?<=[,;\t\r\n])"
FORMULA = re.compile(rf"\A(?={FIRST})|{SEPARATOR}(?={LATER})")
FIRST_FORMULA = re.compile(rf"\A(?={FIRST})")
ESCAPED = re.compile(rf"\A'(?={FIRST})|{SEPARATOR}'(?={LATER})")


def escape(text: str) -> str:
    """Put a ' before what begins like a formula."""
    return FORMULA.sub("'", text)


def escape_cell(text: str) -> str:
    """Do the same for a cell of a workbook, which no separator can split: a list of the buyer's stays as it is."""
    return FIRST_FORMULA.sub("'", text)


def unescape(text: str) -> str:
    """Take away each ' that `escape` put there. For every text, unescape(escape(text)) == text."""
    return ESCAPED.sub("", text)
