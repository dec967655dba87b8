"""Encryption of what must be recoverable: BATCH_PWD, PISTE secrets, technical passwords.

Keys: FIELD_ENCRYPTION_KEYS, Fernet keys, newest first. The newest encrypts; each of them decrypts.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.utils.translation import gettext as _

from akuiteo.masking import MASK, masker


class SecretUnreadableError(Exception):
    """A stored secret cannot be decrypted with the keys at hand, or the keys are no keys."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A stored secret cannot be read with FIELD_ENCRYPTION_KEYS: the key was changed or lost. "
                "Put the former key back (after the new one, separated by a comma), or enter the secrets again."
            )
        )


def _fernets() -> list[Fernet]:
    try:
        return [Fernet(key) for key in settings.FIELD_ENCRYPTION_KEYS]
    except ValueError as error:
        raise SecretUnreadableError from error


def _fernet() -> MultiFernet:
    try:
        return MultiFernet(_fernets())
    except ValueError as error:  # there is no key at all
        raise SecretUnreadableError from error


@dataclasses.dataclass(frozen=True, slots=True)
class Secret:
    """An encrypted text; empty, it stands for "none". It shows nothing of itself unless it is revealed."""

    ciphertext: str = dataclasses.field(default="", repr=False)

    @classmethod
    def of(cls, text: str) -> Secret:
        """Encrypt with the newest key. Raises SecretUnreadableError when the keys are no keys."""
        if not text:
            return cls()
        masker.learn(text)
        return cls(_fernet().encrypt(text.encode()).decode())

    def reveal(self) -> str:
        """Return the text in clear. Raises SecretUnreadableError when no key fits."""
        if not self.ciphertext:
            return ""
        try:
            text = _fernet().decrypt(self.ciphertext).decode()
        except (InvalidToken, ValueError) as error:  # ValueError: the column holds what was never a ciphertext
            raise SecretUnreadableError from error
        masker.learn(text)
        return text

    def is_readable(self) -> bool:
        try:
            self.reveal()
        except SecretUnreadableError:
            return False
        return True

    def has_newest_key(self) -> bool:
        """Tell whether the newest key encrypted it. Raises SecretUnreadableError when the keys are no keys."""
        try:
            _fernets()[0].decrypt(self.ciphertext)
        except (InvalidToken, ValueError, IndexError):
            return False
        return True

    def with_newest_key(self) -> Secret:
        """Encrypt the same text with the newest key. Raises SecretUnreadableError when no key fits."""
        return Secret.of(self.reveal())

    def __bool__(self) -> bool:
        return bool(self.ciphertext)

    def __str__(self) -> str:
        return MASK if self else ""


class SecretField(models.TextField[Secret, Secret]):
    """Holds a Secret; the database has only its ciphertext."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("blank", True)
        kwargs.setdefault("default", Secret)
        kwargs.setdefault("editable", False)  # forms must never show it: they offer a write-only input of their own
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str, *_args: object) -> Secret:
        return Secret(value)

    def to_python(self, value: Any) -> Any:
        return value if isinstance(value, Secret) else Secret(value or "")

    def get_prep_value(self, value: Any) -> str:
        if isinstance(value, Secret):
            return value.ciphertext
        if value == "":  # a look-up for "none"
            return ""
        raise TypeError("a SecretField takes a Secret: write Secret.of(text)")

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj).ciphertext)
