from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from akuiteo.secrets import SecretUnreadableError
from batches.plain_text import one_line
from chorus.connection_trial import try_connection
from chorus.connections import routes
from chorus.management.companies import find_company
from chorus.models import ALL_COMPANIES, ChorusConnection

SOME_ARE_WRONG = 3
NONE_WORKS = 69
SECRET_UNREADABLE = 78


class Command(BaseCommand):
    help = (
        "Try the token, the technical account and the API of each Chorus connection. "
        "Exit code 3: some do not work; 69: none works; 78: a secret cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", metavar="CODE", help="only the connection that this company goes through")

    def handle(self, *_args: Any, company: str | None, **_options: Any) -> None:
        connections = list(_connections() if company is None else _connection_of(company))
        enabled = [connection for connection in connections if connection.enabled]
        if not enabled:
            raise CommandError(_none_enabled(company))
        exit_codes = [self._check(connection) for connection in connections]
        if code := _exit_code(exit_codes, len(enabled)):
            sys.exit(code)

    def _check(self, connection: ChorusConnection) -> int:
        """Try a connection and say in one line how it went. Return what its exit code would be."""
        code, words = _try(connection) if connection.enabled else (0, _("disabled, not tried."))
        line = f"{connection} ({connection.environment}, {connection.technical_login}): {words}"
        self.stdout.write(one_line(line))
        return code


def _none_enabled(company: str | None) -> str:
    if company is None:
        return _("No Chorus connection is enabled: load_setup or the admin sets one up.")
    return _(
        "%(company)s has no enabled Chorus connection, neither its own nor that of *****: "
        "load_setup or the admin sets one up."
    ) % {"company": company}


def _try(connection: ChorusConnection) -> tuple[int, str]:
    try:
        trial = try_connection(connection)
    except SecretUnreadableError as error:
        return SECRET_UNREADABLE, str(error)
    return 0 if trial.works else SOME_ARE_WRONG, trial.sentence


def _connections() -> Iterable[ChorusConnection]:
    return ChorusConnection.objects.select_related("company").order_by("company__code")


def _connection_of(code: str) -> Iterable[ChorusConnection]:
    """Return the connection that a company goes through: its own, or that of *****."""
    if code == ALL_COMPANIES:
        return ChorusConnection.objects.filter(company=None)
    chosen, _without = routes([find_company(code)])
    return [route.connection for route in chosen]


def _exit_code(codes: list[int], enabled: int) -> int:
    if SECRET_UNREADABLE in codes:
        return SECRET_UNREADABLE
    wrong = codes.count(SOME_ARE_WRONG)
    return NONE_WORKS if wrong == enabled else SOME_ARE_WRONG if wrong else 0
