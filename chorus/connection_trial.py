"""Trying one connection, step by step: what works, and in words what does not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from functools import partial

from django.utils.formats import localize
from django.utils.translation import gettext as _

from akuiteo.versions import one_version
from chorus.connections import companies_through, connect, password_is_ending, usual_limits
from chorus.models import ChorusConnection
from chorus.portal.client import ChorusClient
from chorus.portal.connection import Limits
from chorus.portal.errors import AccessRefused, PortalError, Stopped
from chorus.portal.messages import Search
from chorus.trial_advice import advice_for, words_for

SECONDS = 25.0  # after which a trial is given up: somebody waits for it
MOST_COMPANIES = 10  # that are looked up on the portal in one trial
REASON = "check_chorus"


class Mark(StrEnum):
    """How a step went; each is also the class of its badge."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    NOT_TRIED = "neutral"

    @property
    def label(self) -> str:
        words = {Mark.GOOD: _("in order"), Mark.WARN: _("look at this"), Mark.BAD: _("wrong")}
        return words.get(self, _("not tried"))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was tried. words: what was found; advice: what to do next, empty where nothing is wrong."""

    name: str
    mark: Mark
    words: str
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Trial:
    steps: tuple[Step, ...]

    @property
    def works(self) -> bool:
        """Tell whether invoices can be followed through this connection."""
        return all(step.mark is not Mark.BAD for step in self.steps)

    @property
    def sentence(self) -> str:
        problems = " ".join(f"{step.words} {step.advice}".strip() for step in self._with(Mark.BAD))
        if problems:
            return problems
        doubts = " ".join(f"{step.words} {step.advice}".strip() for step in self._with(Mark.WARN))
        well = _("all is well: token, technical account and API work.")
        return f"{well} {doubts}".strip()

    def _with(self, mark: Mark) -> list[Step]:
        return [step for step in self.steps if step.mark is mark]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    attempt: Callable[[], object]
    success: str


def try_connection(connection: ChorusConnection, hidden: Sequence[int] = ()) -> Trial:
    """Try the stored values, within about SECONDS. What the portal says of the password's end is stored.

    `hidden` are the keys of companies that are not to be named.

    Raises SecretUnreadableError where a secret cannot be read.
    """
    with _stopped_after(SECONDS) as stop:
        client = connect(connection, stop, _impatient())
        return Trial(tuple(_steps(connection, client, hidden)))


def _impatient() -> Limits:
    """Return limits for somebody who waits: PISTE's random refusals are met by a few tries, nothing else is."""
    return replace(
        usual_limits(),
        connect_timeout=5,
        read_timeout=12,
        call_deadline=12,
        give_up_after=5,
        retry_after_cap=0,
        retry_after_budget=0,
    )


@contextmanager
def _stopped_after(seconds: float) -> Iterator[threading.Event]:
    stop = threading.Event()
    timer = threading.Timer(seconds, stop.set)
    timer.daemon = True
    timer.start()
    try:
        yield stop
    finally:
        timer.cancel()


def _steps(connection: ChorusConnection, client: ChorusClient, hidden: Sequence[int]) -> Iterator[Step]:
    checks = _checks(client)
    for number, check in enumerate(checks):
        try:
            check.attempt()
        except (PortalError, Stopped) as error:
            yield Step(check.name, Mark.BAD, words_for(error), advice_for(error, connection))
            yield from (
                Step(left.name, Mark.NOT_TRIED, _("It needs what failed above.")) for left in checks[number + 1 :]
            )
            return
        yield Step(check.name, Mark.GOOD, check.success)
    yield from _steps_about_structures(connection, client, hidden)


def _checks(client: ChorusClient) -> tuple[Check, ...]:
    return (
        Check(_("PISTE application"), client.renew_token, _("PISTE accepts the client id and the client secret.")),
        Check(_("Technical account"), client.health_check, _("Chorus Pro accepts the login and the password.")),
        Check(
            _("Right to follow invoices"),
            partial(client.search, Search(number="0"), 1, 1),
            _("Chorus Pro lets this account search invoices."),
        ),
    )


def _steps_about_structures(
    connection: ChorusConnection, client: ChorusClient, hidden: Sequence[int]
) -> Iterator[Step]:
    """Look for the companies among the account's structures. Nothing here keeps invoices from being followed."""
    name = _("Companies on the portal")
    companies = list(companies_through(connection).exclude(pk__in=hidden)[:MOST_COMPANIES])
    if not companies:
        yield Step(name, Mark.NOT_TRIED, _("No company goes through this connection."))
        return
    try:
        found = {company.code: client.structure_id(company.siret) for company in companies}
        yield _step_of_companies(name, found)
        first = next((key for key in found.values() if key is not None), None)
        if first is not None:
            yield _step_of_password(connection, client.password_ends_on(first))
    except AccessRefused as error:
        words = _("The portal does not let this account look up structures; following invoices does not need it.")
        yield Step(name, Mark.WARN, words, advice_for(error, connection))
    except (PortalError, Stopped) as error:
        yield Step(name, Mark.WARN, words_for(error), advice_for(error, connection))


def _step_of_companies(name: str, found: dict[str, int | None]) -> Step:
    missing = ", ".join(code for code, key in found.items() if key is None)
    if not missing:
        return Step(
            name, Mark.GOOD, _("The technical account is attached to: %(codes)s.") % {"codes": ", ".join(found)}
        )
    return Step(
        name,
        Mark.WARN,
        _("The technical account does not see the structure of: %(codes)s.") % {"codes": missing},
        _("Check the SIRET, and on the portal attach the technical account to that structure."),
    )


def _step_of_password(connection: ChorusConnection, ends_on: date | None) -> Step:
    name = _("End of the technical password")
    if ends_on is None:
        return Step(name, Mark.NOT_TRIED, _("The portal does not say when it ends."))
    _remember(connection, ends_on)
    words = _("It ends on %(date)s.") % {"date": localize(ends_on)}
    if not password_is_ending(ends_on):
        return Step(name, Mark.GOOD, words)
    return Step(name, Mark.WARN, words, _("Set a new one on the portal, and enter it here on the same day."))


def _remember(connection: ChorusConnection, ends_on: date) -> None:
    """Store what the portal said, unless the account was changed meanwhile or nothing is new."""
    unchanged = ChorusConnection.objects.filter(
        pk=connection.pk,
        technical_login=connection.technical_login,
        technical_password_set_at=connection.technical_password_set_at,
    ).first()
    if unchanged and unchanged.technical_password_ends_on != ends_on:
        unchanged.technical_password_ends_on = ends_on
        with one_version(REASON):
            unchanged.save(update_fields=["technical_password_ends_on"])
    connection.technical_password_ends_on = ends_on
