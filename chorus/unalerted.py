"""Invoices whose alerts reach nobody, and why: no invoice manager, or one who gets no mails."""

from __future__ import annotations

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from akuiteo.models import User
from batches.models import MailStatus, Recipient
from batches.undelivered import GOT, REFUSALS
from chorus.models import Invoice


def alerting_nobody(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Return those for whose manager `alerts.receives_alerts` is false."""
    without_alerts = User.objects.filter(Q(is_active=False) | Q(email=""))
    # The keys of these users, not their rows joined to each invoice: an index of the invoices alone answers.
    return invoices.filter(Q(manager=None) | Q(manager__in=without_alerts.order_by().values("pk")))


def with_newest_fate(users: QuerySet[User]) -> QuerySet[User]:
    """Name `newest_fate` what became of the newest mail to each user's address, as `undelivered.trouble_of` sees it."""
    known = Recipient.objects.filter(address=OuterRef("email"), status__in=(*GOT, *REFUSALS)).exclude(address="")
    return users.annotate(newest_fate=Subquery(known.order_by("-pk").values("status")[:1]))


def why_nobody(manager: User | None) -> str:
    """Return in few words why no alert reaches this manager; empty, where one does. Needs `with_newest_fate`."""
    if manager is None:
        return _("no invoice manager")
    if not manager.is_active:
        return _("inactive")
    if not manager.email:
        return _("no address")
    fate = getattr(manager, "newest_fate", None)
    if fate == MailStatus.REFUSED:
        return _("address refused")
    return _("mails come back") if fate == MailStatus.BOUNCED else ""
