"""The mails about status changes: to an invoice manager, and to support where a change reached no manager.

Mails of many changes are digests: counts first, then the same facts in compact lines.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from akuiteo.models import User
from batches import outbox
from batches.error_mail import Addresses, language_of
from batches.models import OutgoingEmail, Run
from chorus.models import StatusChange
from chorus.statuses import words

DIGEST_ABOVE = 50  # lines: about what a person still reads one by one
LARGEST = 6_000_000  # bytes: servers take 10 MB, many 25
BYTES_OF_A_LINE = 600  # as text and as HTML together, without the buyer's comment


@dataclass(frozen=True, slots=True)
class Line:
    """What a mail tells of a status change. `at` is the portal's date, `pk` and `invoice` are keys."""

    pk: int
    company: str
    invoice: int
    number: str
    customer: str
    amount: Decimal | None
    currency: str
    manager: int | None
    old: str
    new: str
    at: datetime.datetime | None
    comment: str
    reason_unread: bool

    @classmethod
    def of(cls, change: StatusChange) -> Line:
        invoice = change.invoice
        return cls(
            pk=change.pk,
            company=invoice.company.code,
            invoice=invoice.pk,
            number=invoice.number,
            customer=invoice.customer,
            amount=invoice.amount_incl_tax,
            currency=invoice.currency,
            manager=invoice.manager_id,
            old=change.old,
            new=change.new,
            at=change.at,
            comment=change.comment,
            reason_unread=invoice.reason_due and not change.comment,
        )

    @property
    def old_words(self) -> str:
        return words(self.old)

    @property
    def new_words(self) -> str:
        return words(self.new)

    @property
    def link(self) -> str:
        return settings.SITE_URL + reverse("admin:chorus_invoice_change", args=[self.invoice])

    @property
    def size(self) -> int:
        """About how many bytes it makes in a mail."""
        return BYTES_OF_A_LINE + 2 * len(self.comment.encode("utf-8", "replace"))


@dataclass(frozen=True)
class Unreached:
    """The changes that reached nobody for one reason. `why` says what it is and what to do, in the mail's language."""

    why: str
    lines: Sequence[Line]


@dataclass(frozen=True)
class StatusCount:
    status: str
    words: str
    count: int


def to_manager(manager: User, lines: Sequence[Line], run: Run) -> OutgoingEmail:
    """Make the mail due that tells an invoice manager of these changes."""
    with override(manager.language):
        return outbox.queue(
            run, [manager.email], _subject(lines), *_rendered("alert", _context(lines) | {"lines": lines})
        )


def to_support(managers: dict[int, User], lines: Sequence[Line], run: Run, addresses: Addresses) -> OutgoingEmail:
    """Make the mail due that tells support of changes that reached nobody; `managers` are those concerned, by key."""
    with override(language_of(addresses.to[0])):
        subject = ngettext(
            "Chorus Pro: %(count)d status change reached nobody",
            "Chorus Pro: %(count)d status changes reached nobody",
            len(lines),
        )
        context = _context(lines) | {
            "batch": run.batch,
            "groups": [Unreached(_why_nobody(managers.get(pk or 0)), group) for pk, group in by_manager(lines).items()],
            "list": f"{settings.SITE_URL}{reverse('admin:chorus_invoice_changelist')}?{urlencode({'alerts': 'none'})}",
        }
        texts = _rendered("unreached", context)
        return outbox.queue(run, addresses.to, subject % {"count": len(lines)}, *texts, **addresses.extras())


def by_manager(lines: Sequence[Line]) -> dict[int | None, list[Line]]:
    """Return the lines by the key of their invoice's manager."""
    groups: dict[int | None, list[Line]] = {}
    for line in lines:
        groups.setdefault(line.manager, []).append(line)
    return groups


def _why_nobody(manager: User | None) -> str:
    if manager is None:
        return _("No invoice manager: assign one to each of these invoices.")
    name = {"manager": manager.get_full_name() or manager.username}
    if not manager.is_active:
        return _("The invoice manager %(manager)s is inactive: assign another one.") % name
    return _("The invoice manager %(manager)s has no e-mail address: enter one, or assign another manager.") % name


def _rendered(template: str, context: dict[str, Any]) -> tuple[str, str]:
    return render_to_string(f"chorus/{template}.txt", context), render_to_string(f"chorus/{template}.html", context)


def _context(lines: Sequence[Line]) -> dict[str, Any]:
    is_digest = len(lines) > DIGEST_ABOVE
    form = "digest" if is_digest else "alert"
    return {
        "count": len(lines),
        "statuses": _counts(lines) if is_digest else [],
        "text_lines": f"chorus/{form}_lines.txt",
        "html_lines": f"chorus/{form}_lines.html",
    }


def _counts(lines: Sequence[Line]) -> list[StatusCount]:
    """Return how many changes led to each status, in the order of the lines."""
    return [StatusCount(code, words(code), count) for code, count in Counter(line.new for line in lines).items()]


def _subject(lines: Sequence[Line]) -> str:
    first = {"number": lines[0].number, "status": lines[0].new_words}
    if len(lines) == 1:
        return _("Invoice %(number)s: %(status)s") % first
    if len(lines) > DIGEST_ABOVE:
        worst = _counts(lines)[0]
        return _("Chorus Pro, digest of %(count)d status changes: %(status)s (%(worst)d)…") % {
            "count": len(lines),
            "status": worst.words,
            "worst": worst.count,
        }
    return ngettext(
        "Chorus Pro: the status of %(count)d invoice has changed",
        "Chorus Pro: the status of %(count)d invoices has changed",
        len(lines),
    ) % {"count": len(lines)}
