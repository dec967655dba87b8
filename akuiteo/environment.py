"""Typed reading of environment variables: every wrong one is noted, and all are told at once."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

BASE_DIR = Path(__file__).resolve().parent.parent
TRUE = frozenset({"true", "1", "yes", "on", "vrai"})
FALSE = frozenset({"false", "0", "no", "off", "faux"})
BASE_URL = re.compile(r"(?ia)https?://(\[[0-9a-f:.]+\]|[\w.-]+)(:[1-9]\d{0,4})?(/[\w.~%-]+)*")
HOST = re.compile(r"(?ia)\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-f:.]+\]")
ENV_LINE = re.compile(r"(export )?[A-Za-z_]\w*=.*|#.*|", re.ASCII)


class Environment:
    """The process's variables. `problems` grows with each wrong one; `refuse_problems` tells them all."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    @contextlib.contextmanager
    def noting(self) -> Iterator[None]:
        """Note an ImproperlyConfigured, to be told with all other problems."""
        try:
            yield
        except ImproperlyConfigured as error:
            self.problems.append(str(error))

    def text(self, name: str, default: str = "") -> str:
        value = ""
        with self.noting():
            value = (variable(name) or "").strip()
        return value or default

    def texts(self, name: str, default: Sequence[str] = (), separator: str = ",") -> list[str]:
        parts = [part.strip() for part in self.text(name).split(separator)]
        return [part for part in parts if part] or list(default)

    def codes(self, name: str, default: Sequence[str]) -> list[str]:
        """Return status codes, which are separated by semicolons."""
        codes = [code.upper() for code in self.texts(name, default, separator=";")]
        for code in codes:
            if not re.fullmatch(r"[A-Z0-9_]+", code):
                self.problems.append(f"{name}: {code!r} is not a status code; write codes such as {';'.join(default)}.")
        return codes

    def hosts(self, name: str, default: Sequence[str]) -> list[str]:
        """Return host names as in an address, without scheme, port and path."""
        hosts = self.texts(name)
        for host in hosts:
            if not HOST.fullmatch(host):
                self.problems.append(f"{name}: {host!r} is not a host name; write names such as chorus.example.org.")
        return hosts or list(default)

    def boolean(self, name: str) -> bool | None:
        """Return None where the variable is not given."""
        value = self.text(name)
        if not value or value.lower() in TRUE | FALSE:
            return value.lower() in TRUE if value else None
        self.problems.append(f"{name}={value!r} is not a boolean: write True or False.")
        return None

    def number(self, name: str, default: float, minimum: float) -> float:
        value = self.text(name)
        try:
            number = float(value) if value else default
        except ValueError:
            number = float("nan")
        if not minimum <= number < float("inf"):
            self.problems.append(f"{name}={value!r} is not a number of at least {minimum:g}.")
        return number

    def integer(self, name: str, default: int, minimum: int) -> int:
        value = self.text(name, str(default))
        if not re.fullmatch(r"\d{1,9}", value, re.ASCII) or int(value) < minimum:
            self.problems.append(f"{name}={value!r} is not a whole number of at least {minimum}.")
            return default
        return int(value)

    def optional_integer(self, name: str, minimum: int) -> int | None:
        """Return None where the variable is not given."""
        return self.integer(name, minimum, minimum) if self.text(name) else None

    def url(self, name: str, default: str) -> str:
        """Return an http or https address without a slash at its end."""
        value = self.text(name, default).rstrip("/")
        if _is_base_url(value):
            return value
        shown = name if "@" in value else f"{name}={value!r}"  # before an @ there may be a password
        self.problems.append(f"{shown} is not an address such as {default}.")
        return default

    def sender(self, name: str, default: str) -> str:
        value = self.text(name, default)
        try:
            validate_email(parseaddr(value)[1] if value.isprintable() else "")
        except ValidationError:
            self.problems.append(f"{name}={value!r} is not a mail address such as Chorus <chorus@example.org>.")
        return value

    def folder(self, name: str, default: str) -> Path:
        return (BASE_DIR / Path(self.text(name, default)).expanduser()).resolve()

    def beginning_with(self, prefix: str) -> dict[str, str]:
        """Return the variables that are given, by what follows the prefix in their names."""
        names = {name.removesuffix("_FILE") for name in environ.Env.ENVIRON if name.startswith(prefix)}
        values = {name.removeprefix(prefix): self.text(name) for name in sorted(names)}
        return {name: value for name, value in values.items() if value}

    def refuse_problems(self) -> None:
        """Raise ImproperlyConfigured with all that was found wrong, one line each."""
        if self.problems:
            lines = "\n".join(f"- {problem}" for problem in self.problems)
            raise ImproperlyConfigured(f"The settings are wrong; correct the environment or the .env file:\n{lines}")


def variable(name: str) -> str | None:
    """Return a variable as it is, or what stands in the file that NAME_FILE names; None when there is neither.

    For files that a person gives with ${NAME} in them. Raises ImproperlyConfigured when NAME_FILE cannot be read, or
    the value is not UTF-8.
    """
    value: str | None = environ.Env.ENVIRON.get(name)
    path: str | None = environ.Env.ENVIRON.get(f"{name}_FILE")
    if value or not path:
        return _decoded(name, value)
    try:
        text = (BASE_DIR / path).read_text(encoding="utf-8")
    except OSError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read: it is not UTF-8 text.") from error
    return text.rstrip("\r\n")


def for_child_process(**changes: str) -> dict[str, str]:
    """Return the environment that a command started by this one shall have."""
    return dict(environ.Env.ENVIRON) | changes


def read_env_file(path: Path, required: bool) -> None:
    """Read a .env file into the environment, where variables that exist already win.

    Raises ImproperlyConfigured when a required file is not there, cannot be read, or has lines that say nothing.
    """
    if not required and not path.is_file():
        return
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise ImproperlyConfigured(f"The settings file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ImproperlyConfigured(f"The settings file {path} cannot be read: it is not UTF-8 text.") from error
    wrong = [str(number) for number, line in enumerate(lines, 1) if not ENV_LINE.fullmatch(line.strip())]
    if wrong:
        raise ImproperlyConfigured(
            f"The settings file {path} is wrong in line {', '.join(wrong)}: write NAME=value, without blanks around =."
        )
    environ.Env.read_env(io.StringIO("\n".join(line.strip() for line in lines)))


def _decoded(name: str, value: str | None) -> str | None:
    """Refuse what Python could not decode, which no file, database or mail would take later."""
    try:
        (value or "").encode()
    except UnicodeEncodeError as error:
        raise ImproperlyConfigured(f"{name} is not UTF-8 text.") from error
    return value


def _is_base_url(value: str) -> bool:
    try:
        return bool(BASE_URL.fullmatch(value)) and urlsplit(value).port != 0
    except ValueError:  # no such port, or no IPv6 address
        return False
