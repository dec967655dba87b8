"""Mails that did not arrive: support is told once, and whoever looks at the person concerned sees it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from akuiteo.models import User
from batches import error_mail, outbox
from batches.access import visible_mails
from batches.models import UNDELIVERED, Batch, MailStatus, Recipient, Run
from batches.parameters import COMMON_PARAMETERS, ParameterError

LINES = 100
"""A notice lists so many addresses, and says how many more there are."""

REFUSALS = (MailStatus.REFUSED, MailStatus.BOUNCED)
"""What is wrong with an address, and not with a mail server of ours."""

GOT = (MailStatus.SENT, MailStatus.DELIVERED, MailStatus.COMPLAINED)


@dataclass(frozen=True)
class Missed:
    """An address that support is told of: its newest mail that did not arrive, and how many did not."""

    recipient: Recipient
    mails: int = 1


def trouble_of(address: str) -> Recipient | None:
    """Return the newest mail's recipient where the address refused it or sent it back, and has got none since."""
    known = Recipient.objects.filter(address=address, status__in=(*GOT, *REFUSALS)).exclude(address="")
    newest = known.select_related("mail").order_by("-pk").first()
    return newest if newest and newest.status in REFUSALS else None


def trouble_shown_to(user: User, address: str) -> Recipient | None:
    """Return the trouble of an address, to a user who may see the mail that tells of it."""
    trouble = trouble_of(address)
    return trouble if trouble and visible_mails(user).filter(pk=trouble.mail_id).exists() else None


def tell_support() -> int:
    """Queue a notice to each batch's support of whom its mails did not reach; return how many notices.

    An address is told of once, until a mail has reached it again; support's own addresses never are, so that no
    notice follows from a notice. Where a batch has no usable BATCH_MAIL, its addresses wait until it has.
    """
    batches = Batch.objects.filter(runs__mails__recipients__in=_untold()).distinct().order_by("pk")
    return sum(_tell(batch) for batch in batches)


def _untold() -> QuerySet[Recipient]:
    return Recipient.objects.filter(status__in=UNDELIVERED, support_told_at=None)


def _tell(batch: Batch) -> bool:
    addresses = _support(batch)
    if not addresses.to:
        return False
    with transaction.atomic():
        untold = _untold().filter(mail__run__batch=batch).order_by("pk")
        # Locked, so that two runs that end at once do not both tell of it.
        missed = list(untold.select_for_update(of=("self",)).select_related("mail").defer(*_LONG_TEXTS))
        news = _news(batch, missed, addresses)
        if news:
            _queue(batch, news, addresses)
        Recipient.objects.filter(pk__in=[recipient.pk for recipient in missed]).update(support_told_at=timezone.now())
    return bool(news)


_LONG_TEXTS = ("mail__text", "mail__html", "mail__attachment")


def _news(batch: Batch, missed: Iterable[Recipient], addresses: error_mail.Addresses) -> list[Missed]:
    """Return what support does not know yet, an address each."""
    own = {address.lower() for address in (*addresses.to, *addresses.cc, *addresses.bcc)}
    by_address: dict[str, Missed] = {}
    for recipient in missed:
        if recipient.address.lower() not in own:
            earlier = by_address.get(recipient.address)
            by_address[recipient.address] = Missed(recipient, earlier.mails + 1 if earlier else 1)
    return [each for address, each in by_address.items() if not _is_known(batch, address)]


def _is_known(batch: Batch, address: str) -> bool:
    """Tell whether the batch's support was told of this address, and no mail has reached it since."""
    rows = Recipient.objects.filter(address=address)
    told = rows.filter(mail__run__batch=batch).exclude(support_told_at=None).order_by("-support_told_at").first()
    return told is not None and not rows.filter(status__in=GOT, at__gt=told.support_told_at).exists()


def _support(batch: Batch) -> error_mail.Addresses:
    """Return where the batch's error mails go. Its secrets are not read, and what is unusable counts as empty."""
    stored = dict(batch.parameters.filter(code__startswith="BATCH_MAIL").values_list("code", "value"))
    values: dict[str, Any] = {}
    for parameter in COMMON_PARAMETERS:
        if parameter.code in stored:
            try:
                values[parameter.code] = parameter.parse(stored[parameter.code])
            except ParameterError:
                continue
    return error_mail.Addresses.of(values)


def _queue(batch: Batch, news: list[Missed], addresses: error_mail.Addresses) -> None:
    language = error_mail.language_of(addresses.to[0])
    with override(language):
        context: dict[str, Any] = {
            "language": language,
            "first_line": _first_line(batch, news),
            "batch": batch,
            "lines": [_line(each) for each in news[:LINES]],
            "more": max(0, len(news) - LINES),
        }
        outbox.queue(
            _newest_run(news),
            addresses.to,
            context["first_line"],
            render_to_string("batches/undelivered.txt", context),
            render_to_string("batches/undelivered.html", context),
            cc=list(addresses.cc),
            bcc=list(addresses.bcc),
            sender=addresses.sender,
            reply_to=addresses.reply_to,
        )


def _newest_run(news: list[Missed]) -> Run | None:
    """Return the run that a notice belongs to, so that only those see it who may see the batch."""
    return max((each.recipient.mail for each in news), key=lambda mail: mail.run_id or 0).run


def _first_line(batch: Batch, news: list[Missed]) -> str:
    words = {"batch": batch.code, "count": len(news), "address": news[0].recipient.address}
    if len(news) == 1:
        return _("%(batch)s: mail does not reach %(address)s") % words
    return (
        ngettext(
            "%(batch)s: mail does not reach %(count)d address",
            "%(batch)s: mail does not reach %(count)d addresses",
            len(news),
        )
        % words
    )


def _line(missed: Missed) -> dict[str, Any]:
    recipient = missed.recipient
    return {
        "address": recipient.address,
        "status": MailStatus(recipient.status).label,
        "reason": recipient.detail,
        "subject": recipient.mail.subject,
        "others": missed.mails - 1,
        "link": settings.SITE_URL + reverse("admin:batches_outgoingemail_change", args=[recipient.mail_id]),
    }
