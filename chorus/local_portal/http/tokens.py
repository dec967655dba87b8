"""PISTE's access tokens: `POST /api/oauth/token`, by RFC 6749, section 4.4."""

import base64
import secrets
import string
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

LIFETIME = 3600
LENGTH = 54
INVALID_CLIENT = "Client authentication failed"
ALPHABET = string.ascii_letters + string.digits

Credentials = tuple[str, str]


class TokenError(Exception):
    """A token is not given; `error` is a code of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error, description)
        self.error = error
        self.description = description

    def __str__(self) -> str:
        return f"{self.error}: {self.description}"


@dataclass
class _Life:
    """How long a token is still known: until `end` on the clock, and for so many `calls` (without end, if None)."""

    end: float
    calls: int | None


class Tokens:
    """The tokens in circulation; each is valid for LIFETIME seconds of the clock, unless it was given less."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._lives: dict[str, _Life] = {}

    def issue(self, seconds: float | None = None, calls: int | None = None) -> str:
        """Return a new token, which is unknown after so many seconds or calls, whatever is announced."""
        token = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
        with self._lock:
            now = self._clock()
            self._lives = {known: life for known, life in self._lives.items() if life.end > now}
            self._lives[token] = _Life(now + (LIFETIME if seconds is None else seconds), calls)
        return token

    def is_valid(self, token: str) -> bool:
        with self._lock:
            return self._is_alive(token)

    def use(self, token: str) -> bool:
        """Tell whether a call may be made with a token, and count the call."""
        with self._lock:
            if not self._is_alive(token):
                return False
            life = self._lives[token]
            life.calls = None if life.calls is None else life.calls - 1
            return True

    def revoke_all(self) -> None:
        """Make every token unknown, as when they expire early."""
        with self._lock:
            self._lives.clear()

    def _is_alive(self, token: str) -> bool:
        life = self._lives.get(token)
        return life is not None and life.end > self._clock() and life.calls != 0


def client_credentials(form: Mapping[str, list[str]], authorization: str) -> Credentials:
    """Return the client id and secret of a token request: from its form or its Authorization header, never from both.

    Raises TokenError.
    """
    fields = _single_fields(form)
    if "grant_type" not in fields:
        raise TokenError("invalid_request", "The parameter grant_type is missing")
    if fields["grant_type"] != "client_credentials":
        raise TokenError("unsupported_grant_type", "Only client_credentials is supported")
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return _from_form(fields)
    if "client_secret" in fields:
        raise TokenError("invalid_request", "The client credentials are both in the form and in the header")
    pair = read_pair(encoded)
    if pair is None:
        raise TokenError("invalid_client", INVALID_CLIENT)
    return pair


def read_pair(encoded: str) -> Credentials | None:
    """Return the two texts of base64("name:secret"), or None when it is not that."""
    try:
        name, colon, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return None
    return (name, secret) if name and colon and secret else None


def _single_fields(form: Mapping[str, list[str]]) -> dict[str, str]:
    repeated = [name for name, values in form.items() if len(values) > 1]
    if repeated:
        raise TokenError("invalid_request", f"Parameters given more than once: {len(repeated)}")
    return {name: values[0] for name, values in form.items()}


def _from_form(fields: Mapping[str, str]) -> Credentials:
    if not fields.get("client_id") or not fields.get("client_secret"):
        raise TokenError("invalid_request", "The parameters client_id and client_secret are due")
    return fields["client_id"], fields["client_secret"]
