"""Writes what became of a mail at its recipients. The mail's own status follows from theirs, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from batches.mail_status import worst
from batches.models import UNDELIVERED, MailStatus, OutgoingEmail, Recipient


@dataclass(frozen=True)
class Fate:
    """What became of a mail at one recipient: its status, what was said of it, and the mail service's key if any."""

    status: MailStatus
    words: str = ""
    service_id: str = ""


def add_recipients(mail: OutgoingEmail) -> None:
    """Make the rows of a mail's recipients, one for each distinct address."""
    addresses = dict.fromkeys([*mail.to, *mail.cc, *mail.bcc])
    rows = [Recipient(mail=mail, address=address) for address in addresses]
    Recipient.objects.bulk_create(rows, ignore_conflicts=True)


def due_addresses(mail: OutgoingEmail) -> list[str]:
    """Return the addresses that the mail has still to be sent to."""
    rows = list(mail.recipients.order_by("pk"))
    if not rows:  # queued by the former version while this one was being installed
        add_recipients(mail)
        rows = list(mail.recipients.order_by("pk"))
    return [row.address for row in rows if row.status == MailStatus.DUE]


def write_attempt(mail: OutgoingEmail, fates: Mapping[str, Fate], **fields: Any) -> MailStatus:
    """Write what an attempt to send came to, with these fields of the mail; return the mail's status.

    Only recipients that are due are written: what a mail service has told meanwhile is newer.
    """
    now = timezone.now()
    with transaction.atomic():
        locked(mail.pk)
        for address, fate in fates.items():
            changes: dict[str, Any] = {"status": fate.status, "detail": fate.words, "service_id": fate.service_id}
            if fate.status != MailStatus.DUE:
                changes["at"] = now
            if fate.status == MailStatus.SENT:
                changes["support_told_at"] = None
                fields["sent_at"] = now
            mail.recipients.filter(address=address, status=MailStatus.DUE).update(**changes)
        return settle(mail.pk, **fields)


def locked(mail_pk: int) -> None:
    """Keep others from writing to this mail and its recipients until the transaction ends."""
    OutgoingEmail.objects.select_for_update().filter(pk=mail_pk).values_list("pk").first()


def settle(mail_pk: int, **fields: Any) -> MailStatus:
    """Give a mail, which is locked, the status that follows from its recipients', and these fields."""
    status = worst(Recipient.objects.filter(mail=mail_pk).values_list("status", flat=True))
    OutgoingEmail.objects.filter(pk=mail_pk).update(status=status, **fields)
    return status


def make_due_again(mails: QuerySet[OutgoingEmail]) -> int:
    """Make those of the mails due that did not reach everybody, and return how many; the next run sends them.

    Who got the mail is not sent it again. Its Message-ID stays: who gets it twice after all sees it once.
    """
    with transaction.atomic():
        wanted = mails.filter(status__in=UNDELIVERED).order_by()
        missed = Recipient.objects.filter(mail__in=wanted.values("pk"), status__in=UNDELIVERED)
        missed.update(status=MailStatus.DUE, at=timezone.now())
        return wanted.update(status=MailStatus.DUE, next_attempt_at=None)
