"""Which connection each company goes through, and how one is opened."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils.timezone import localdate

from chorus.models import ChorusConnection, Company
from chorus.portal.client import ChorusClient
from chorus.portal.transport import Credentials, Endpoints, Limits, Transport

PASSWORD_LASTS = timedelta(days=424)
WARN_BEFORE = timedelta(days=30)  # from when on a password that ends is worth a warning


@dataclasses.dataclass(frozen=True)
class Route:
    """A connection and the companies that go through it: they share its calls (L7)."""

    connection: ChorusConnection
    companies: tuple[Company, ...]

    def __str__(self) -> str:
        return ", ".join(company.code for company in self.companies)


def routes(companies: Iterable[Company]) -> tuple[list[Route], list[Company]]:
    """Return the routes of these companies, and the companies that have none.

    A company without an enabled connection of its own takes that of `*****`, if it is enabled.
    """
    enabled = {connection.company_id: connection for connection in ChorusConnection.objects.filter(enabled=True)}
    chosen: dict[ChorusConnection, list[Company]] = {}
    without = []
    for company in companies:
        connection = enabled.get(company.pk) or enabled.get(None)
        if connection:
            chosen.setdefault(connection, []).append(company)
        else:
            without.append(company)
    return [Route(connection, tuple(members)) for connection, members in chosen.items()], without


def companies_through(connection: ChorusConnection) -> QuerySet[Company]:
    """Return the companies that go through a connection, or would if it were enabled."""
    if connection.company_id:
        return Company.objects.filter(pk=connection.company_id)
    return companies_without_their_own()


def companies_without_their_own() -> QuerySet[Company]:
    """Return the companies that take the connection of `*****`: they have none of their own, or it is disabled."""
    return Company.objects.exclude(chorus__enabled=True)


def joined(chosen: Iterable[Route]) -> list[Route]:
    """Join the routes of one account: two connections with the same credentials are one to the portal.

    Raises SecretUnreadableError where a secret cannot be read.
    """
    by_account: dict[tuple[str, Credentials], Route] = {}
    for route in chosen:
        key = route.connection.environment, credentials(route.connection)
        first = by_account.get(key)
        by_account[key] = Route(first.connection, first.companies + route.companies) if first else route
    return list(by_account.values())


def credentials(connection: ChorusConnection) -> Credentials:
    """Return what the portal knows the connection by. Raises SecretUnreadableError where the key was changed."""
    return Credentials(
        client_id=connection.piste_client_id,
        client_secret=connection.piste_client_secret.reveal(),
        login=connection.technical_login,
        password=connection.technical_password.reveal(),
    )


def password_ends_on(connection: ChorusConnection) -> date | None:
    """Return the last day of the technical password: as the portal said, else 424 days after it was set, if known."""
    if connection.technical_password_ends_on:
        return connection.technical_password_ends_on
    set_on = connection.technical_password_set_on
    return set_on + PASSWORD_LASTS if set_on else None


def password_is_ending(ends_on: date) -> bool:
    """Tell whether it is time to think of a new technical password: from 30 days before its end."""
    return ends_on - localdate() <= WARN_BEFORE


def endpoints(connection: ChorusConnection) -> Endpoints:
    return Endpoints(**settings.CHORUS_ENVIRONMENTS[connection.environment])


def connect(
    connection: ChorusConnection, stop: threading.Event | None = None, limits: Limits | None = None
) -> ChorusClient:
    """Return a client; nothing is sent yet. Raises SecretUnreadableError where a secret cannot be read."""
    return ChorusClient(Transport(endpoints(connection), credentials(connection), limits or usual_limits(), stop))


def usual_limits() -> Limits:
    return Limits(
        requests_per_second=settings.CHORUS_MAX_REQUESTS_PER_SECOND,
        concurrency=settings.CHORUS_MAX_CONCURRENCY,
        state_dir=settings.LOCK_DIR,
    )
