"""Secrets that give themselves away wherever they appear: each has a word in it that is nowhere else."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from cryptography.fernet import Fernet

FERNET_WORD = "cnrFernetKeyxx"


@dataclass(frozen=True)
class Canary:
    """`word` is what is looked for, as it is and in base64; `text` is the secret."""

    name: str
    word: str
    text: str

    def spellings(self) -> set[str]:
        """The word, which no escaping changes, and what base64 makes of it at each of three places."""
        found = {self.word, self.word.encode().hex()}
        for offset in range(3):
            encoded = base64.b64encode(b"-" * offset + self.word.encode()).decode().rstrip("=")
            found.add(encoded[4 * (offset > 0) : -2])
        return found


def _canary(name: str, weird: str) -> Canary:
    word = f"cnr{name}x7f"
    return Canary(name, word, weird.format(word))


CANARIES = (
    _canary("BatchPwd", "p\"a'{}%25é&=+/ <b>\\$1"),
    _canary("PisteSecret", "{}/+&%=é'\"<i>"),
    _canary("TechnicalPassword", "é:{}%20&\"'<\\"),
    _canary("UserPassword", "<script>{}'&%\""),
    _canary("SecretKey", "'{}%&é\"<" + "k" * 50),
    _canary("DatabasePassword", "{}%@/:é&'"),
    _canary("MailPassword", "{}@:/%é&'"),
    _canary("MailServiceKey", "xkeysib-{}&%'"),
    _canary("AccessToken", "eyJ{}.a-b_c"),
    Canary("FernetKey", FERNET_WORD, (FERNET_WORD + Fernet.generate_key().decode()[len(FERNET_WORD) :])),
)
SECRET = {canary.name: canary.text for canary in CANARIES}


def leaks(text: str) -> list[str]:
    """Return the names of the canaries in a text, in whatever spelling, with what stands around them."""
    return [
        f"{canary.name}: …{text[max(0, text.find(spelling) - 150) : text.find(spelling) + 50]!r}"
        for canary in CANARIES
        for spelling in canary.spellings()
        if spelling in text
    ]
