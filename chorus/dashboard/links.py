"""Where the dashboard's figures lead: the list of invoices, filtered to just those that were counted."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.http import urlencode

from chorus.screens.admin_filters import NEVER_READ, NO, NOBODY, OTHER, YES, AlertsFilter, ChorusStatusFilter
from chorus.statuses import ChorusStatus

STATUS = ChorusStatusFilter.parameter_name
DEMATERIALIZED: dict[str, str | int] = {"dematerialized__exact": 1}
OPEN = {"final": NO}
MISSING = {"missing": YES}
NEEDS_ACTION = {"needs_action": YES}
ALERTING_NOBODY = {AlertsFilter.parameter_name: NOBODY}


def invoices(**filters: str | int) -> str:
    """Return the address of the list of dematerialized invoices, narrowed by further filters."""
    return f"{reverse('admin:chorus_invoice_changelist')}?{urlencode(DEMATERIALIZED | filters)}"


def status_since(moment: datetime) -> dict[str, str]:
    """Return the filter of the invoices that have had their status since this moment, or got it later."""
    return {"chorus_status_at__gte": moment.isoformat()}


def of_status(code: str) -> dict[str, str]:
    """Return the filter of a Chorus status; codes that we have no words for share one."""
    if not code:
        return {STATUS: NEVER_READ}
    return {STATUS: code if code in ChorusStatus.values else OTHER}
