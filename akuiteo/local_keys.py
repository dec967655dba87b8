"""Keys of an installation that was given none: made once, kept in a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

NAMES = ("SECRET_KEY", "FIELD_ENCRYPTION_KEYS")


def local_keys(path: Path) -> dict[str, str]:
    """Return SECRET_KEY and FIELD_ENCRYPTION_KEYS from the file, which is made where it does not exist.

    Raises ImproperlyConfigured when the file can be neither read nor made, or does not hold both.
    """
    try:
        if not path.exists():
            _make(path)
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ImproperlyConfigured(
            f"The keys of this installation cannot be kept in {path}: {error.strerror}. Make it readable and writable, "
            f"or give {' and '.join(NAMES)} yourself."
        ) from error
    keys = dict(line.split("=", 1) for line in lines if "=" in line)
    if not all(keys.get(name) for name in NAMES):
        raise ImproperlyConfigured(
            f"{path} does not hold {' and '.join(NAMES)}: put it back from a backup. Where no secret was stored yet, "
            "delete it instead: it is made anew."
        )
    return keys


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = dict(zip(NAMES, (secrets.token_urlsafe(50), Fernet.generate_key().decode()), strict=True))
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent) as file:  # mode 0600
        file.writelines(f"{name}={value}\n" for name, value in keys.items())
        file.flush()
        try:
            os.link(file.name, path)  # of two processes that start at once, the first one's keys stay
        except FileExistsError:
            return
