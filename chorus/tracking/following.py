"""One connection, followed once: read the changes, ask for the latecomers, write, count."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from akuiteo.fault_points import reached
from chorus.portal.errors import UnexpectedAnswer
from chorus.portal.messages import HistoryEntry, RemoteStatus, Search, SearchPage
from chorus.statuses import ChorusStatus
from chorus.tracking.advancing import next_progress
from chorus.tracking.changes import read_changes
from chorus.tracking.decide import decide
from chorus.tracking.ledger import Ledger
from chorus.tracking.matching import Matches, match, words_of_ambiguous
from chorus.tracking.narrowing import Narrower
from chorus.tracking.reading import Portal, Reader, Reading
from chorus.tracking.reasons import read_reasons
from chorus.tracking.reporting import Reporter
from chorus.tracking.states import Change, InvoiceState
from chorus.tracking.windows import Progress, Window

KNOWN_STATUSES = frozenset(ChorusStatus.values)
MOST_NAMED = 100
"""Missing invoices named in the log of a run; the others are counted, and found by a filter of the admin."""


class Following:
    """Follows the invoices of the companies of one connection. `name` is the companies, for messages."""

    def __init__(self, name: str, account: str, portal: Portal, ledger: Ledger, reporter: Reporter) -> None:
        self.name = name
        self.account = account
        self.portal = portal
        self.ledger = ledger
        self.reporter = reporter
        self.seen = ledger.seen
        self.reader = Reader(portal, settings.CHORUS_PAGE_SIZE, self.seen, self._take, self._show)
        self._unclear: list[int] = []
        self._not_known = 0
        self._checked_before = reporter.tally.checked
        self._told: set[str] = set()
        self._all_seen = False  # whether this run has seen all that the portal has, so that absence is known

    def follow(self) -> None:
        """Follow until all is read. Raises PortalError where the connection cannot go on; what was written stays."""
        totals = self.ledger.totals()
        try:
            if self.ledger.only:
                self._ask_for_these()
            elif totals["followed"]:
                self._read_portal(totals["followed"] - totals["missing"])
        finally:
            self._count_checked(self.seen.matched())
        unknown = totals["unknown"] - self.seen.matched_unknown_before()
        if not self.ledger.only:
            self._count_checked(totals["followed"] - unknown)
        self.reporter.tally.missing += totals["missing"] - self.seen.matched_missing_before() + self._not_known
        self._warn_of_missing()
        read_reasons(self.ledger, self.portal, self.reporter)
        if self.ledger.is_behind:
            words = _("%(companies)s: others kept invoices locked in the database; the next run reads them again.")
            self.reporter.log.warn(words % {"companies": self.name})

    def _checkpoint(self) -> None:
        self._count_checked(self.seen.matched())
        self.reporter.checkpoint()

    def _count_checked(self, invoices: int) -> None:
        """Count these for this connection, whatever was counted for it before."""
        self.reporter.tally.checked = self._checked_before + invoices

    def _ask_for_these(self) -> None:
        """Ask for the invoices that the run is narrowed to: no window is read, and no watermark moves."""
        for state in self.ledger.unmatched(self.ledger.followed()):
            self._ask(state)
        self.ledger.mark_checked()

    def _read_portal(self, expected: int) -> None:
        """`expected`: how many followed invoices the portal is believed to know."""
        progress = self.ledger.progress(self.account)
        if progress.changed_since is None:
            window, everything_read = Window(), self._read_everything(expected)
        else:
            window, everything_read = self._read_changes(progress, expected)
        reached("changes: read")
        self._ask_by_number(progress, expected, swept=window == Window())
        reached("numbers: asked")
        if everything_read:
            self.ledger.save_progress(self.account, next_progress(self.reader, progress, window))
            reached("watermark: saved")
        self.ledger.mark_checked()
        reached("time of asking: noted")

    def _read_everything(self, expected: int) -> bool:
        """Read all rows once; what a cap may hide is found in parts, or asked for one by one where that is less."""
        reading = self.reader.read(Window())
        hidden = expected - self.seen.matched_not_missing_before()
        self._all_seen = reading.total == 0
        if hidden > self._pages(reading.total) and not self._all_seen:
            narrower = Narrower(self.reader)
            self._all_seen = narrower.is_honest(reading) or narrower.read(reading)
        if hidden:
            self._ask_for_all()
        return self._is_read(reading)

    def _read_changes(self, progress: Progress, expected: int) -> tuple[Window, bool]:
        """Read the rows that changed since the last run. Return the window, and whether all of it was read."""
        reading = read_changes(self.reader, progress)
        if self._may_be_capped(reading, expected) and not self._read_behind_cap(reading):
            self._ask_for_all()
        return reading.window, self._is_read(reading)

    def _may_be_capped(self, reading: Reading, expected: int) -> bool:
        """A total is no cap if no followed invoice is left to be hidden, either."""
        return self.seen.matched_not_missing_before() < expected and self.reader.may_be_cap(reading.total)

    def _read_behind_cap(self, reading: Reading) -> bool:
        """Make sure that a window's rows were all seen; where that cannot be, say so."""
        narrower = Narrower(self.reader)
        if narrower.is_honest(reading) or narrower.read(reading):
            return True
        self.reporter.log.warn(
            _("%(companies)s: the portal shows no more than %(total)d results; all open invoices are asked one by one.")
            % {"companies": self.name, "total": reading.total}
        )
        return False

    def _ask_for_all(self) -> None:
        for state in self.ledger.unmatched(self.ledger.known()):
            self._ask(state)

    def _is_read(self, reading: Reading) -> bool:
        """Whether the watermark may move; if not, the next run reads the same window again."""
        unreadable, self.reader.unreadable = self.reader.unreadable, []
        self._tell_unreadable(unreadable)
        if not reading.complete:
            self.reporter.log.warn(
                _("%(companies)s: rows moved while they were read; the next run reads them again.")
                % {"companies": self.name}
            )
        return reading.complete and not unreadable

    def _tell_unreadable(self, sentences: Sequence[str]) -> None:
        """Tell each row that cannot be read once, however often it came."""
        for sentence in dict.fromkeys(sentences):
            if sentence not in self._told:
                self._told.add(sentence)
                self.reporter.error(sentence, company=self.name)

    def _ask_by_number(self, progress: Progress, expected: int, swept: bool) -> None:
        """Ask for what the changes cannot show (L3), or read everything where that takes fewer calls."""
        wanted = self.ledger.to_ask(self._unclear, once_a_day=not progress.asked_today)
        if not swept and wanted.count() > self._pages(progress.largest_total):
            self._read_everything(expected)
        for state in self.ledger.unmatched(wanted):
            self._ask(state)

    def _ask(self, state: InvoiceState) -> None:
        self.seen.set_aside(state.pk)
        try:
            found = self._find(state)
        except UnexpectedAnswer as error:
            self.ledger.ask_again(state.pk)
            self.reporter.error(str(error), state.company, state.number)
        else:
            if not found:
                self._not_known += not state.missing
                self.ledger.mark_missing(state)
                self.reporter.log.log(
                    _("%(company)s %(number)s: not known to the portal.")
                    % {"company": state.company, "number": state.number}
                )
        self._checkpoint()

    def _find(self, state: InvoiceState) -> bool:
        """Ask the portal for one invoice; return whether it knows it, be it ambiguously."""
        if self._all_seen and state.chorus_id is None and not self.seen.has_number(state.number):
            return False
        found, unreadable = self._rows(Search(number=state.number))
        self._tell_unreadable(unreadable)
        matches = match([state], found, all_rows=True)
        if unreadable and not matches.pairs:
            self.ledger.ask_again(state.pk)
            return True
        for _invoice, several in matches.ambiguous:
            self.ledger.ask_again(state.pk)
            self.reporter.error(words_of_ambiguous(several), state.company, state.number)
        pairs = matches.pairs or ([] if matches.ambiguous else self._find_by_id(state))
        self._settle(pairs)
        return bool(pairs or matches.ambiguous)

    def _find_by_id(self, state: InvoiceState) -> list[tuple[InvoiceState, RemoteStatus]]:
        """Where the portal has another number than the ERP, its own key of the invoice still leads there."""
        if state.chorus_id is None:
            return []
        try:
            invoice = self.portal.invoice(state.chorus_id)
        except UnexpectedAnswer as error:
            self.reporter.log.warn(f"{state.company} {state.number}: {error}")
            return []
        newest = next((entry for entry in self._history(state) if entry.code == invoice.code), None)
        since, comment = (newest.at, newest.comment) if newest else (None, "")
        row = RemoteStatus(state.chorus_id, invoice.number, state.supplier, "", invoice.code, since, comment)
        return [(state, row)]

    def _history(self, state: InvoiceState) -> Sequence[HistoryEntry]:
        """Return nothing where the portal stumbles over it: the status is known, and counts without its date."""
        try:
            return self.portal.history(state.chorus_id or 0).entries
        except UnexpectedAnswer as error:
            self.reporter.log.warn(f"{state.company} {state.number}: {error}")
            return ()

    def _rows(self, search: Search) -> tuple[list[RemoteStatus], list[str]]:
        """Return all rows of a search, and a sentence for each that cannot be read."""
        pages = [self.portal.search(search, 1, settings.CHORUS_PAGE_SIZE)]
        for number in range(2, pages[0].pages + 1):
            pages.append(self.portal.search(search, number, settings.CHORUS_PAGE_SIZE))
        return [row for each in pages for row in each.rows], [text for each in pages for text in each.unreadable]

    def _take(self, rows: Sequence[RemoteStatus]) -> None:
        """Take a page's rows: match, decide, write, in one short transaction (L5)."""
        matches = match(self.ledger.states(rows), rows) if rows else Matches([], [])
        self._unclear += [state.pk for state, _ in matches.ambiguous]
        self._settle(matches.pairs)
        self._checkpoint()

    def _settle(self, pairs: Sequence[tuple[InvoiceState, RemoteStatus]]) -> None:
        decided = [(state, row, decide(state, row, self.ledger.rules)) for state, row in pairs]
        written, failed = self.ledger.write([change for _, _, change in decided if change])
        reached("page: committed")
        self.ledger.confirm([(state, row) for state, row, change in decided if not change])
        for change, reason in failed:
            self.seen.set_aside(change.invoice.pk)
            self.ledger.ask_again(change.invoice.pk)
            self.reporter.error(reason, change.invoice.company, change.invoice.number)
        unwritten = {change.invoice.pk for change, _ in failed}
        self.seen.add_invoices(
            (state.pk, row.code, not state.code, state.missing) for state, row in pairs if state.pk not in unwritten
        )
        for change in written:
            self._tell(change)

    def _tell(self, change: Change) -> None:
        self.reporter.tally.changed += 1
        self.reporter.tally.final += change.final
        names = {"company": change.invoice.company, "number": change.invoice.number}
        self.reporter.log.log(
            _("%(company)s %(number)s: %(old)s -> %(new)s") % {**names, "old": change.old or "-", "new": change.new}
        )
        if change.new not in KNOWN_STATUSES:
            self.reporter.log.warn_once(
                change.new,
                _("The portal uses the status %(code)s, which this version does not know: it is stored as it is.")
                % {"code": change.new},
            )
        self.reporter.changed(change)

    def _warn_of_missing(self) -> None:
        """Absent is an error only some days after the deposit (L8)."""
        latest = timezone.localdate() - timedelta(days=settings.CHORUS_MISSING_AFTER_DAYS)
        missing = self.ledger.missing_deposited_until(latest)
        for invoice in missing.select_related("company").order_by("pk")[:MOST_NAMED]:
            self.reporter.log.warn(
                _("%(company)s %(number)s: unknown to the portal more than %(days)d days after its deposit.")
                % {
                    "company": invoice.company.code,
                    "number": invoice.number,
                    "days": settings.CHORUS_MISSING_AFTER_DAYS,
                }
            )
        others = missing.count() - MOST_NAMED
        if others > 0:
            self.reporter.log.warn(
                _("… and %(count)d more; see the filter “missing” of the invoices.") % {"count": others}
            )

    def _show(self, number: int, page: SearchPage) -> None:
        self.reporter.progress(
            _("%(companies)s: page %(page)d of %(pages)d, %(total)d rows, %(changed)d changes")
            % {
                "companies": self.name,
                "page": number,
                "pages": max(page.pages, 1),
                "total": page.total,
                "changed": self.reporter.tally.changed,
            }
        )

    def _pages(self, rows: int) -> int:
        return math.ceil(rows / self.reader.granted)
