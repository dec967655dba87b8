"""Sends the mails that are due. A mail that fails stays due; the row says how often, and why it was given up."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.mail import get_connection
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from akuiteo.fault_points import reached
from batches.locks import LockedError, lock_outbox
from batches.mail_line import Line, LostError
from batches.mail_verdicts import Verdict, fates, fates_after, in_words, problem_of, verdict
from batches.models import UNDELIVERED, MailStatus, OutgoingEmail, Recipient
from batches.outbox import Message, message
from batches.recipients import Fate, due_addresses, write_attempt
from batches.undelivered import tell_support

GIVEN_UP_AFTER = datetime.timedelta(days=3)  # as mail servers do: a long week-end without a server loses nothing
FIRST_PAUSE = datetime.timedelta(minutes=5)
LONGEST_PAUSE = datetime.timedelta(hours=4)


@dataclass
class Delivery:
    """What became of the mails that were due; one that reached some of its recipients only counts twice.

    `problem` says why the first of those that failed did.
    """

    sent: int = 0
    waiting: int = 0
    given_up: int = 0
    problem: str = ""
    failed: set[int] = field(default_factory=set, repr=False)


def deliver_due(stop: threading.Event | None = None) -> Delivery:
    """Send all mail that is due, once each, until `stop` is set; then tell support of whom no mail reached.

    Must be called outside of a transaction. When somebody else is sending, it is left to them: they look again after
    they have let go, so a mail that became due meanwhile does not stay behind. Raises django.db.Error and
    LockUnusableError.
    """
    delivery = Delivery()
    stop = stop or threading.Event()
    is_reachable = _deliver_all(delivery, stop)
    if not stop.is_set() and tell_support() and is_reachable:
        _deliver_all(delivery, stop)
    return delivery


def send_now(mail: OutgoingEmail) -> str:
    """Send a mail that cannot be kept, because the database is away. Return what went wrong, or nothing."""
    try:
        connection = get_connection()
        message(mail, connection).send()
    except Exception as error:  # whatever a mail backend lets out: the caller has nothing better to do than tell it
        return in_words(error)
    return ""


def next_attempt(attempts: int) -> datetime.datetime | None:
    """Return when a mail that failed so often is tried again: with the next run (None), then ever later."""
    if attempts == 1:
        return None
    pause = FIRST_PAUSE * 2.0 ** min(attempts - 2, 10)
    return timezone.now() + min(pause, LONGEST_PAUSE)


def _deliver_all(delivery: Delivery, stop: threading.Event) -> bool:
    """Return False when the mail server is of no use now."""
    while not stop.is_set() and _due(delivery.failed).exists():
        try:
            with lock_outbox():
                is_reachable = _deliver(delivery, stop)
        except LockedError:
            break
        if not is_reachable:
            return False
    return True


def _due(failed: set[int]) -> QuerySet[OutgoingEmail]:
    """Return the mails whose turn it is, but those that have failed already."""
    now = timezone.now()
    # No pause is longer than the longest: one that is comes from a clock that was wrong.
    turn = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now) | Q(next_attempt_at__gt=now + LONGEST_PAUSE)
    due = OutgoingEmail.objects.filter(turn, status=MailStatus.DUE).order_by("pk")
    return due.exclude(pk__in=failed) if failed else due


def _deliver(delivery: Delivery, stop: threading.Event) -> bool:
    """Send over one connection. Return False when it is of no use to go on."""
    due, tried = _due(delivery.failed.copy()), 0
    with contextlib.closing(Line()) as line:
        try:
            line.open()
        except Exception as error:  # whatever a mail backend lets out, it concerns all mails alike
            _all_wait(due, in_words(error), delivery)
            return False
        while not stop.is_set() and (mail := due.filter(pk__gt=tried).first()):
            if problem := _send(mail, line, delivery):
                _all_wait(due.filter(pk__gt=tried), problem, delivery)
                return False
            tried = mail.pk
    return True


def _send(mail: OutgoingEmail, line: Line, delivery: Delivery) -> str:
    """Send one mail and write what became of it. Return why the server is of no use now, if so: then nothing is."""
    built = message(mail, line.connection, due_addresses(mail))
    reached("mail: before sending")
    try:
        taken = line.send(built)
    except LostError as lost:
        found, error = Verdict.LATER if lost.by_mail else Verdict.UNREACHABLE, lost.reason
    except Exception as raised:  # SMTP's, anymail's and the network's errors have no common base
        found, error = verdict(raised, built), raised
    else:
        reached("mail: accepted, row not written")
        _write(mail, fates(built) if taken else _not_taken(built), delivery)
        reached("mail: row written")
        return ""
    if found is Verdict.UNREACHABLE:
        return in_words(error)
    _write(mail, fates_after(error, found, built), delivery)
    return ""


def _not_taken(built: Message) -> dict[str, Fate]:
    return {address: Fate(MailStatus.DUE, _("the mail backend did not take it")) for address in built.due}


def _write(mail: OutgoingEmail, found: Mapping[str, Fate], delivery: Delivery) -> None:
    if _is_old(mail):
        found = {address: _given_up(fate) for address, fate in found.items()}
    problem = problem_of(found) if found else _("it has no recipient")
    statuses = {fate.status for fate in found.values()}
    next_attempt_at = next_attempt(mail.attempts + 1) if MailStatus.DUE in statuses else None
    tried = {"attempts": F("attempts") + 1, "last_error": problem, "next_attempt_at": next_attempt_at}
    status = write_attempt(mail, found, **tried)
    if status == MailStatus.DUE:
        delivery.failed.add(mail.pk)
        delivery.waiting += 1
    delivery.sent += MailStatus.SENT in statuses
    delivery.given_up += not found or not statuses.isdisjoint(UNDELIVERED)
    delivery.problem = delivery.problem or problem


def _is_old(mail: OutgoingEmail) -> bool:
    is_young = mail.created_at >= timezone.now() - GIVEN_UP_AFTER  # nearly all are: no need to ask
    return not is_young and _old(OutgoingEmail.objects.filter(pk=mail.pk)).exists()


def _old(mails: QuerySet[OutgoingEmail]) -> QuerySet[OutgoingEmail]:
    """Return those that have been due for too long. One that is sent again is as young as when that was asked for."""
    limit = timezone.now() - GIVEN_UP_AFTER
    asked_again = Recipient.objects.filter(mail=OuterRef("pk"), status=MailStatus.DUE, at__gte=limit)
    return mails.filter(~Exists(asked_again), created_at__lt=limit)


def _given_up(fate: Fate) -> Fate:
    return dataclasses.replace(fate, status=MailStatus.GIVEN_UP) if fate.status == MailStatus.DUE else fate


def _all_wait(untried: QuerySet[OutgoingEmail], problem: str, delivery: Delivery) -> None:
    """Write on the mails whose turn did not come why it did not. None of them is put off: it is not about them."""
    old = _old(untried)
    tried = {"attempts": F("attempts") + 1, "last_error": problem}
    with transaction.atomic():
        waiting = Recipient.objects.filter(mail__in=old.order_by().values("pk"), status=MailStatus.DUE)
        waiting.update(status=MailStatus.GIVEN_UP, detail=problem, at=timezone.now())
        delivery.given_up += old.update(status=MailStatus.GIVEN_UP, **tried)
        delivery.waiting += untried.update(**tried)
    delivery.problem = delivery.problem or problem
