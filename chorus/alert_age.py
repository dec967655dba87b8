"""From which age on a status change alerts nobody: in a restored backup, old ones are news to the database alone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import ngettext

MOST_DAYS = 36_525  # a century: the portal has no date as old


def alert_since() -> datetime | None:
    """Return the moment before which changes are too old to alert; None where CHORUS_ALERT_MAX_AGE_DAYS is not set."""
    days: int | None = settings.CHORUS_ALERT_MAX_AGE_DAYS
    return None if days is None else timezone.now() - timedelta(days=min(days, MOST_DAYS))


def not_alerted(changes: int) -> str:
    """Say how many changes alerted nobody because of their age."""
    words = ngettext(
        "%(count)d change alerts nobody: it is more than %(days)d days old (CHORUS_ALERT_MAX_AGE_DAYS).",
        "%(count)d changes alert nobody: they are more than %(days)d days old (CHORUS_ALERT_MAX_AGE_DAYS).",
        changes,
    )
    return words % {"count": changes, "days": settings.CHORUS_ALERT_MAX_AGE_DAYS}
