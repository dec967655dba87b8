"""One run while it is under way: from its checked parameters to its ending."""

from __future__ import annotations

import contextlib
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import InterfaceError, OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _

from akuiteo.contention import ContendedError, short_transaction
from akuiteo.fault_points import reached
from akuiteo.masking import masker
from batches import closing, outcomes
from batches.models import Batch, Outcome, Run
from batches.opening import Parameters, batch_user
from batches.outcomes import Ending, ExitCode, RefusedError
from batches.plain_text import one_line
from batches.run_log import LogFileError, RunLog
from batches.stop import Stop
from batches.summary import of_dry_run, sentence
from batches.template import BatchTemplate, Job, Stopped, UsageError
from batches.terminal import Console


def ignore(_text: str) -> None:
    """Show nothing."""


@dataclass(frozen=True)
class Request:
    """How a run is asked for. `wait` is in seconds; `console` takes log lines, errors in any case.

    `queued` is the run that a screen has asked for, and that this one takes over.
    """

    trigger: str
    companies: tuple[str, ...] = ()
    only: tuple[int, ...] = ()
    dry_run: bool = False
    wait: float = 0.0
    stop: threading.Event = field(default_factory=Stop)
    show: Callable[[str], None] = ignore
    progress: Callable[[str], None] = ignore
    console: Console | None = None
    queued: Run | None = None
    began: float = field(default_factory=time.monotonic)

    @property
    def has_row(self) -> bool:
        """Whether the run is kept: not so a dry run that nobody looks at afterwards."""
        return not self.dry_run or self.queued is not None

    @property
    def is_whole(self) -> bool:
        """Whether the run is narrowed to no companies and no items."""
        return not self.companies and not self.only


@dataclass(frozen=True)
class Execution:
    """What a run works with. A dry one that no screen has asked for has no Run."""

    request: Request
    batch: Batch
    template: BatchTemplate
    parameters: Parameters
    run: Run | None
    log: RunLog

    def counts_in_words(self, ending: Ending) -> str:
        return self.template.sentence(self.template.complete(ending.counts))

    def sentence(self, ending: Ending) -> str:
        text = sentence(self.batch.code, self.counts_in_words(ending), ending)
        return of_dry_run(text) if self.request.dry_run else text


def prepare(
    request: Request, batch: Batch, template: BatchTemplate, parameters: Parameters, run: Run | None
) -> Execution:
    """Open the log where the parameters want it, as far as they could be read."""
    values = parameters.values
    levels = values.get("BATCH_LOG_LEVEL", ())
    log = RunLog(run, levels)
    if request.console:
        log.show_on(request.console, levels if values.get("BATCH_LOG_CONSOLE") else ())
    if run and not run.dry_run and values.get("BATCH_LOG_FILE"):
        try:
            log.write_to_file(values["BATCH_LOG_FILE"], _file_name(run, values.get("BATCH_LOG_ID", "")))
        except LogFileError as error:
            parameters.problems.append(str(error))
    return Execution(request, batch, template, parameters, run, log)


def _file_name(run: Run, log_id: str) -> str:
    code = re.sub(r"[^A-Za-z0-9._-]", "_", run.batch.code)  # the admin's forms see to that, the database does not
    began = timezone.localtime(run.started_at, timezone.get_default_timezone()).strftime("%Y%m%d-%H%M%S")
    return "-".join(part for part in (code, log_id, began, f"run{run.pk}.log") if part)


def execute(execution: Execution) -> Ending:
    """Do the work and close the run. Return how it ended."""
    ending = _work(execution)
    reached("work: done")
    execution.log.warn_of_lost_lines()
    execution.log.log(execution.sentence(ending))
    if execution.run:
        ending = closing.close(
            execution.run,
            ending,
            execution.sentence(ending),
            execution.counts_in_words(ending),
            execution.log,
            execution.parameters.values,
            execution.request.is_whole,
        )
    execution.log.close()
    return ending


def _work(execution: Execution) -> Ending:
    """Check, then call the template. Whatever happens becomes an ending, and is in the log."""
    request, log = execution.request, execution.log
    job = _job(execution)
    try:
        return _checked_work(execution, job)
    except Stopped:
        return outcomes.stopped(request.stop, job.counts)
    except RefusedError as error:
        ending = outcomes.refused(error.exit_code, *error.problems)
    except UsageError as error:
        ending = outcomes.refused(ExitCode.USAGE, str(error))
    except (OperationalError, InterfaceError) as error:
        ending = outcomes.failed(ExitCode.UNAVAILABLE, outcomes.database_is_away(error), job.counts)
    except Exception as error:  # a run ends in an outcome whatever a template does, and its log says why
        ending = outcomes.failed(ExitCode.UNEXPECTED, outcomes.is_unexpected(error), job.counts)
        log.unexpected(str(ending.errors[0]), error)
        return ending
    for problem in ending.errors:
        log.error(str(problem))
    return ending


def _checked_work(execution: Execution, job: Job) -> Ending:
    _tell_beginning(execution)
    execution.parameters.refuse_problems()
    user = batch_user(job.batch, job.values)
    if execution.run:
        Run.objects.filter(pk=execution.run.pk).update(user=user)
    reached("user: accepted")
    return outcomes.of_report(execution.template.run(job))


def _job(execution: Execution) -> Job:
    request = execution.request
    return Job(
        batch=execution.batch,
        run=execution.run,
        values=execution.parameters.values,
        log=execution.log,
        stop=request.stop,
        dry_run=request.dry_run,
        companies=request.companies,
        only=request.only,
        show=_shown_by(request.show) if request.dry_run else ignore,
        progress=_progress_of(execution),
    )


def _shown_by(show: Callable[[str], None]) -> Callable[[str], None]:
    return lambda line: show(one_line(masker.mask(line)))


def _progress_of(execution: Execution) -> Callable[[str], None]:
    """Where the work is stands in the run's summary until it ends."""

    def tell(text: str) -> None:
        execution.request.progress(text)
        if execution.run:
            unended = Run.objects.filter(pk=execution.run.pk, outcome=Outcome.RUNNING)
            with contextlib.suppress(ContendedError):  # who looks on sees it next time
                execution.log.flush()
                short_transaction(lambda: unended.update(summary=one_line(masker.mask(text))), retries=0)

    return tell


def _tell_beginning(execution: Execution) -> None:
    words = {"batch": execution.batch.code, "label": execution.batch.label, "run": execution.run and execution.run.pk}
    if not execution.request.dry_run:
        execution.log.log(_("Run %(run)s of batch %(batch)s (%(label)s).") % words)
    else:
        execution.log.log(_("Dry run of batch %(batch)s (%(label)s): nothing is written or sent.") % words)
    if execution.parameters.values.get("BATCH_DEBUG_PARAMS"):
        for code, text in execution.parameters.shown.items():
            execution.log.log(f"{code} = {text}")
