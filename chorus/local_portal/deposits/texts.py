"""Texts of a flow's report as the portal writes them: without accents, and cut."""

import re
import unicodedata
from collections.abc import Iterable

MAX_LENGTH = 200
MAX_FILE_NAME = 100
_LIGATURES = str.maketrans({"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE", "’": "'", "«": '"', "»": '"'})


def plain(text: str) -> str:
    """Return the text without accents."""
    decomposed = unicodedata.normalize("NFKD", text.translate(_LIGATURES))
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def cut(text: str) -> str:
    return text[:MAX_LENGTH]


def joined(messages: Iterable[str]) -> str:
    """Return several messages as the one text that a report has room for."""
    return cut("|".join(plain(message) for message in messages))


def file_name(text: str) -> str:
    """Return a stranger's name of a file without folders and without what a screen or a disk would trip over."""
    name = re.sub(r"[\x00-\x1f\x7f]", "", re.split(r"[/\\]", text)[-1])
    return name.strip(". ")[-MAX_FILE_NAME:] or "sans-nom"
