"""Mail that is due is a row. Making the row and sending the mail are separate: sending may fail, wait, be repeated."""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import make_msgid, parseaddr
from typing import TypedDict, Unpack

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import QuerySet

from batches.models import OutgoingEmail, Run
from batches.plain_text import one_line, shortened, storable

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
    mail.save(force_insert=True)
    return mail


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


def make_due_again(mails: QuerySet[OutgoingEmail]) -> int:
    """Make those of the mails due that were given up, and return how many; the next run sends them.

    Their Message-ID stays: who did get one sees it once.
    """
    return mails.filter(status=OutgoingEmail.Status.GIVEN_UP).update(status=OutgoingEmail.Status.DUE)


def message(mail: OutgoingEmail, connection: BaseEmailBackend) -> EmailMultiAlternatives:
    """Return the mail as a message, which is the same whenever it is sent. Bcc is in no header."""
    built = EmailMultiAlternatives(
        mail.subject,
        mail.text,
        mail.sender or settings.DEFAULT_FROM_EMAIL,
        to=mail.to,
        cc=mail.cc,
        bcc=mail.bcc,
        reply_to=[mail.reply_to] if mail.reply_to else [],
        headers={"Message-ID": mail.message_id, "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    if mail.html:
        built.attach_alternative(mail.html, "text/html")
    if mail.attachment_name:
        built.attach(mail.attachment_name, mail.attachment, "text/plain")
    return built


def _domain() -> str:
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
