"""What tracking reads from and writes to the database. The only place that writes a Chorus status."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from django.db import DataError, IntegrityError, connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from akuiteo.contention import RETRIES, ContendedError, locks_everything, short_transaction
from akuiteo.fault_points import reached
from batches.models import Run
from chorus.models import Company, Invoice, StatusChange, Watermark
from chorus.portal.messages import RemoteStatus
from chorus.statuses import ChorusStatus, DematerializationStatus
from chorus.tracking.seen import Seen
from chorus.tracking.states import Change, InvoiceState, Rules
from chorus.tracking.windows import Progress, Shortcut

CHUNK = 500
REASON_FIELDS = ("pk", "company__code", "number", "chorus_id", "chorus_status")
STATE_FIELDS = (
    "pk", "company__code", "company__siret", "number", "customer", "flow_number", "chorus_id", "chorus_status",
    "chorus_status_at", "tracking_reopened", "ask_by_number", "missing_since", "manager_id",
)  # fmt: skip

# By hand: that Django compiles these anew for each invoice would take longer than all the rest of a run.
UPDATE_INVOICE = """
UPDATE chorus_invoice SET
    chorus_id = %s, chorus_status = %s, chorus_status_at = %s, chorus_comment = %s, reason_due = %s,
    chorus_checked_at = %s, tracking_reopened = FALSE, ask_by_number = FALSE, missing_since = NULL,
    flow_number = CASE flow_number WHEN '' THEN %s ELSE flow_number END,
    dematerialization_status = COALESCE(%s, dematerialization_status)
WHERE id = %s AND chorus_status = %s
"""
INSERT_STATUS_CHANGE = """
INSERT INTO chorus_statuschange (invoice_id, run_id, old, new, at, comment, seen_at, alert_due)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclasses.dataclass(frozen=True, slots=True)
class ReasonDue:
    """An invoice of which the buyer's reason is still to be read."""

    pk: int
    company: str
    number: str
    chorus_id: int
    code: str


def followed(companies: Iterable[Company], rules: Rules) -> QuerySet[Invoice]:
    """The dematerialized, transmitted invoices whose Chorus status is empty or not final, and the reopened ones."""
    open_ones = Q(dematerialization_status=DematerializationStatus.TRANSMITTED) & ~Q(chorus_status__in=rules.final)
    return Invoice.objects.filter(
        open_ones | Q(tracking_reopened=True), company__in=list(companies), dematerialized=True
    )


