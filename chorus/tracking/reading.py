"""Reads windows of the portal's changes: each row at least once, and knows when it has not (L1)."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from akuiteo.fault_points import reached
from chorus.portal.messages import InvoiceStatus, RemoteStatus, Search, SearchPage, StatusHistory
from chorus.tracking.seen import Seen
from chorus.tracking.windows import Window

READINGS = 3
"""Times that a window is read again when rows moved away between its pages."""


FIRST_LOOK = 8
"""The page from which on it is looked at whether pages still bring new rows."""


class Portal(Protocol):
    """What tracking asks of Chorus Pro; `chorus.portal.client.ChorusClient` is one."""

    def search(self, search: Search, page: int, page_size: int) -> SearchPage: ...
    def invoice(self, chorus_id: int) -> InvoiceStatus: ...
    def history(self, chorus_id: int) -> StatusHistory: ...
    @property
    def requests(self) -> int: ...
    @property
    def answered_at(self) -> datetime | None: ...


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """One window, read: its number, what the portal announced, and whether as many distinct rows were seen."""

    number: int
    window: Window
    total: int
    complete: bool


class Reader:
    """Reads windows for one pass over a connection; rows go to `take`, in pages, and are noted in `seen`."""

    def __init__(
        self,
        portal: Portal,
        page_size: int,
        seen: Seen,
        take: Callable[[Sequence[RemoteStatus]], None],
        show: Callable[[int, SearchPage], None],
    ) -> None:
        self.portal = portal
        self.page_size = page_size
        self.seen = seen
        self.take = take
        self.show = show
        self.granted = page_size
        self.largest_total = 0  # of this pass
        self.total_of_all: int | None = None  # as last announced in this pass, if it was
        self.unreadable: list[str] = []
        self.began: datetime | None = None  # the portal's clock cannot have been earlier when this pass began
        self._started = time.monotonic()
        self._readings = 0
        self._rows = 0  # of this reading, when they were last counted

    def read(self, window: Window) -> Reading:
        """Read a window, again where fewer distinct rows came than were announced (rows that moved between pages).

        Each time by itself: rows that have left a window with an end must not make up for others that slipped away.
        """
        total, complete = 0, False
        for _ in range(READINGS):
            self._readings += 1
            total, unreadable = self._read_pages(window)
            complete = self.seen.count(self._readings) + unreadable >= total
            if complete:
                break
        return Reading(self._readings, window, total, complete)

    def read_unless_known(self, window: Window) -> Reading | None:
        """Read a window, unless it announces no more rows than were seen already; None then."""
        known = self.seen.count_all() + len(self.unreadable)
        return self.read(window) if self.count(window) > known else None

    def count(self, window: Window) -> int:
        """Return the announced total of a window."""
        return self.glance(window).total

    def glance(self, window: Window) -> SearchPage:
        """Return one row of a window, which is not taken, and the announced total."""
        return self._page(window, 1, page_size=1)

    def may_be_cap(self, total: int) -> bool:
        """Whether a total may be a cap on the results: not if the portal announces a larger one in this pass.

        What it announced in an earlier run proves nothing, for the cap may be new.
        """
        if total and total >= self.largest_total and self.total_of_all is None:
            self.count(Window())
        return 0 < total >= self.largest_total

    def _read_pages(self, window: Window) -> tuple[int, int]:
        """Return the largest total announced and how many rows could not be read."""
        number, total, unreadable, held = 1, 0, 0, list[RemoteStatus]()
        while True:
            page = self._page(window, number, self.page_size)
            reached("page: read")
            self.show(number, page)
            self._note(page)
            unreadable += len(page.unreadable)
            ready, held = _hold_back([*held, *page.rows])
            self.take(ready)
            if not page.rows and not page.unreadable:
                break  # rows moved away while they were read: the total of the page before tells how many
            total = max(total, page.total)
            if number >= min(page.pages, self._most_pages(page)) or self._goes_round(number):
                break
            number += 1
        self.take(held)
        return total, unreadable

    def _page(self, window: Window, number: int, page_size: int) -> SearchPage:
        page = self.portal.search(window.search(), number, page_size)
        self.largest_total = max(self.largest_total, page.total)
        if window == Window():
            self.total_of_all = page.total
        return page

    def _note(self, page: SearchPage) -> None:
        self.seen.add_rows(page.rows, self._readings)
        self.unreadable.extend(page.unreadable)
        if page.pages > 1:
            self.granted = max(1, min(self.granted, page.page_size))
        dates = [row.since for row in page.rows if row.since]
        if not dates:
            return
        if self.began is None:  # of the very first answer, the rows and the portal's own word need no clock of ours
            self.began = max([*dates, self.portal.answered_at or dates[0]])
            return
        # A row of this page had its date when the portal answered, which was at most so long after the pass began.
        self.began = max(self.began, max(dates) - timedelta(seconds=time.monotonic() - self._started))

    def _most_pages(self, page: SearchPage) -> int:
        """A portal that announces one more page for ever is not followed for ever."""
        return 2 * math.ceil(page.total / max(1, len(page.rows) + len(page.unreadable))) + 10

    def _goes_round(self, number: int) -> bool:
        """Whether the later half of the pages so far brought no new row: the portal boasts, and its pages never end.

        Looked at when their number has doubled, since counting takes long.
        """
        if number < FIRST_LOOK or number & (number - 1):
            return False
        before, self._rows = self._rows, self.seen.count(self._readings)
        return number > FIRST_LOOK and self._rows == before


def _hold_back(rows: list[RemoteStatus]) -> tuple[list[RemoteStatus], list[RemoteStatus]]:
    """Split off the last number's rows: twins with one number may go on on the next page (L7)."""
    last = rows[-1].number if rows else ""
    cut = len(rows)
    while cut and rows[cut - 1].number == last:
        cut -= 1
    return rows[:cut], rows[cut:]
