"""Hides the secrets of recorded exchanges, and leaves each its shape: what was right or wrong about it still shows."""

import base64
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_plus

from chorus.local_portal.http import paths
from chorus.local_portal.http.tokens import read_pair

MASKED = "masked"
MASKED_PAIR = base64.b64encode(b"masked:masked").decode()
# Not the form that a token has, so that a wrong one stays wrong.
WRONG = "(masked)"

TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")
SECRET_HEADER = re.compile(r"token|secret|password|cookie|auth|key|account", re.IGNORECASE)
HARMLESS_FIELDS = frozenset({"client_id", "grant_type", "scope"})
SECRET_FIELD = re.compile(r"\b((?:client_secret|password|access_token)=)[^&\s]+")
TOKEN_IN_TEXT = re.compile(r'(access_token"\s*:\s*"?)[^"]*')


def request_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: _header(name.lower(), value) for name, value in headers.items()}


def request_body(path: str, content: Any) -> Any:
    """Return the parsed or textual body of a request to this path without its secrets."""
    if path != paths.TOKEN:
        return SECRET_FIELD.sub(rf"\1{MASKED}", content) if isinstance(content, str) else content
    if isinstance(content, str):
        return "&".join(_field(field) for field in content.split("&"))
    if isinstance(content, dict):
        return {name: value if name in HARMLESS_FIELDS else MASKED for name, value in content.items()}
    return content and MASKED


def response_body(path: str, content: Any) -> Any:
    """Return the parsed or textual body of an answer from this path without its token."""
    if path != paths.TOKEN:
        return content
    if isinstance(content, str):
        return TOKEN_IN_TEXT.sub(rf"\1{MASKED}", content)
    if isinstance(content, dict) and content.get("access_token"):
        return {**content, "access_token": MASKED}
    return content


def _header(name: str, value: str) -> str:
    if name == "cpro-account":
        return _pair(value)
    if name == "authorization":
        scheme, blank, credentials = value.partition(" ")
        return f"{scheme}{blank}{_credentials(scheme.lower(), credentials)}" if blank else _known_scheme(scheme)
    return MASKED if SECRET_HEADER.search(name) and value else value


def _credentials(scheme: str, credentials: str) -> str:
    if not credentials:
        return ""
    if scheme == "basic":
        return _pair(credentials)
    return MASKED if TOKEN.fullmatch(credentials) else WRONG


def _known_scheme(text: str) -> str:
    return text if text.lower() in ("", "basic", "bearer") else WRONG


def _pair(encoded: str) -> str:
    if not encoded:
        return ""
    return MASKED_PAIR if read_pair(encoded) else WRONG


def _field(field: str) -> str:
    name, equals, value = field.partition("=")
    if not field or (equals and (not value or unquote_plus(name) in HARMLESS_FIELDS)):
        return field
    return f"{name}={MASKED}" if equals and name.isidentifier() else MASKED