class Ledger:
    """The invoices of the companies of one connection, for one run; `only` narrows it to those of these keys."""

    def __init__(
        self, companies: Sequence[Company], rules: Rules, run: Run | None, seen: Seen, only: Sequence[int] = ()
    ) -> None:
        self.companies = companies
        self.rules = rules
        self.run = run
        self.seen = seen
        self.only = only
        self.is_behind = False
        """Whether something could not be written because others had it locked: the next run reads all of it again."""

    def followed(self) -> QuerySet[Invoice]:
        invoices = followed(self.companies, self.rules)
        return invoices.filter(pk__in=self.only) if self.only else invoices

    def totals(self) -> dict[str, int]:
        """Return how many invoices are followed, and of these: unknown (no status yet), missing on the portal."""
        return self.followed().aggregate(
            followed=Count("pk"),
            unknown=Count("pk", filter=Q(chorus_status="")),
            missing=Count("pk", filter=Q(missing_since__isnull=False)),
        )

    def states(self, rows: Sequence[RemoteStatus]) -> list[InvoiceState]:
        """Return the followed invoices that one of these rows may be, at most a few queries."""
        suppliers = {row.supplier for row in rows}
        companies = [company.pk for company in self.companies if company.siret in suppliers]
        by_id = self.followed().filter(chorus_id__in=[row.chorus_id for row in rows])
        by_number = self.followed().filter(
            company__in=companies, chorus_id__isnull=True, number__in={row.number for row in rows}
        )
        return [*self._read(by_id), *(self._read(by_number) if companies else ())]

    def to_ask(self, again: Sequence[int], once_a_day: bool) -> QuerySet[Invoice]:
        """The invoices to be asked for by number: new, reopened, unclear in this run.

        Once a day those that are missing, too, and those in a status that we do not know: a portal that takes a wrong
        code back may leave its date as it is, so that no window shows it.
        """
        wanted = Q(ask_by_number=True) | Q(pk__in=again)
        if once_a_day:
            wanted |= Q(missing_since__isnull=False) | ~Q(chorus_status__in=("", *ChorusStatus.values))
        return self.followed().filter(wanted)

    def unmatched(self, invoices: QuerySet[Invoice]) -> Iterator[InvoiceState]:
        """Yield those that this run has not matched yet, by key and in chunks: memory stays flat (L6)."""
        last = 0
        while chunk := self._read(invoices.filter(pk__gt=last).order_by("pk")[:CHUNK]):
            last = chunk[-1].pk
            matched = self.seen.codes(state.pk for state in chunk)
            yield from (state for state in chunk if state.pk not in matched)

    def known(self) -> QuerySet[Invoice]:
        """The followed invoices that the portal is believed to know."""
        return self.followed().filter(missing_since__isnull=True)

    def reasons_due(self) -> Iterator[ReasonDue]:
        """Yield, by key and in chunks, what the buyer's reason is still to be read for."""
        due = Invoice.objects.filter(company__in=self.companies, reason_due=True, chorus_id__isnull=False)
        if self.only:
            due = due.filter(pk__in=self.only)
        last = 0
        while chunk := list(due.filter(pk__gt=last).order_by("pk").values_list(*REASON_FIELDS)[:CHUNK]):
            last = chunk[-1][0]
            yield from (ReasonDue(*values) for values in chunk)

    def missing_deposited_until(self, latest: datetime.date) -> QuerySet[Invoice]:
        """The followed invoices that the portal does not know, deposited (else dated) on this day or before."""
        missing = self.followed().filter(missing_since__isnull=False)
        return missing.annotate(deposit=Coalesce("deposited_on", "date")).filter(deposit__lte=latest)

    def write(self, changes: Sequence[Change]) -> tuple[list[Change], list[tuple[Change, str]]]:
        """Write changes, each if the stored status is still the old one; return the written and the failed ones.

        One short transaction, or one each where the database refuses one of them or others have it locked.
        """
        if not changes:
            return [], []
        reached("page: about to be written")
        try:
            return short_transaction(lambda: self._write_all(changes)), []
        except (IntegrityError, DataError):
            return self._write_each(changes)
        except ContendedError as error:
            self.is_behind = True
            if locks_everything():
                return [], [(change, str(error)) for change in changes]
            return self._write_each(changes)

    def confirm(self, pairs: Sequence[tuple[InvoiceState, RemoteStatus]]) -> None:
        """Note that the portal knows these invoices, where that is news."""
        ids = [(state.pk, row.chorus_id) for state, row in pairs if state.chorus_id is None]
        stale = [state.pk for state, _ in pairs if state.asked_by_number or state.missing]

        def work() -> None:
            for pk, chorus_id in ids:
                Invoice.objects.filter(pk=pk, chorus_id__isnull=True).update(chorus_id=chorus_id)
            Invoice.objects.filter(pk__in=stale).update(ask_by_number=False, missing_since=None)

        if ids or stale:
            self._note(work)

    def mark_missing(self, state: InvoiceState) -> None:
        def work() -> None:
            Invoice.objects.filter(pk=state.pk, missing_since__isnull=True).update(missing_since=timezone.now())
            reached("missing invoice: in the transaction")
            Invoice.objects.filter(pk=state.pk).update(ask_by_number=False)

        self._note(work)

    def ask_again(self, pk: int) -> None:
        """Ask for this invoice by number in the next run, since this one could not settle it."""
        self._note(lambda: Invoice.objects.filter(pk=pk).update(ask_by_number=True))

    def add_reason(self, due: ReasonDue, reason: str) -> None:
        """Add what the buyer wrote, also to the status change (once the reason was asked for, it is not again)."""

        def work() -> None:
            Invoice.objects.filter(pk=due.pk).update(chorus_comment=reason, reason_due=False)
            reached("reason: in the transaction")
            latest = StatusChange.objects.filter(invoice=due.pk, new=due.code).order_by("-pk").values("pk")[:1]
            StatusChange.objects.filter(pk__in=list(latest.values_list("pk", flat=True)), comment="").update(
                comment=reason
            )

        self._note(work)

    def mark_checked(self) -> None:
        """Note when the portal was asked; not of those that this run could not settle."""
        settled = self.followed().filter(ask_by_number=False)
        self._note(lambda: settled.update(chorus_checked_at=timezone.now()))

    def progress(self, account: str) -> Progress:
        """Return how far the changes were read for all the companies; not at all, if not for one of them."""
        marks = list(Watermark.objects.filter(company__in=self.companies, account=account))
        asked_today = bool(marks) and all(mark.missing_asked_on == _today() for mark in marks)
        since = [mark.changed_since for mark in marks if mark.changed_since]
        settled = [mark.settled_until for mark in marks if mark.settled_until]
        shortcuts = {_shortcut(mark) for mark in marks}
        largest = max((mark.largest_total for mark in marks), default=0)
        if len(since) < len(self.companies) or len(settled) < len(self.companies):
            return Progress(largest_total=largest, asked_today=asked_today)
        shortcut = shortcuts.pop() if len(shortcuts) == 1 else None
        return Progress(min(since), min(settled), largest, asked_today, shortcut)

    def save_progress(self, account: str, progress: Progress) -> None:
        """Move the watermarks (L4): the last thing that a run does on a connection. Not while it is behind."""
        values = {
            "account": account,
            "changed_since": progress.changed_since,
            "settled_until": progress.settled_until,
            "shortcut_since": progress.shortcut and progress.shortcut.since,
            "shortcut_rows": progress.shortcut.rows if progress.shortcut else 0,
            "largest_total": progress.largest_total,
            "missing_asked_on": _today(),
        }

        def work() -> None:
            for company in self.companies:
                Watermark.objects.update_or_create(company=company, defaults=values)
                reached("watermark: in the transaction")

        if not self.is_behind:
            self._note(work)

    def _note(self, work: Callable[[], object]) -> None:
        """Write what the next run can find out again: where others have it locked, that is left to it."""
        if self.is_behind and locks_everything():
            return
        try:
            short_transaction(work)
        except ContendedError:
            self.is_behind = True

    def _read(self, invoices: QuerySet[Invoice]) -> list[InvoiceState]:
        return [_state(values) for values in invoices.values_list(*STATE_FIELDS)]

    def _write_all(self, changes: Sequence[Change]) -> list[Change]:
        now = _stored(timezone.now())
        with connection.cursor() as cursor:
            written = [change for change in changes if _update(cursor, change, now)]
            reached("page: invoices written, in the transaction")
            cursor.executemany(INSERT_STATUS_CHANGE, [_status_change(change, self.run, now) for change in written])
            reached("page: in the transaction")
        return written

    def _write_each(self, changes: Sequence[Change]) -> tuple[list[Change], list[tuple[Change, str]]]:
        written, failed = [], []
        for change in changes:
            try:
                # Of a page that others had locked for so long, each invoice is tried once more.
                written += short_transaction(partial(self._write_all, [change]), 0 if self.is_behind else RETRIES)
            except (IntegrityError, DataError, ContendedError) as error:
                self.is_behind |= isinstance(error, ContendedError)
                failed.append((change, str(error)))
        return written, failed


def _state(values: tuple[Any, ...]) -> InvoiceState:
    *known, missing_since, manager = values
    return InvoiceState(*[*known, missing_since is not None, manager])


def _shortcut(mark: Watermark) -> Shortcut | None:
    return Shortcut(mark.shortcut_since, mark.shortcut_rows) if mark.shortcut_since else None


def _update(cursor: CursorWrapper, change: Change, now: str | datetime.datetime) -> bool:
    """Return whether the invoice still had the old status, and so was changed."""
    values = (change.chorus_id, change.new, _stored(change.since), change.comment, change.reason_due, now)
    dematerialization = change.dematerialization and change.dematerialization.value
    key = (change.invoice.pk, change.old)
    cursor.execute(UPDATE_INVOICE, (*values, change.flow_number, dematerialization, *key))
    return bool(cursor.rowcount)


def _status_change(change: Change, run: Run | None, now: str | datetime.datetime) -> tuple[Any, ...]:
    run_pk, since = run and run.pk, _stored(change.since)
    return (change.invoice.pk, run_pk, change.old, change.new, since, change.comment, now, change.alert)


def _stored(at: datetime.datetime | None) -> Any:
    """Return a time as the database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(at)


def _today() -> datetime.date:
    return timezone.localdate()
