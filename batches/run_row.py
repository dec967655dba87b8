"""The row of a run: queued by a screen, opened by the process that does the work, ended where that process is gone."""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Mapping, Sequence

from django.db import Error, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from akuiteo.fault_points import reached
from akuiteo.models import User
from batches.locks import is_free
from batches.models import UNENDED, Batch, Level, Outcome, Run, RunLogLine
from batches.outcomes import Ending
from batches.template import UsageError

BEGINS_WITHIN = datetime.timedelta(minutes=1)
"""A process needs seconds to begin; a run that is queued for longer has lost it."""


def queue_run(batch: Batch, user: User, dry_run: bool, companies: Sequence[str], only: Sequence[int]) -> Run:
    """Make the row of a run that a process of its own shall begin."""
    return Run.objects.create(
        batch=batch,
        trigger=Run.Trigger.ADMIN,
        outcome=Outcome.QUEUED,
        started_at=timezone.now(),
        started_by=user,
        dry_run=dry_run,
        companies=list(companies),
        only=list(only),
    )


def find_queued(pk: int, code: str) -> Run:
    """Return a queued run of this batch. Raises UsageError where it is none, or not any more."""
    run = Run.objects.filter(pk=pk, batch__code=code, outcome=Outcome.QUEUED).first()
    if run is None:
        raise UsageError(_not_queued(pk))
    return run


def open_run(batch: Batch, trigger: str, shown: Mapping[str, str]) -> Run:
    """Make the row of a run that begins; the batch's lock must be held.

    `shown` are its parameters, secrets masked. A run that is still there as running lost its process: it becomes
    interrupted.
    """
    with transaction.atomic():
        _interrupt_left_over(batch, dry_run=False)
        run = Run.objects.create(batch=batch, trigger=trigger, started_at=timezone.now(), parameters=dict(shown))
        reached("run: in the transaction")
    reached("run: open")
    return run


def take_over(queued: Run, shown: Mapping[str, str]) -> Run:
    """Let a queued run begin, as `open_run` does; the lock of its kind must be held.

    Raises UsageError where somebody has ended it meanwhile.
    """
    begun = {"outcome": Outcome.RUNNING, "started_at": timezone.now(), "parameters": dict(shown)}
    with transaction.atomic():
        _interrupt_left_over(queued.batch, queued.dry_run, but=queued)
        if not Run.objects.filter(pk=queued.pk, outcome=Outcome.QUEUED).update(**begun):
            raise UsageError(_not_queued(queued.pk))
        reached("queued run: in the transaction")
    reached("queued run: taken over")
    batch = queued.batch
    queued.refresh_from_db()
    queued.batch = batch  # known, whatever becomes of the database: the error mail names it
    return queued


def end_queued(pk: int, code: str, ending: Ending, sentence: str) -> None:
    """End a queued run that could not begin. Where the database is away too, whoever looks next ends it."""
    ended = {"outcome": ending.outcome, "exit_code": ending.exit_code, "summary": sentence, "ended_at": timezone.now()}
    with contextlib.suppress(Error), transaction.atomic():
        run = Run.objects.filter(pk=pk, batch__code=code, outcome=Outcome.QUEUED).first()
        if run is None or is_in_other_hands(run):
            return
        if Run.objects.filter(pk=pk, outcome=Outcome.QUEUED).update(**ended):
            for error in ending.errors:
                _write_error(pk, str(error))


def interrupt(pk: int, words: str) -> None:
    """End a run whose process is gone, unless it has ended."""
    ended = {"outcome": Outcome.INTERRUPTED, "ended_at": timezone.now(), "summary": words}
    with transaction.atomic():
        if Run.objects.filter(pk=pk, outcome__in=UNENDED).update(**ended):
            _write_error(pk, words)


def is_in_other_hands(run: Run) -> bool:
    """Tell whether another process works on this run, or may be about to begin it: the same run, started twice.

    Not so where the lock is free, or held for a run that is another one. Who asks must not hold it.
    """
    if is_free(run.batch, run.dry_run):
        return False
    running = Run.objects.filter(batch=run.batch, dry_run=run.dry_run, outcome=Outcome.RUNNING)
    return not running.exclude(pk=run.pk).exists()


def is_overdue(run: Run) -> bool:
    """Tell whether a queued run should have begun by now."""
    return run.outcome == Outcome.QUEUED and run.started_at < timezone.now() - BEGINS_WITHIN


def is_lost(run: Run) -> bool:
    """Tell whether the process of a running run is gone: the lock that it would hold is free.

    The batch's next run marks it as interrupted; asking changes nothing.
    """
    if run.outcome != Outcome.RUNNING or not is_free(run.batch, run.dry_run):
        return False
    # It may have ended after it was read: a run closes its row before it releases the lock.
    return Run.objects.filter(pk=run.pk, outcome=Outcome.RUNNING).exists()


def _interrupt_left_over(batch: Batch, dry_run: bool, but: Run | None = None) -> None:
    overdue = Q(outcome=Outcome.QUEUED, started_at__lt=timezone.now() - BEGINS_WITHIN)
    for run in Run.objects.filter(Q(outcome=Outcome.RUNNING, dry_run=dry_run) | overdue, batch=batch):
        if run != but:
            interrupt(run.pk, _never_begun() if run.outcome == Outcome.QUEUED else _killed())


def _write_error(pk: int, text: str) -> None:
    RunLogLine.objects.create(run_id=pk, at=timezone.now(), level=Level.ERROR, text=text)


def _killed() -> str:
    return _("The process ended without closing this run: it was killed, or the machine stopped.")


def _never_begun() -> str:
    return _("The process of this run has never begun: it was killed, or the machine stopped. Run it again.")


def _not_queued(pk: int) -> str:
    return _("Run %(run)s does not wait to begin: it has begun or ended, or does not exist.") % {"run": pk}
