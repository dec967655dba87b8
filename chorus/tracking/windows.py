"""Windows on the date of the last status change, and how the next one is chosen (L1, L4). Pure."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, time, timedelta

from chorus.portal.messages import Search
from chorus.portal.reading import PARIS

WIDEST_OVERLAP = timedelta(days=3)
"""More than a portal can be off that compares by day (a day) with a clock in another zone (14 hours)."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
"""The portal's dates are no finer."""

VAGUE_MARGIN = timedelta(days=2)
"""The overlap of windows where the portal's bounds are vague; the reasons are the same."""


def surely_past(date: datetime) -> datetime:
    """Return when no change takes this date any more, should the portal cut its dates to seconds, minutes or days."""
    if any(date.astimezone(zone).time() == time.min for zone in (UTC, PARIS)):
        return date + timedelta(hours=26)  # the longest day has 25
    if date.microsecond:
        return date + timedelta(seconds=1)
    return date + (timedelta(seconds=2) if date.second else timedelta(minutes=2))


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """A span of dates of last status change; None is open."""

    since: datetime | None = None
    until: datetime | None = None

    def search(self) -> Search:
        return Search(changed_since=self.since, changed_until=self.until)

    def split(self, middle: datetime, margin: timedelta) -> tuple[Window, Window]:
        """Return two windows that overlap by the margin on both sides of a date."""
        return Window(self.since, middle + margin), Window(middle - margin, self.until)

    def parts(self, earliest: datetime | None, latest: datetime | None, margin: timedelta) -> list[Window]:
        """Return narrower windows that together cover this one, given the dates of rows that it answered.

        Empty where it cannot be narrowed: too few dates, or the portal answers more than was asked (by day).
        """
        if earliest is None or latest is None or self._is_vague(earliest, latest, margin):
            return []
        earliest = max(earliest, self.since or earliest)
        latest = min(latest, self.until or latest)
        if latest - earliest > 4 * margin:
            return list(self.split(earliest + (latest - earliest) / 2, margin))
        core = Window(earliest - 2 * margin, latest + 2 * margin)
        around = (Window(self.since, earliest - margin), core, Window(latest + margin, self.until))
        parts = [part for part in around if not (part.since and part.until and part.since >= part.until)]
        return [] if self._is_within(core) else parts

    def _is_vague(self, earliest: datetime, latest: datetime, margin: timedelta) -> bool:
        """Whether rows were answered that lie further outside than the portal may be off.

        A window of less than two days has no room for a portal that compares by day.
        """
        narrow = self.since and self.until and self.until - self.since <= VAGUE_MARGIN
        tolerated = margin if narrow else VAGUE_MARGIN
        too_early = self.since is not None and earliest < self.since - tolerated
        return too_early or (self.until is not None and latest > self.until + tolerated)

    def _is_within(self, other: Window) -> bool:
        if None in (self.since, self.until, other.since, other.until):
            return False
        return bool(self.since >= other.since and self.until <= other.until)  # type: ignore[operator]


@dataclasses.dataclass(frozen=True, slots=True)
class Shortcut:
    """A later beginning of a window, which leaves out rows that were read: more than a page holds, of one moment."""

    since: datetime
    rows: int


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far the changes of a connection were read: a watermark without its row.

    `changed_since` is where the next window begins, None where everything is to be read; all changes until
    `settled_until` were seen; `largest_total` is the largest number of results that the portal announced when it was
    last asked for all.
    """

    changed_since: datetime | None = None
    settled_until: datetime | None = None
    largest_total: int = 0
    asked_today: bool = False
    shortcut: Shortcut | None = None

    def window(self) -> Window:
        return Window(since=self.changed_since)

    def wide_window(self) -> Window | None:
        """Return the window with the widest overlap, or None where `window` has it already."""
        if self.changed_since is None or self.settled_until is None:
            return None
        since = self.settled_until - WIDEST_OVERLAP
        return Window(since=since) if since < self.changed_since else None


def witnessed(progress: Progress, earliest: datetime | None) -> bool:
    """Whether a row proves that the portal's answer reaches back far enough.

    Filters on a date are monotonous: if a change at or before the settled date was answered, all later ones were,
    whether the bound is inclusive, compared by day, or read in another zone.
    """
    return earliest is not None and progress.settled_until is not None and earliest <= progress.settled_until
