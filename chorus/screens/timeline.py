"""The statuses of an invoice in time, newest first: the CHORUS tab's history."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from akuiteo.models import User
from batches.access import visible_mails, visible_runs
from chorus.models import Invoice, StatusChange
from chorus.screens.badges import tone


@dataclass(frozen=True)
class Entry:
    """One status. `days` is how long it lasted, until the next one or until today.

    `shows_run` and `shows_alert` say whether the reader may open these.
    """

    change: StatusChange
    at: datetime.datetime
    days: int
    is_present: bool
    shows_run: bool
    shows_alert: bool

    @property
    def tone(self) -> str:
        return tone(self.change.new)

    @property
    def duration(self) -> str:
        if self.is_present:
            so_far = ngettext("for %(count)d day so far", "for %(count)d days so far", self.days)
            return so_far % {"count": self.days} if self.days else _("since today")
        lasted = ngettext("lasted %(count)d day", "lasted %(count)d days", self.days)
        return lasted % {"count": self.days} if self.days else _("lasted less than a day")


def timeline(invoice: Invoice, reader: User) -> list[Entry]:
    changes = list(invoice.status_changes.select_related("alert", "run__batch"))
    runs = set(visible_runs(reader).filter(pk__in={change.run_id for change in changes}).values_list("pk", flat=True))
    alerts = {change.alert_id for change in changes if change.alert_id}
    mails = set(visible_mails(reader).filter(pk__in=alerts).values_list("pk", flat=True))
    ends = [localdate(), *(localdate(_at(change)) for change in changes)]
    return [
        Entry(
            change=change,
            at=_at(change),
            days=max((end - localdate(_at(change))).days, 0),
            is_present=change is changes[0],
            shows_run=change.run_id in runs,
            shows_alert=change.alert_id in mails,
        )
        for change, end in zip(changes, ends, strict=False)
    ]


def _at(change: StatusChange) -> datetime.datetime:
    """The portal's date, else when we saw the change."""
    return change.at or change.seen_at
