"""What to do where the portal caps its results and announces the cap as the total: read narrower windows (L1)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from chorus.portal.messages import Search
from chorus.tracking.reading import Reader, Reading
from chorus.tracking.windows import VAGUE_MARGIN, Window

SHARP_MARGIN = timedelta(seconds=1)
MOST_SPLITS = 40
"""A year halved 40 times is a fraction of a millisecond."""


class Narrower:
    """Reads again, in parts that are below the cap, a window whose announced total may be one."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def is_honest(self, reading: Reading) -> bool:
        """Whether the two halves of a window add up to the total that it announced: then that is no cap.

        Each must be less than the total, for a half may be capped too.
        """
        gap = self.reader.seen.gap_in_the_middle(reading.number)
        if gap is None:
            return False
        older, newer = (self.reader.count(half) for half in reading.window.split(gap, timedelta(0)))
        return older + newer == reading.total and max(older, newer) < reading.total

    def read(self, reading: Reading) -> bool:
        """Read the window's parts, and theirs, until each is below the cap. False where that cannot be done."""
        return self._read_parts(reading, reading.total, self._margin(reading), depth=0)

    def _read_parts(self, reading: Reading, cap: int, margin: timedelta, depth: int) -> bool:
        seen = self.reader.seen
        parts = reading.window.parts(seen.earliest(reading.number), seen.latest(reading.number), margin)
        if not parts or depth > MOST_SPLITS:
            return False
        covered = [self._read_part(part, cap, margin, depth) for part in parts]  # each, also after a failure
        return all(covered)

    def _read_part(self, part: Window, cap: int, margin: timedelta, depth: int) -> bool:
        reading = self.reader.read(part)
        if reading.total < cap:
            return reading.complete
        return self._read_parts(reading, cap, margin, depth + 1)

    def _margin(self, reading: Reading) -> timedelta:
        """Return how far parts must overlap, tried on one row: a second, unless the portal's bounds are vaguer."""
        row = self.reader.seen.any_row(reading.number)
        if row is None:
            return VAGUE_MARGIN
        number, at = row
        bounds = (Search(changed_since=at - SHARP_MARGIN), Search(changed_until=at + SHARP_MARGIN))
        answers = [self.reader.portal.search(dataclasses.replace(bound, number=number), 1, 1) for bound in bounds]
        return SHARP_MARGIN if all(answer.total for answer in answers) else VAGUE_MARGIN
