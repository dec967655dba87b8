"""Runs a batch: locks it, opens a run, has the work done, closes the run whatever happens, sends the mail that is due.

The only caller of batch templates, by way of `execution`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from django.db import Error, InterfaceError, OperationalError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from akuiteo.fault_points import reached
from batches import outcomes, registry
from batches.delivery import Delivery, deliver_due
from batches.execution import Execution, Request, execute, ignore, prepare
from batches.locks import LockedError, LockUnusableError, lock_batch
from batches.models import Batch, Outcome, Run
from batches.opening import find_batch, read_parameters
from batches.outcomes import Ending, ExitCode, RefusedError, RunResult
from batches.plain_text import one_line
from batches.registry import UnknownTemplateError
from batches.run_row import end_queued, find_queued, open_run, take_over
from batches.stop import Stop
from batches.summary import sentence
from batches.template import BatchTemplate, Stopped, UsageError
from batches.terminal import Console
from batches.times import line_time
from batches.times import shown as shown_time


def run(
    batch: Batch | str,
    trigger: str,
    *,
    companies: Sequence[str] = (),
    dry_run: bool = False,
    wait: float = 0.0,
    stop: threading.Event | None = None,
    show: Callable[[str], None] = ignore,
    progress: Callable[[str], None] = ignore,
    console: Console | None = None,
    queued: int | None = None,
) -> RunResult:
    """Run a batch and return how that ended; raises nothing that an operator could mend.

    `companies` narrows the run, `wait` is how many seconds another run of this batch is waited for, `show` takes the
    lines of a dry run, `progress` short texts on where the work is, `console` the lines of the log. A dry run needs
    no lock, writes nothing and sends nothing. `queued` is the key of a run that a screen has asked for: it is this
    run, and says itself whether it is dry, and what it is narrowed to; a dry one keeps its log and its counts.
    """
    request = Request(
        trigger,
        tuple(companies),
        dry_run=dry_run,
        wait=wait,
        stop=stop or Stop(),
        show=show,
        progress=progress,
        console=console,
    )
    try:
        if queued is not None:
            request = _as_queued(request, find_queued(queued, str(batch)))
        return _run(find_batch(batch) if isinstance(batch, str) else batch, request)
    except UsageError as error:
        ending = outcomes.refused(ExitCode.USAGE, str(error))
    except RefusedError as error:
        ending = outcomes.refused(error.exit_code, *error.problems)
    except (UnknownTemplateError, LockUnusableError) as error:
        ending = outcomes.refused(ExitCode.CONFIGURATION, str(error))
    except Stopped:
        ending = outcomes.stopped(request.stop)
    except (OperationalError, InterfaceError) as error:
        ending = outcomes.failed(ExitCode.UNAVAILABLE, outcomes.database_is_away(error))
    return not_begun(str(batch), ending, request.dry_run, request.began, console, queued)


def not_begun(
    code: str, ending: Ending, dry_run: bool, began: float, console: Console | None, queued: int | None = None
) -> RunResult:
    """Return the result of a run that could not begin, and write why on the console and in the queued run.

    `began` is a time.monotonic().
    """
    if console:
        for error in ending.errors:
            console.write(f"{one_line(str(error))}\n")
    summary = sentence(code, _("nothing was done"), ending)
    if queued is not None:
        end_queued(queued, code, ending, summary)
    return RunResult(
        batch=code,
        run_id=queued,
        outcome=ending.outcome,
        exit_code=ending.exit_code,
        counts=_no_counts(),
        errors=ending.errors,
        summary=summary,
        duration_s=time.monotonic() - began,
        dry_run=dry_run,
    )


def _as_queued(request: Request, run: Run) -> Request:
    return dataclasses.replace(
        request,
        trigger=run.trigger,
        companies=tuple(run.companies),
        only=tuple(run.only),
        dry_run=run.dry_run,
        queued=run,
    )


def _no_counts() -> dict[str, int]:
    """Return what a reader of the result may look for. Which template the batch has may not be known."""
    try:
        templates = registry.templates().values()
    except ImportError:  # the system check says which
        return {}
    return {name: 0 for template in templates for name in template.counts}


def _run(batch: Batch, request: Request) -> RunResult:
    template = registry.template(batch.template)
    with _locked(batch, request) if request.has_row else contextlib.nullcontext():
        execution = _open(batch, template, request)
        ending = execute(execution)
    if not request.dry_run:
        _deliver(request)
        reached("mails: sent")
    return RunResult(
        batch=batch.code,
        run_id=execution.run.pk if execution.run else None,
        outcome=ending.outcome,
        exit_code=ending.exit_code,
        counts=template.complete(ending.counts),
        errors=ending.errors,
        summary=execution.sentence(ending),
        duration_s=time.monotonic() - request.began,
        dry_run=request.dry_run,
    )


def _open(batch: Batch, template: BatchTemplate, request: Request) -> Execution:
    parameters = read_parameters(batch, template.declared())
    opened = _open_row(batch, request, parameters.shown) if request.has_row else None
    return prepare(request, batch, template, parameters, opened)


def _open_row(batch: Batch, request: Request, shown: Mapping[str, str]) -> Run:
    return take_over(request.queued, shown) if request.queued else open_run(batch, request.trigger, shown)


@contextlib.contextmanager
def _locked(batch: Batch, request: Request) -> Iterator[None]:
    """Hold the batch's lock. Raises RefusedError while another run of it is under way, Stopped when no more wanted."""
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock_batch(batch, request.wait, request.stop, request.dry_run))
        except LockedError as error:
            if request.stop.is_set():
                raise Stopped from error
            raise RefusedError(ExitCode.ALREADY_RUNNING, [_already_running(batch, request.dry_run)]) from error
        reached("lock: taken")
        yield
        reached("lock: about to be let go")
    reached("lock: let go")


def _already_running(batch: Batch, dry_run: bool) -> str:
    other = Run.objects.filter(batch=batch, outcome=Outcome.RUNNING, dry_run=dry_run).first()
    if other is None:  # it took the lock and has not made its row yet, or is just sending its last words
        return _("Batch %(batch)s is already running.") % {"batch": batch.code}
    return _("Batch %(batch)s is already running: run %(run)s, since %(since)s.") % {
        "batch": batch.code,
        "run": other.pk,
        "since": shown_time(other.started_at),
    }


def _deliver(request: Request) -> None:
    """Send what is due. That mail cannot be sent is said in one line and changes nothing about the run."""
    try:
        delivery = deliver_due(request.stop)
        words = _undelivered(delivery)
    except (Error, LockUnusableError) as error:
        words = _("Mails that are due wait for the next run: %(error)s") % {"error": outcomes.in_words(error)}
    if words and request.console:
        request.console.write(f"{line_time(time.time())} WARN  {words}\n")


def _undelivered(delivery: Delivery) -> str:
    words = {"waiting": delivery.waiting, "given_up": delivery.given_up, "problem": delivery.problem}
    if delivery.given_up:
        return _("Mails: %(given_up)d given up, %(waiting)d wait for the next run: %(problem)s") % words
    if delivery.waiting:
        return (
            ngettext(
                "%(waiting)d mail waits for the next run: %(problem)s",
                "%(waiting)d mails wait for the next run: %(problem)s",
                delivery.waiting,
            )
            % words
        )
    return ""
