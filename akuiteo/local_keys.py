"""Keys of an installation that was given none: made once, kept in a file that only its owner may read."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet


def local_keys(path: Path) -> dict[str, str]:
    """Return SECRET_KEY and FIELD_ENCRYPTION_KEYS from the file, which is made where it does not exist."""
    if not path.exists():
        _make(path)
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode()}
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent) as file:  # mode 0600
        file.writelines(f"{name}={value}\n" for name, value in keys.items())
        file.flush()
        try:
            os.link(file.name, path)  # of two processes that start at once, the first one's keys stay
        except FileExistsError:
            return
