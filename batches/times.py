"""Times as people read them."""

from __future__ import annotations

import datetime

from django.utils import timezone


def line_time(timestamp: float) -> str:
    """Return a POSIX time in settings.TIME_ZONE, with its offset: one hour of autumn exists twice."""
    return shown(datetime.datetime.fromtimestamp(timestamp, datetime.UTC))


def shown(moment: datetime.datetime) -> str:
    return timezone.localtime(moment, timezone.get_default_timezone()).isoformat(sep=" ", timespec="seconds")
