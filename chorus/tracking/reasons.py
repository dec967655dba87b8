"""Reads the buyer's reasons that the portal's rows did not have (L9)."""

from __future__ import annotations

from django.utils.translation import gettext as _

from akuiteo.fault_points import reached
from chorus.portal.errors import PortalError, UnexpectedAnswer
from chorus.tracking.ledger import Ledger, ReasonDue
from chorus.tracking.reading import Portal
from chorus.tracking.reporting import Reporter


def read_reasons(ledger: Ledger, portal: Portal, reporter: Reporter) -> None:
    """Read those that are due, and those that an earlier run could not read.

    Last of all: where the history cannot be had, the statuses are still worth having.
    """
    for due in ledger.reasons_due():
        try:
            reason = portal.history(due.chorus_id).reason_for(due.code)
        except PortalError as error:
            reporter.error(_no_reason(due, error), due.company, due.number)
            if not isinstance(error, UnexpectedAnswer):
                return
        else:
            reached("reason: read")
            ledger.add_reason(due, reason)
            reached("reason: written")


def _no_reason(due: ReasonDue, error: PortalError) -> str:
    return _(
        "Its status %(code)s is stored, but the buyer's reason could not be read; the next run tries again. %(error)s"
    ) % {"code": due.code, "error": error}
