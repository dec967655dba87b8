"""Where the next run begins (L4), after all that this one had to read was read."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta

from django.utils import timezone

from chorus.tracking.reading import Reader
from chorus.tracking.windows import MILLISECOND, WIDEST_OVERLAP, Progress, Shortcut, Window, surely_past

NONSENSE = timedelta(days=366)
"""A row dated so far ahead is a slip of the portal's, after which a window would miss everything."""
MICROSECOND = timedelta(microseconds=1)


def next_progress(reader: Reader, before: Progress, window: Window) -> Progress:
    """Return where the next run begins, `window` being what this one has read: dates are the portal's own."""
    seen = reader.seen
    newest, began = seen.newest(before=timezone.now() + NONSENSE), reader.began
    largest = _largest_total(reader, before)
    if newest is None or began is None:
        return dataclasses.replace(before, largest_total=largest)
    settled = max(min(began, newest), before.settled_until or min(began, newest))
    widest = settled - WIDEST_OVERLAP
    floor = max(widest, window.since or widest)
    # As many rows as one page holds cost one call, and fewer than the largest total cannot be mistaken for a cap.
    most = max(1, min(reader.granted, largest - 1))
    witness = seen.newest(before=settled + MICROSECOND) or settled
    since = min(seen.start_of_newest(most, floor), settled, witness - MILLISECOND)
    return Progress(since, settled, largest, shortcut=_shortcut(reader, since, witness))


def _largest_total(reader: Reader, before: Progress) -> int:
    if reader.total_of_all is None:
        return max(reader.largest_total, before.largest_total)
    return reader.largest_total


def _shortcut(reader: Reader, since: datetime, date: datetime) -> Shortcut | None:
    """Return a beginning right after the rows of one date, where more than a page of them would be read once more.

    None where a row may still take that date. Whether the portal's bounds are exact is seen when it is used.
    """
    seen = reader.seen
    rows = seen.count_since(since) - seen.count_since(date + MICROSECOND)
    if seen.count_since(since) <= reader.granted or reader.began is None or reader.began < surely_past(date):
        return None
    return Shortcut(date + MILLISECOND, rows)
