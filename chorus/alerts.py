"""Status changes -> one message per invoice manager, once per change, whatever crashes in between (rule 8).

A change that is due says so in its own row, written with the change. Making the message and settling the rows is one
transaction; sending it is the outbox's. So a run that was killed leaves its alerts to the next one.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import Count, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from akuiteo.models import User
from batches import outbox
from batches.models import OutgoingEmail, Run
from batches.run_log import RunLog
from chorus.models import Company, StatusChange
from chorus.statuses import words


def make_alerts(companies: Sequence[Company], run: Run, log: RunLog) -> int:
    """Queue one message for each manager of these companies' changes that are due; return how many."""
    managers = _due(companies).values("invoice__manager").annotate(changes=Count("pk")).order_by("invoice__manager")
    return sum(_alert(row["invoice__manager"], companies, run, log) for row in managers)


def receives_alerts(manager: User | None) -> bool:
    """Whether an alert can reach an invoice manager: active, with an address."""
    return bool(manager and manager.is_active and manager.email)


def _due(companies: Sequence[Company]) -> QuerySet[StatusChange]:
    return StatusChange.objects.filter(alert_due=True, invoice__company__in=companies)


def _alert(manager_pk: int | None, companies: Sequence[Company], run: Run, log: RunLog) -> bool:
    manager = User.objects.filter(pk=manager_pk).first() if manager_pk else None
    with transaction.atomic():
        # Locked, so that two batches that run at once do not both alert of one change.
        locked = _due(companies).filter(invoice__manager=manager_pk).select_for_update(of=("self",)).order_by("pk")
        changes = sorted(locked.select_related("invoice__company"), key=_place)
        reached = bool(changes) and manager is not None and receives_alerts(manager)
        mail = _queue(manager, changes, run) if reached and manager else None
        StatusChange.objects.filter(pk__in=[change.pk for change in changes]).update(alert_due=False, alert=mail)
    if reached and manager:
        log.log(_("Alert to %(address)s: %(count)d changes.") % {"address": manager.email, "count": len(changes)})
    elif changes:
        log.warn(_nobody_told(manager, changes))
    return reached


def _place(change: StatusChange) -> tuple[str, str, int]:
    return change.invoice.company.code, change.invoice.number, change.pk


def _queue(manager: User, changes: Sequence[StatusChange], run: Run) -> OutgoingEmail:
    with override(manager.language):
        context = {"manager": manager, "lines": [_line(change) for change in changes]}
        return outbox.queue(
            run,
            to=[manager.email],
            subject=_subject(changes),
            text=render_to_string("chorus/alert.txt", context),
            html=render_to_string("chorus/alert.html", context),
        )


def _subject(changes: Sequence[StatusChange]) -> str:
    if len(changes) == 1:
        only = changes[0]
        return _("Invoice %(number)s: %(status)s") % {"number": only.invoice.number, "status": words(only.new)}
    return ngettext(
        "Chorus Pro: the status of %(count)d invoice has changed",
        "Chorus Pro: the status of %(count)d invoices has changed",
        len(changes),
    ) % {"count": len(changes)}


def _line(change: StatusChange) -> dict[str, object]:
    invoice = change.invoice
    return {
        "invoice": invoice,
        "change": change,
        "old_words": words(change.old) if change.old else "",
        "new_words": words(change.new),
        "reason_unread": invoice.reason_due and not change.comment,
        "link": settings.SITE_URL + reverse("admin:chorus_invoice_change", args=[invoice.pk]),
    }


def _nobody_told(manager: User | None, changes: Sequence[StatusChange]) -> str:
    invoices = ", ".join(f"{change.invoice.company.code} {change.invoice.number} ({change.new})" for change in changes)
    if manager is None:
        return _("No alert for %(invoices)s: no invoice manager. Assign one to each of these invoices.") % {
            "invoices": invoices
        }
    return _(
        "No alert for %(invoices)s: the invoice manager %(manager)s is inactive or has no e-mail address. "
        "Enter an address, or assign another manager."
    ) % {"invoices": invoices, "manager": manager.username}
