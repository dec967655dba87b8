"""What is wrong with the mails to a person, for the page of this person."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from batches.models import Recipient
from batches.screens.badges import mail_badge
from batches.undelivered import trouble_shown_to

register = template.Library()


class Trouble(NamedTuple):
    recipient: Recipient
    badge: SafeString
    url: str


@register.simple_tag(takes_context=True)
def mail_trouble(context: dict[str, Any], address: str) -> Trouble | None:
    """Return why mails do not reach the address, to a reader who may see the mail that tells it."""
    recipient = trouble_shown_to(context["request"].user, address)
    if recipient is None:
        return None
    url = reverse("admin:batches_outgoingemail_change", args=[recipient.mail_id])
    return Trouble(recipient, mail_badge(recipient.status), url)
