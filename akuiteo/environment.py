"""Typed reading of environment variables: every wrong one is remembered, and all are told at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

TRUE = frozenset({"true", "1", "yes", "on", "vrai"})
FALSE = frozenset({"false", "0", "no", "off", "faux"})


class Environment:
    """The process's variables. `problems` grows with each wrong one; `refuse_problems` tells them all."""

    def __init__(self, variables: environ.Env) -> None:
        self.variables = variables
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        value = self.variables.ENVIRON.get(name) or self._from_file(name)
        return value.strip() if value else default

    def texts(self, name: str, default: Sequence[str] = (), separator: str = ",") -> list[str]:
        parts = [part.strip() for part in self.text(name).split(separator)]
        return [part for part in parts if part] or list(default)

    def boolean(self, name: str, default: bool | None = None) -> bool | None:
        value = self.text(name).lower()
        if not value:
            return default
        if value not in TRUE | FALSE:
            self.problems.append(f"{name}={value!r} is not a boolean: write True or False.")
        return value in TRUE

    def number(self, name: str, default: float, minimum: float) -> float:
        value = self.text(name)
        try:
            number = float(value) if value else default
        except ValueError:
            number = float("nan")
        if not minimum <= number < float("inf"):
            self.problems.append(f"{name}={value!r} is not a number of at least {minimum:g}.")
            return default
        return number

    def integer(self, name: str, default: int, minimum: int) -> int:
        value = self.text(name)
        if value and not re.fullmatch(r"\d{1,9}", value, re.ASCII):
            self.problems.append(f"{name}={value!r} is not a whole number of at least {minimum}.")
            return default
        return int(self.number(name, default, minimum))

    def url(self, name: str, default: str) -> str:
        value = self.text(name, default).rstrip("/")
        try:
            parts = urlsplit(value)
            valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
        except ValueError:
            valid = False
        if not valid:
            self.problems.append(f"{name}={value!r} is not an address such as {default}.")
        return value

    def folder(self, name: str, default: Path) -> Path:
        return Path(self.text(name, str(default))).expanduser().resolve()

    def refuse_problems(self) -> None:
        """Raise ImproperlyConfigured with all that was found wrong, one line each."""
        if self.problems:
            lines = "\n".join(f"- {problem}" for problem in self.problems)
            raise ImproperlyConfigured(f"The settings are wrong; correct the environment or the .env file:\n{lines}")

    def _from_file(self, name: str) -> str:
        """Return what stands in the file that NAME_FILE names, as secrets are handed to services."""
        path = self.variables.ENVIRON.get(f"{name}_FILE")
        if not path:
            return ""
        try:
            return Path(path).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.problems.append(f"{name}_FILE={path!r} cannot be read: {error}.")
            return ""


def read_env_file(path: Path, required: bool) -> None:
    """Read a .env file into the environment, where variables that exist already win.

    Raises ImproperlyConfigured when a required file is not there or cannot be read.
    """
    if not required and not path.is_file():
        return
    try:
        with path.open(encoding="utf-8") as file:
            environ.Env.read_env(file)
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"The settings file {path} cannot be read: {error}.") from error
