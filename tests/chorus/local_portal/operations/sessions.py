"""A session of a supplier and a buyer with a local Chorus Pro that holds the built-in seed."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.chorus.local_portal.client import BUYER_LOGIN, TOKEN, Client


class UnexpectedAnswerError(Exception):
    """An operation did not answer as it should."""


@dataclass
class Session:
    """A supplier's and a buyer's clients of one portal; `wait` lets the portal's time pass."""

    url: str
    wait: Callable[[], None]
    say: Callable[[str], None] = print
    paths: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.supplier = Client(self.url)
        self.buyer = Client(self.url, BUYER_LOGIN)
        self.paths.add(TOKEN)

    def call(self, client: Client, path: str, body: Any, code: int = 0) -> Any:
        """Return what an operation answers with HTTP 200. Raises UnexpectedAnswerError for another return code."""
        answer = client.post(path, body)
        self.paths.add(path)
        shown = answer.json() if answer.content else {}
        who = "buyer" if client is self.buyer else "supplier"
        self.say(f"{answer.status_code} {shown.get('codeRetour')!s:>5} {who:<8} {path}  {shown.get('libelle', '')}")
        if (answer.status_code, shown.get("codeRetour")) != (200, code):
            raise UnexpectedAnswerError(f"{path} {body}: 200 with codeRetour {code} is due, not {answer.text}")
        return shown


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
