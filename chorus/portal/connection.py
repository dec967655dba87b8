"""What the client is told about a connection: where, as whom, within which limits."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Endpoints:
    """token_url: the whole address of PISTE's token service; api_url: what stands before "/cpro/"."""

    token_url: str
    api_url: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """The PISTE application (client_id, client_secret) and the technical account (login, password)."""

    client_id: str
    client_secret: str = field(repr=False)
    login: str
    password: str = field(repr=False)

    @property
    def cpro_account(self) -> str:
        """The header that Chorus Pro requires on every operation; it holds the password."""
        return base64.b64encode(f"{self.login}:{self.password}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Limits:
    """How patient, how greedy and how fast the client may be. Times are seconds.

    call_deadline bounds one HTTP exchange, however it drips. give_up_after bounds the failed tries and the pauses
    between them; waiting for a Retry-After is not counted there, but bounded by retry_after_cap each and by
    retry_after_budget in all. requests_per_second and concurrency hold for one technical account over all
    processes that share state_dir; without one, over this process.
    """

    connect_timeout: float = 10
    read_timeout: float = 30
    call_deadline: float = 120
    give_up_after: float = 60
    max_answer_bytes: int = 16 * 1024 * 1024
    retry_after_cap: float = 120
    retry_after_budget: float = 300
    requests_per_second: float = 10
    concurrency: int = 1
    state_dir: Path | None = None


def account_key(endpoints: Endpoints, credentials: Credentials) -> str:
    """Name the technical account of a portal in file names, without showing it."""
    return hashlib.sha256(f"{endpoints.api_url}\n{credentials.login}".encode()).hexdigest()[:16]
