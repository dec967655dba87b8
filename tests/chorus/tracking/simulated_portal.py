"""A portal in memory, as awkward as it may be, with a clock of its own. It counts the calls that it gets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from chorus.portal.messages import (
    HistoryEntry,
    InvoiceStatus,
    RemoteStatus,
    Search,
    SearchPage,
    StatusHistory,
)

MIDNIGHT = datetime(2026, 10, 1, tzinfo=UTC)
BEGIN = MIDNIGHT + timedelta(hours=8)


@dataclasses.dataclass
class Manners:
    """What is not documented of the portal, and may differ."""

    page_cap: int = 1000
    total_cap: int | None = None
    cap_before_sorting: bool = False
    inclusive: bool = True
    by_day: bool = False
    clock_shift: timedelta = timedelta(0)
    heeds_upper_bound: bool = True
    tells_time: bool = False
    dates_cut_to: timedelta = timedelta(microseconds=1)
    order: str = "number"
    """As asked for; or, ignoring that, "oldest change" or "newest change" first: rows then move when they change."""


class SimulatedPortal:
    """Rows by Chorus id; `between_pages` is called before each page but the first of a search.

    `step` is how far its clock goes on before each change; zero puts changes in one moment.
    """

    def __init__(self, manners: Manners | None = None) -> None:
        self.manners = manners or Manners()
        self.rows: dict[int, RemoteStatus] = {}
        self.reasons: dict[tuple[int, str], str] = {}
        self.now = BEGIN
        self.step = timedelta(seconds=20)
        self.calls: list[str] = []
        self.between_pages: Callable[[], None] = lambda: None

    @property
    def requests(self) -> int:
        return len(self.calls)

    @property
    def answered_at(self) -> datetime | None:
        return self.now.replace(microsecond=0) if self.manners.tells_time else None

    def deposit(self, number: str, supplier: str, code: str = "DEPOSEE", flow: str = "", comment: str = "") -> int:
        chorus_id = len(self.rows) + 1
        self.rows[chorus_id] = RemoteStatus(chorus_id, number, supplier, flow, code, self._date(), comment)
        return chorus_id

    def move(self, chorus_id: int, code: str, comment: str = "") -> None:
        row = self.rows[chorus_id]
        self.rows[chorus_id] = dataclasses.replace(row, code=code, since=self._date(), comment=comment)

    def move_together(self, chorus_ids: Iterable[int], code: str) -> datetime:
        """Move rows in one moment, a step from now; return it."""
        moment = self.tick(self.step)
        usual, self.step = self.step, timedelta(0)
        for chorus_id in chorus_ids:
            self.move(chorus_id, code)
        self.step = usual
        return moment

    def tick(self, step: timedelta = timedelta(seconds=20)) -> datetime:
        self.now += step
        return self.now

    def _date(self) -> datetime:
        """Return the date of a change that happens now, as this portal writes it."""
        self.tick(self.step)
        return self.now - (self.now - MIDNIGHT) % self.manners.dates_cut_to

    def search(self, search: Search, page: int, page_size: int) -> SearchPage:
        self.calls.append("search")
        if page > 1:
            self.between_pages()
        found = [row for row in self.rows.values() if self._fits(row, search)]
        if self.manners.cap_before_sorting:
            found = found[: self.manners.total_cap]
        found.sort(key=self._position)
        found = found[: self.manners.total_cap]
        granted = min(page_size, self.manners.page_cap)
        rows = tuple(found[(page - 1) * granted : page * granted])
        return SearchPage(rows, (), page, math.ceil(len(found) / granted), granted, len(found))

    def invoice(self, chorus_id: int) -> InvoiceStatus:
        self.calls.append("invoice")
        row = self.rows[chorus_id]
        return InvoiceStatus(chorus_id, row.number, row.code)

    def history(self, chorus_id: int) -> StatusHistory:
        self.calls.append("history")
        row = self.rows[chorus_id]
        reason = self.reasons.get((chorus_id, row.code), "")
        return StatusHistory(chorus_id, row.code, (HistoryEntry(row.code, row.since, reason),))

    def _position(self, row: RemoteStatus) -> Any:
        assert row.since is not None
        since = row.since.timestamp()
        return {"number": row.number, "oldest change": since, "newest change": -since}[self.manners.order]

    def _fits(self, row: RemoteStatus, search: Search) -> bool:
        if search.number and row.number != search.number:
            return False
        if search.flow_number and row.flow_number != search.flow_number:
            return False
        assert row.since is not None
        since_fits = search.changed_since is None or self._reaches(search.changed_since, row.since)
        if search.changed_until is None or not self.manners.heeds_upper_bound:
            return since_fits
        return since_fits and self._reaches(row.since, search.changed_until, -1)

    def _reaches(self, earlier: datetime, later: datetime, sign: int = 1) -> bool:
        """Compare a bound with a row's date, as this portal reads and compares them."""
        if sign > 0:
            earlier += self.manners.clock_shift
        else:
            later += self.manners.clock_shift
        if self.manners.by_day:
            earlier, later = (_midnight(moment) for moment in (earlier, later))
        return earlier <= later if self.manners.inclusive else earlier < later


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
