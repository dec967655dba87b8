"""What the portal said, as it may be shown to a person: without secrets, control characters, and not too long."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote, quote_plus

from akuiteo.masking import Masker
from chorus.portal.connection import Credentials

SHOWN_CHARACTERS = 200
READ_CHARACTERS = 2000  # masking takes long on long texts, and an answer may be megabytes of nonsense

Mask = Callable[[str], str]


def mask_for(credentials: Credentials) -> Mask:
    """Return a function that hides these credentials in a text, also as the portal may echo them."""
    masker = Masker()
    for secret in (credentials.client_secret, credentials.password, credentials.cpro_account):
        for spelling in _spellings(secret):
            masker.learn(spelling)
    return masker.mask


def shown(text: str, mask: Mask = str) -> str:
    """Return the first characters of a text, on one line."""
    words = " ".join(mask(text[:READ_CHARACTERS]).split())
    words = "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in words)
    return words if len(words) <= SHOWN_CHARACTERS else words[:SHOWN_CHARACTERS] + "…"


def _spellings(secret: str) -> set[str]:
    in_json = {json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    return {secret, quote(secret, safe=""), quote_plus(secret)} | in_json
