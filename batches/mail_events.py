"""Hears what a mail service tells of mails that it took: delivered, bounced, complained (anymail's webhooks)."""

from __future__ import annotations

from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, tracking
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from akuiteo.masking import masker
from batches.mail_status import after
from batches.models import MailStatus, Recipient
from batches.plain_text import one_line, shortened
from batches.recipients import locked, settle

LONGEST_DETAIL = 500  # characters

MEANINGS = {
    EventType.QUEUED: MailStatus.SENT,
    EventType.SENT: MailStatus.SENT,
    EventType.DEFERRED: MailStatus.SENT,  # the service has it, and goes on trying
    EventType.DELIVERED: MailStatus.DELIVERED,
    EventType.COMPLAINED: MailStatus.COMPLAINED,
    EventType.BOUNCED: MailStatus.BOUNCED,
    EventType.REJECTED: MailStatus.REFUSED,
    EventType.FAILED: MailStatus.REFUSED,
}
"""Events of anymail that say what became of a mail; the others do not."""

TAKEN = (MailStatus.SENT, MailStatus.DELIVERED)


def listen() -> None:
    tracking.connect(hear, dispatch_uid="batches.mail_events")


def hear(event: AnymailTrackingEvent, **_others: Any) -> None:
    """Write what the event says. One of a mail or an address that is not ours is none of our business."""
    told = MEANINGS.get(event.event_type)
    if told is None:
        return
    for recipient in _concerned(event):
        with transaction.atomic():
            locked(recipient.mail_id)
            _write(Recipient.objects.get(pk=recipient.pk), told, _said(event))


def _concerned(event: AnymailTrackingEvent) -> QuerySet[Recipient]:
    key, address = _text(event.message_id), _text(event.recipient)
    if not key or not address:
        return Recipient.objects.none()
    ours = Q(service_id=key) | Q(mail__message_id=key)  # some services keep our Message-ID
    return Recipient.objects.filter(ours, address__iexact=address)


def _write(recipient: Recipient, told: MailStatus, said: str) -> None:
    if after(recipient.status, told) != told:
        return  # what is known already is newer, or worse
    now = timezone.now()
    is_news = told != recipient.status
    changes = {"status": told, "at": now, "detail": said} if is_news else {"detail": said or recipient.detail}
    Recipient.objects.filter(pk=recipient.pk).update(**changes)
    settle(recipient.mail_id, **({"sent_at": Coalesce("sent_at", now)} if told in TAKEN else {}))


def _said(event: AnymailTrackingEvent) -> str:
    """Return in one line what the recipient's server said, or the service."""
    words = event.mta_response or event.description or event.reject_reason
    return shortened(masker.mask(_text(words)), LONGEST_DETAIL)


def _text(value: Any) -> str:
    """Return what a service wrote without what no database, line or log can hold."""
    return one_line(str(value or ""))
