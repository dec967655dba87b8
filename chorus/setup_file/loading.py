"""A set-up file -> the database: all of it, or nothing and every problem that it has."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from akuiteo.versions import one_version
from chorus.setup_file import batches, companies, users
from chorus.setup_file.tables import Table

REASON = "load_setup"  # in the history of what was changed
KEYS = ("users", "companies", "chorus", "batches")

Counts = dict[str, Counter[str]]
"""By kind ("users", "companies", "connections", "batches"): how many were created, updated, unchanged."""


class SetupFileError(Exception):
    """The file cannot be loaded, and nothing was changed. `problems`: one line each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def read(path: Path) -> dict[str, Any]:
    """Return what the file says. Raises SetupFileError when it cannot be read or is no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise SetupFileError([_("it cannot be read: %s") % error.strerror]) from error
    except UnicodeDecodeError as error:
        raise SetupFileError([_("it is not UTF-8: %s") % error]) from error
    except (ValueError, RecursionError) as error:  # too long a number, too many brackets in each other
        raise SetupFileError([_("it is not TOML: %s") % error]) from error


def load(data: dict[str, Any], check: bool = False) -> Counts:
    """Write what the file says, or with `check` only look whether that would work.

    Raises SetupFileError with all problems, and SecretUnreadableError when secrets cannot be encrypted.
    """
    problems: list[str] = []
    with transaction.atomic(), one_version(REASON):
        counts = _load(Table("", data, KEYS, problems))
        if problems or check:
            transaction.set_rollback(True)
    if problems:
        raise SetupFileError(problems)
    return counts


def _load(file: Table) -> Counts:
    counts: Counts = {"users": Counter(), "companies": Counter(), "connections": Counter(), "batches": Counter()}
    for table in _distinct(file.tables("users", users.KEYS, "login"), "login"):
        counts["users"][users.load_user(table)] += 1
    if chorus := file.table("chorus", companies.CONNECTION_KEYS):
        counts["connections"][companies.load_connection(chorus, None)] += 1
    for table in _distinct(file.tables("companies", companies.KEYS, "code"), "code"):
        company, what = companies.load_company(table)
        counts["companies"][what] += 1
        if chorus := table.table("chorus", companies.CONNECTION_KEYS):
            counts["connections"][companies.load_connection(chorus, company)] += 1
    for table in _distinct(file.tables("batches", batches.KEYS, "code"), "code"):
        counts["batches"][batches.load_batch(table)] += 1
    return counts


def _distinct(tables: Iterable[Table], key: str) -> Iterable[Table]:
    """Yield the tables, and note those that have the same login or code as one before."""
    places: dict[str, str] = {}
    for table in tables:
        name = table.text(key)
        first = places.setdefault(name, table.place) if name else table.place
        if first != table.place:
            table.problem(_("%(key)s stands in %(place)s already") % {"key": key, "place": first})
        else:
            yield table
