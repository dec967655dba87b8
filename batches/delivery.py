"""Sends the mails that are due. A mail that fails stays due; the row says how often, and why it was given up."""

from __future__ import annotations

import contextlib
import datetime
import enum
import smtplib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from akuiteo.masking import masker
from batches.locks import LockedError, lock_outbox
from batches.models import OutgoingEmail
from batches.outbox import message
from batches.plain_text import one_line, shortened

GIVEN_UP_AFTER = datetime.timedelta(days=3)  # as mail servers do: a long week-end without a server loses nothing
LONGEST_ERROR = 500  # characters
PERMANENT = 500  # SMTP codes from here on are refusals for good
NOT_ALLOWED = frozenset({530, 534, 535, 538})  # ... but these say that our own access is set up wrongly (RFC 4954)
SETUP_OR_BUSY = frozenset({401, 402, 403, 407, 408, 429})  # HTTP codes that do not concern one mail
REJECTED = frozenset({"invalid", "rejected"})  # anymail's words for recipients whom the service refused

Status = OutgoingEmail.Status


class Verdict(enum.Enum):
    REFUSED = "this mail will never be taken"
    LATER = "this mail may be taken later"
    UNREACHABLE = "no mail can be sent now"


@dataclass
class Delivery:
    """What became of the mails that were due. `problem` says why the first of those that failed did."""

    sent: int = 0
    waiting: int = 0
    given_up: int = 0
    problem: str = ""
    failed: set[int] = field(default_factory=set, repr=False)


def deliver_due(stop: threading.Event | None = None) -> Delivery:
    """Send all mail that is due, once each, until `stop` is set. Must be called outside of a transaction.

    When somebody else is sending, it is left to them: they look again after they have let go, so a mail that became
    due meanwhile does not stay behind. Raises django.db.Error and LockUnusableError.
    """
    delivery = Delivery()
    stop = stop or threading.Event()
    while not stop.is_set() and _due(delivery).exists():
        try:
            with lock_outbox():
                finished = _deliver(delivery, stop)
        except LockedError:
            break
        if not finished:
            break
    return delivery


def send_now(mail: OutgoingEmail) -> str:
    """Send a mail that cannot be kept, because the database is away. Return what went wrong, or nothing."""
    try:
        connection = get_connection()
        message(mail, connection).send()
    except Exception as error:  # whatever a mail backend lets out: the caller has nothing better to do than tell it
        return _in_words(error)
    return ""


def verdict(error: Exception, mail: EmailMultiAlternatives) -> Verdict:
    """Tell what an error of a mail backend, SMTP or an anymail service, means for this mail and for the others."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _of_smtp([code for code, _text in error.recipients.values()])
    if isinstance(error, smtplib.SMTPSenderRefused | smtplib.SMTPDataError):
        return _of_smtp([error.smtp_code])
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Verdict.REFUSED
    if isinstance(status := getattr(error, "status_code", None), int):
        return Verdict.UNREACHABLE if status in SETUP_OR_BUSY or status >= PERMANENT else Verdict.LATER
    if (statuses := getattr(getattr(mail, "anymail_status", None), "status", None)) and statuses <= REJECTED:
        return Verdict.REFUSED
    if isinstance(error, OSError):
        return Verdict.UNREACHABLE
    return Verdict.REFUSED if isinstance(error, ValueError) else Verdict.LATER


def _of_smtp(codes: list[int]) -> Verdict:
    if NOT_ALLOWED.intersection(codes):
        return Verdict.UNREACHABLE
    return Verdict.REFUSED if all(code >= PERMANENT for code in codes) else Verdict.LATER


def _due(delivery: Delivery) -> QuerySet[OutgoingEmail]:
    return OutgoingEmail.objects.filter(status=Status.DUE).exclude(pk__in=delivery.failed).order_by("pk")


def _deliver(delivery: Delivery, stop: threading.Event) -> bool:
    """Send over one connection. Return False when it is of no use to go on."""
    try:
        with _connected() as connection:
            reachable = _send_each(connection, delivery, stop)
    except (OSError, ImproperlyConfigured, ImportError) as error:
        delivery.problem = delivery.problem or _in_words(error)
        reachable = False
    if not reachable:
        _all_wait(delivery)
    return reachable


def _send_each(connection: BaseEmailBackend, delivery: Delivery, stop: threading.Event) -> bool:
    while not stop.is_set() and (mail := _due(delivery).first()):
        if _send(mail, connection, delivery) is Verdict.UNREACHABLE:
            return False
    return True


@contextlib.contextmanager
def _connected() -> Iterator[BaseEmailBackend]:
    connection: BaseEmailBackend = get_connection()
    connection.open()
    try:
        yield connection
    finally:
        with contextlib.suppress(OSError):  # what was accepted is sent, however the server says good-bye
            connection.close()


def _send(mail: OutgoingEmail, connection: BaseEmailBackend, delivery: Delivery) -> Verdict | None:
    """Send one mail and write what became of it. Return the verdict on its error, if any."""
    built = message(mail, connection)
    try:
        taken = connection.send_messages([built])
    except Exception as error:  # SMTP's, anymail's and the network's errors have no common base
        found = verdict(error, built)
        _failed(mail, found, _in_words(error), delivery)
        return found
    if not taken:
        _failed(mail, Verdict.LATER, _("the mail backend did not take it"), delivery)
        return Verdict.LATER
    _row(mail).update(status=Status.SENT, sent_at=timezone.now(), attempts=F("attempts") + 1, last_error="")
    delivery.sent += 1
    return None


def _failed(mail: OutgoingEmail, found: Verdict, words: str, delivery: Delivery) -> None:
    given_up = found is Verdict.REFUSED or mail.created_at < timezone.now() - GIVEN_UP_AFTER
    status = Status.GIVEN_UP if given_up else Status.DUE
    delivery.failed.add(mail.pk)
    _row(mail).update(status=status, attempts=F("attempts") + 1, last_error=words)
    delivery.given_up += given_up
    delivery.waiting += not given_up
    delivery.problem = delivery.problem or words


def _all_wait(delivery: Delivery) -> None:
    """Write on the mails whose turn did not come why it did not."""
    untried = _due(delivery)
    old = untried.filter(created_at__lt=timezone.now() - GIVEN_UP_AFTER)
    tried = {"attempts": F("attempts") + 1, "last_error": delivery.problem}
    delivery.given_up += old.update(status=Status.GIVEN_UP, **tried)
    delivery.waiting += untried.update(**tried)


def _row(mail: OutgoingEmail) -> QuerySet[OutgoingEmail]:
    return OutgoingEmail.objects.filter(pk=mail.pk, status=Status.DUE)


def _in_words(error: Exception) -> str:
    return shortened(one_line(masker.mask(f"{type(error).__name__}: {error}")), LONGEST_ERROR)
