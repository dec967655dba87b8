"""The PISTE token: one an application, shared by the threads of the process, renewed before it ends."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from akuiteo.masking import masker
from chorus.portal.answers import JsonObject
from chorus.portal.clock import Clock
from chorus.portal.connection import Credentials, Endpoints
from chorus.portal.errors import Stopped, UnexpectedAnswer

OPERATION = "token"
MARGIN = 60.0  # seconds before its end from which a token is no longer used
USUAL_LIFETIME = 3600.0  # seconds; PISTE's, for an answer that does not say
GLANCE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Token:
    """usable_until: on the monotonic clock, in seconds."""

    value: str = field(repr=False)
    usable_until: float


class Authenticator:
    """Keeps the token of one PISTE application."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._token: Token | None = None

    def current(self, fetch: Callable[[], Token], clock: Clock, stop: threading.Event) -> str:
        """Return a usable token; fetch a new one where there is none, once for all threads. Raises Stopped."""
        with self._locked(stop):
            if self._token is None or clock.monotonic() >= self._token.usable_until:
                self._token = fetch()
            return self._token.value

    def renew(self, fetch: Callable[[], Token], stop: threading.Event) -> None:
        """Fetch a new token, however good the kept one is. Raises Stopped."""
        with self._locked(stop):
            self._token = fetch()

    @contextmanager
    def _locked(self, stop: threading.Event) -> Iterator[None]:
        while not self._lock.acquire(timeout=GLANCE_SECONDS):
            if stop.is_set():
                raise Stopped
        try:
            yield
        finally:
            self._lock.release()

    def forget(self, value: str) -> None:
        """Drop a token that the portal refused, unless another thread has replaced it already."""
        with self._lock:
            if self._token is not None and self._token.value == value:
                self._token = None


def authenticator_for(endpoints: Endpoints, credentials: Credentials) -> Authenticator:
    """Return the one of this process for this PISTE application."""
    return _authenticator(endpoints.token_url, credentials.client_id, credentials.client_secret)


@cache
def _authenticator(token_url: str, client_id: str, client_secret: str) -> Authenticator:
    return Authenticator()


def build_token_request(credentials: Credentials) -> bytes:
    """Build the form of OAuth 2's client credentials grant."""
    form = {
        "grant_type": "client_credentials",
        "client_id": credentials.client_id,
        "client_secret": credentials.client_secret,
        "scope": "openid",
    }
    return urlencode(form).encode()


def parse_token(data: JsonObject, asked_at: float) -> Token:
    """Read PISTE's answer; asked_at is on the monotonic clock. Raises UnexpectedAnswer naming what is wrong."""
    value = data.get("access_token")
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or not value.strip():
        raise UnexpectedAnswer(OPERATION, _("the answer has no usable access_token"))
    masker.learn(value.strip())
    lifetime = _lifetime(data.get("expires_in"))
    margin = MARGIN if lifetime > MARGIN else lifetime / 2
    return Token(value.strip(), asked_at + lifetime - margin)


def _lifetime(value: object) -> float:
    """Return seconds; the usual ones where the answer has none that make sense."""
    try:
        seconds = float(value) if isinstance(value, int | float | str) else USUAL_LIFETIME
    except (ValueError, OverflowError):
        return USUAL_LIFETIME
    return seconds if 1 <= seconds < math.inf else USUAL_LIFETIME
