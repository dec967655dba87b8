"""The database and the mail service, from their addresses; these hold passwords, so that no message shows them."""

from __future__ import annotations

import importlib.util
import re
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from akuiteo.environment import BASE_DIR

# A run, an import and the admin write at the same time: a writer waits for its turn from the start of its
# transaction (IMMEDIATE) and readers do not wait at all (WAL). What is committed is on the disk (FULL): a mail that was
# sent must not be forgotten in a power cut, or it would be made once more, with another Message-ID.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,  # seconds
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
}
POSTGRESQL = frozenset({"postgres", "postgresql", "psql", "pgsql"})
WEBHOOK_SECRET = re.compile(r"[!-9;-~]+:[!-~]{16,}")
SMTP_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}
SECRET_NAMES = re.compile("KEY|SECRET|TOKEN|PASSWORD", re.IGNORECASE)
ENCODE = "Special characters of user and password are percent-encoded (# is %23, / is %2F, @ is %40)."


class DatabaseUrlError(ImproperlyConfigured):
    def __init__(self) -> None:
        super().__init__(
            "DATABASE_URL is not usable: write sqlite:///FILE, where the file is relative to the project's directory "
            f"or begins with a fourth slash, or postgres://USER:PASSWORD@HOST:5432/NAME. {ENCODE}"
        )


class EmailUrlError(ImproperlyConfigured):
    def __init__(self) -> None:
        super().__init__(
            "EMAIL_URL is not usable: write smtp://USER:PASSWORD@HOST:25, smtp+tls://… (STARTTLS, port 587), "
            f"smtp+ssl://… (TLS from the start, port 465), filemail:///DIRECTORY or consolemail://. {ENCODE}"
        )


def database(url: str) -> dict[str, Any]:
    """Return Django's settings of a database. Makes the directory of an SQLite file.

    Raises ImproperlyConfigured, without the address, when it is none or the directory cannot be made.
    """
    if url == "sqlite://:memory:":
        return _sqlite(":memory:")
    try:
        parts = urlsplit(url)
        if parts.scheme == "sqlite":
            return _sqlite(_file_path(parts, DatabaseUrlError))
        if parts.scheme in POSTGRESQL and not parts.fragment:
            return _postgresql(environ.Env.db_url_config(url))
    except ValueError as error:
        raise DatabaseUrlError from error
    raise DatabaseUrlError


def mail(url: str) -> dict[str, Any]:
    """Return Django's settings EMAIL_*. Raises ImproperlyConfigured, without the address, when it is none."""
    try:
        parts = urlsplit(url)
        if parts.scheme in SMTP_PORTS:
            return _smtp(parts)
    except ValueError as error:
        raise EmailUrlError from error
    if parts.scheme == "filemail":
        path = str(BASE_DIR / _file_path(parts, EmailUrlError))
        return {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": path}
    if url == "consolemail://":
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    raise EmailUrlError


def anymail(variables: dict[str, str]) -> dict[str, Any]:
    """Return EMAIL_BACKEND and ANYMAIL, from the variables ANYMAIL_* without this prefix.

    Raises ImproperlyConfigured when BACKEND is not one of django-anymail's services, or WEBHOOK_SECRET no secret.
    """
    service = variables.get("BACKEND", "").lower()
    if not service.isidentifier() or not importlib.util.find_spec(f"anymail.backends.{service}"):
        raise ImproperlyConfigured(
            f"ANYMAIL_BACKEND={service!r} is not a mail service: write brevo, mailjet, scaleway or another one that "
            "django-anymail knows."
        )
    secret = variables.get("WEBHOOK_SECRET")
    if secret and not WEBHOOK_SECRET.fullmatch(secret):
        raise ImproperlyConfigured(
            "ANYMAIL_WEBHOOK_SECRET is not usable: write USER:PASSWORD, where the password has at least 16 letters, "
            "digits or signs. The mail service sends them with what it tells: nothing else proves that it is the one."
        )
    settings = {name: _typed(value) for name, value in variables.items() if name != "BACKEND"}
    return {"EMAIL_BACKEND": f"anymail.backends.{service}.EmailBackend", "ANYMAIL": settings}


def secret_of(database: dict[str, Any]) -> str:
    """Return the password, unless it is the name of the user or the database, and so an ordinary word of messages."""
    password = str(database.get("PASSWORD", ""))
    return "" if password in (database.get("USER"), database["NAME"]) else password


def secrets_of(mail: dict[str, Any]) -> list[str]:
    """Return the secrets among the settings that `mail` or `anymail` returned."""
    service = mail.get("ANYMAIL", {}).items()
    return [
        mail.get("EMAIL_HOST_PASSWORD", ""),
        *(value for name, value in service if isinstance(value, str) and SECRET_NAMES.search(name)),
    ]


def _sqlite(name: str) -> dict[str, Any]:
    if name != ":memory:":
        path = BASE_DIR / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ImproperlyConfigured(
                f"DATABASE_URL: the directory {path.parent} cannot be made: {error.strerror}."
            ) from error
        name = str(path)
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, "OPTIONS": dict(SQLITE_OPTIONS)}


def _file_path(parts: SplitResult, error: type[ImproperlyConfigured]) -> str:
    """Return what follows scheme:///, and nothing else may be there."""
    if parts.netloc or parts.query or parts.fragment or len(parts.path) < 2 or not parts.path.startswith("/"):
        raise error
    return unquote(parts.path[1:])


def _postgresql(config: dict[str, Any]) -> dict[str, Any]:
    if not config["NAME"] or "@" in config["NAME"]:  # an @ there follows a password with a slash in it
        raise DatabaseUrlError
    return config


def _smtp(parts: SplitResult) -> dict[str, Any]:
    if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
        raise EmailUrlError
    return {
        "EMAIL_BACKEND": "batches.smtp_backend.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or SMTP_PORTS[parts.scheme],
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": parts.scheme == "smtp+tls",
        "EMAIL_USE_SSL": parts.scheme == "smtp+ssl",
    }


def _typed(value: str) -> str | bool:
    return value.lower() == "true" if value.lower() in {"true", "false"} else value
