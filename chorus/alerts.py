"""Status changes -> one message per invoice manager, once per change, whatever crashes in between (rule 8).

A change that is due says so in its own row, written with the change. Making the message and settling the rows is one
transaction; sending it is the outbox's. So a run that was killed leaves its alerts to the next one. What reaches no
manager goes to support, in the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db.models import Case, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from akuiteo.contention import short_transaction
from akuiteo.fault_points import reached
from akuiteo.models import User
from batches.error_mail import Addresses
from batches.models import OutgoingEmail, Run
from batches.run_log import RunLog
from chorus import alert_mails
from chorus.alert_mails import LARGEST, Line
from chorus.models import Company, StatusChange
from chorus.statuses import ChorusStatus

CHUNK = 500
NAMED_IN_LOG = 50
BAD = (ChorusStatus.REJETEE, ChorusStatus.SUSPENDUE, ChorusStatus.A_RECYCLER)
WORST_FIRST = [*BAD, *(status for status in ChorusStatus if status not in BAD)]


def make_alerts(companies: Sequence[Company], run: Run, log: RunLog, support: Addresses) -> int:
    """Make the alerts due of these companies' changes; return how many managers are alerted.

    Support gets what reaches nobody.
    """
    due = StatusChange.objects.filter(alert_due=True, invoice__company__in=companies)
    keys = set(due.order_by().values_list("invoice__manager", flat=True).distinct())
    managers = User.objects.in_bulk(key for key in keys if key is not None)
    reachable = [manager for _key, manager in sorted(managers.items()) if receives_alerts(manager)]
    alerted = sum(_alert(manager, due.filter(invoice__manager=manager), run, log) for manager in reachable)
    if len(reachable) < len(keys):
        others = keys - {manager.pk for manager in reachable}
        _tell_support(due.filter(Q(invoice__manager=None) | Q(invoice__manager__in=others)), run, log, support)
    return alerted


def receives_alerts(manager: User | None) -> bool:
    """Whether an alert can reach an invoice manager: active, with an address."""
    return bool(manager and manager.is_active and manager.email)


def _alert(manager: User, due: QuerySet[StatusChange], run: Run, log: RunLog) -> bool:
    """Alert a manager: in one mail, or in several where one would be too large for mail servers."""
    more, mails = True, 0
    while more:
        lines, more = short_transaction(partial(_queue_alert, manager, due, run))
        if lines:
            log.log(_("Alert to %(address)s: %(count)d changes.") % {"address": manager.email, "count": len(lines)})
            reached("alert: committed")
            mails += 1
    return mails > 0


def _queue_alert(manager: User, due: QuerySet[StatusChange], run: Run) -> tuple[list[Line], bool]:
    lines, more = _locked(due)
    if lines:
        _settle(lines, alert_mails.to_manager(manager, lines, run))
        reached("alert: in the transaction")
    return lines, more


def _tell_support(unreached: QuerySet[StatusChange], run: Run, log: RunLog, support: Addresses) -> None:
    """Tell support, in the same way, of what reaches no manager."""
    more = True
    while more:
        lines, more = short_transaction(partial(_queue_for_support, unreached, run, support))
        managers = _managers(lines)
        for pk, group in alert_mails.by_manager(lines).items():
            log.warn(_nobody_told(managers.get(pk or 0), group))
        if lines:
            reached("alert: committed")


def _queue_for_support(unreached: QuerySet[StatusChange], run: Run, support: Addresses) -> tuple[list[Line], bool]:
    lines, more = _locked(unreached)
    if lines:
        alert_mails.to_support(_managers(lines), lines, run, support)
        _settle(lines, None)
        reached("alert: in the transaction")
    return lines, more


def _managers(lines: Sequence[Line]) -> dict[int, User]:
    return User.objects.in_bulk({line.manager for line in lines if line.manager})


def _locked(due: QuerySet[StatusChange]) -> tuple[list[Line], bool]:
    """Return what one mail can tell, the worst first, and whether there is more.

    Locked, so that two batches that run at once do not both alert of one change.
    """
    worst_first = Case(
        *(When(new=code, then=Value(place)) for place, code in enumerate(WORST_FIRST)), default=Value(99)
    )
    locked = due.select_for_update(of=("self",)).select_related("invoice__company")
    ordered = locked.order_by(worst_first, "new", "invoice__company__code", "invoice__number", "pk")
    lines: list[Line] = []
    size = 0
    for change in ordered.iterator(CHUNK):
        line = Line.of(change)
        size += line.size
        if lines and size > LARGEST:
            return lines, True
        lines.append(line)
    return lines, False


def _settle(lines: Sequence[Line], alert: OutgoingEmail | None) -> None:
    StatusChange.objects.filter(pk__in=[line.pk for line in lines]).update(alert_due=False, alert=alert)


def _nobody_told(manager: User | None, lines: Sequence[Line]) -> str:
    invoices = ", ".join(f"{line.company} {line.number} ({line.new})" for line in lines[:NAMED_IN_LOG])
    if (more := len(lines) - NAMED_IN_LOG) > 0:
        invoices += ngettext(" and %(count)d more", " and %(count)d more", more) % {"count": more}
    if manager is None:
        return _("No alert for %(invoices)s: no invoice manager. Assign one to each of these invoices.") % {
            "invoices": invoices
        }
    return _(
        "No alert for %(invoices)s: the invoice manager %(manager)s is inactive or has no e-mail address. "
        "Enter an address, or assign another manager."
    ) % {"invoices": invoices, "manager": manager.username}
