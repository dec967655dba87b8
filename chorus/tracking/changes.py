"""Reads what changed since the last run, and makes sure that the portal's answer reaches back far enough (L1)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from chorus.tracking.reading import Reader, Reading
from chorus.tracking.windows import EPOCH, MILLISECOND, Progress, Shortcut, Window, witnessed

QUARTER = timedelta(minutes=15)


def read_changes(reader: Reader, progress: Progress) -> Reading:
    """Read the next window, which overlaps with the last; a wider one where nothing proves that it reaches back."""
    shortcut, wide = progress.shortcut, progress.wide_window()
    if shortcut and wide:
        reading = reader.read(Window(since=shortcut.since))
        # As many rows as were left out may be these rows, changed: then none may be left to be counted.
        if reading.total < shortcut.rows:
            if _leaves_out_the_same(reader, progress.window(), shortcut):
                return reading
            reading = reader.read(progress.window())
    else:
        reading = reader.read(progress.window())
    if wide is None or witnessed(progress, reader.seen.earliest(reading.number)) or _is_exact(reader, reading):
        return reading
    return reader.read_unless_known(wide) or dataclasses.replace(reading, window=wide)


def _leaves_out_the_same(reader: Reader, window: Window, shortcut: Shortcut) -> bool:
    """Whether a shortcut leaves out what it should: rows that were read before, and nothing after them.

    That a row before it is answered between the window's beginning and its own proves that the portal reads bounds no
    later than they are meant; that such rows are not more than before, that none has joined them.
    """
    left_out = reader.glance(Window(window.since, shortcut.since))
    dates = [row.since for row in left_out.rows if row.since]
    return bool(dates) and dates[0] < shortcut.since and left_out.total <= shortcut.rows


def _is_exact(reader: Reader, reading: Reading) -> bool:
    """Whether the portal takes bounds as they are meant: asked since just before the first row, it has them all again.

    A portal that compares by day would pass at midnight, which in some zone is at any quarter of an hour, and one that
    caps its results would always pass.
    """
    first = reader.seen.earliest(reading.number)
    if first is None or not (first - EPOCH) % QUARTER or reader.may_be_cap(reading.total):
        return False
    return reader.count(Window(since=first - MILLISECOND)) >= reading.total
