"""Mail that is due is a row. Making the row and sending the mail are separate: sending may fail, wait, be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import make_msgid, parseaddr
from typing import TypedDict, Unpack

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend as SmtpBackend

from batches.models import OutgoingEmail, Run
from batches.plain_text import one_line, shortened, storable
from batches.recipients import add_recipients

LONGEST_SUBJECT = 200  # characters


class MailExtras(TypedDict, total=False):
    cc: Sequence[str]
    bcc: Sequence[str]
    sender: str
    reply_to: str
    attachment_name: str
    attachment: str


def queue(
    run: Run | None, to: Sequence[str], subject: str, text: str, html: str = "", **extras: Unpack[MailExtras]
) -> OutgoingEmail:
    """Make the row of a mail that is due, in the transaction of the caller. Nothing is sent before `deliver_due`."""
    mail = compose(run, to, subject, text, html, **extras)
    keep(mail)
    return mail


def keep(mail: OutgoingEmail) -> None:
    """Save a composed mail, which is due from then on, with its recipients, in the transaction of the caller."""
    mail.save(force_insert=True)
    add_recipients(mail)


def compose(
    run: Run | None, to: Sequence[str], subject: str, text: str, html: str = "", **extras: Unpack[MailExtras]
) -> OutgoingEmail:
    """Return a mail that is not saved yet, with its Message-ID."""
    return OutgoingEmail(
        run=run,
        message_id=make_msgid(domain=_domain()),
        to=list(to),
        subject=shortened(one_line(subject), LONGEST_SUBJECT),
        text=storable(text),
        html=storable(html),
        **extras,
    )


class Message(EmailMultiAlternatives):
    """A mail whose headers name all its recipients, and which goes to those of them that are in `due`."""

    due: Sequence[str] = ()

    def recipients(self) -> list[str]:
        return list(self.due)


def message(mail: OutgoingEmail, connection: BaseEmailBackend, due: Sequence[str] | None = None) -> Message:
    """Return the mail as a message to those who are `due`, everybody by default. Bcc is in no header.

    The message is the same whenever it is sent. Only a mail service, which makes the headers and the envelope of the
    same lists, gets shorter ones when some have the mail already.
    """
    to, cc, bcc = mail.to, mail.cc, mail.bcc
    if due is not None and not isinstance(connection, SmtpBackend):
        to, cc, bcc = _only(due, to, cc, bcc)
    built = Message(
        mail.subject,
        mail.text,
        mail.sender or settings.DEFAULT_FROM_EMAIL,
        to=to,
        cc=cc,
        bcc=bcc,
        reply_to=[mail.reply_to] if mail.reply_to else [],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    built.due = list(dict.fromkeys([*to, *cc, *bcc])) if due is None else due
    if mail.html:
        built.attach_alternative(mail.html, "text/html")
    if mail.attachment_name:
        built.attach(mail.attachment_name, mail.attachment, "text/plain")
    return built


def _only(due: Sequence[str], *lists: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Return to, cc and bcc without those who have the mail. Services refuse a mail without "to": somebody is there."""
    to, cc, bcc = ([address for address in addresses if address in due] for addresses in lists)
    if not to and (cc or bcc):
        to = [(cc or bcc).pop(0)]
    return to, cc, bcc


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
