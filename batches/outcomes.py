"""How runs end: exit codes, the reasons to refuse one, and what is told of it."""

from __future__ import annotations

import dataclasses
import enum
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db import DatabaseError
from django.utils.translation import gettext as _

from akuiteo.contention import is_contended
from akuiteo.masking import masker
from batches.models import Outcome
from batches.plain_text import one_line
from batches.stop import Stop
from batches.template import Report, RunError


class ExitCode(enum.IntEnum):
    """Those of run_batch; 64 to 78 as in sysexits.h. A run that a signal stopped has 128 + the signal's number."""

    DONE = 0
    UNEXPECTED = 1
    USAGE = 2
    PARTIAL = 3
    UNAVAILABLE = 69
    ALREADY_RUNNING = 75
    USER_REFUSED = 77
    CONFIGURATION = 78


class RefusedError(Exception):
    """The run must not begin its work. Each problem is a sentence that names what is wrong."""

    def __init__(self, exit_code: ExitCode, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.exit_code = exit_code
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Ending:
    outcome: Outcome
    exit_code: int
    counts: Mapping[str, int] = field(default_factory=dict)
    errors: tuple[RunError, ...] = ()

    @property
    def is_mailed(self) -> bool:
        return self.outcome in (Outcome.REFUSED, Outcome.FAILED, Outcome.PARTIAL)


def of_report(report: Report) -> Ending:
    errors = tuple(dataclasses.replace(error, message=masker.mask(error.message)) for error in report.errors)
    if not errors:
        return Ending(Outcome.SUCCEEDED, ExitCode.DONE, report.counts)
    if report.worked:
        return Ending(Outcome.PARTIAL, ExitCode.PARTIAL, report.counts, errors)
    return Ending(Outcome.FAILED, ExitCode.UNAVAILABLE, report.counts, errors)


def refused(exit_code: ExitCode, *problems: str) -> Ending:
    return Ending(Outcome.REFUSED, exit_code, errors=_told(problems))


def failed(exit_code: ExitCode, problem: str, counts: Mapping[str, int] | None = None) -> Ending:
    return Ending(Outcome.FAILED, exit_code, counts or {}, _told([problem]))


def stopped(stop: threading.Event, counts: Mapping[str, int] | None = None) -> Ending:
    exit_code = stop.exit_code if isinstance(stop, Stop) else Stop().exit_code
    return Ending(Outcome.STOPPED, exit_code, counts or {})


def database_is_away(error: Exception) -> str:
    if isinstance(error, DatabaseError) and is_contended(error):
        return _(
            "The database was kept locked by others for too long (%(error)s). The next run does the rest; "
            "if this comes again, look for what holds it."
        ) % {"error": in_words(error)}
    return _("The database cannot be reached or used (%(error)s).") % {"error": in_words(error)}


def is_unexpected(error: Exception) -> str:
    return _("Unexpected error: %(kind)s: %(error)s. Tell a developer; the log has the details.") % {
        "kind": type(error).__name__,
        "error": in_words(error),
    }


def in_words(error: Exception) -> str:
    return one_line(masker.mask(str(error)))


def _told(problems: Sequence[str]) -> tuple[RunError, ...]:
    return tuple(RunError("", "", masker.mask(problem)) for problem in problems)


@dataclass(frozen=True)
class RunResult:
    """What the starter of a run is told. `run_id` is None when there is no Run; durations are seconds."""

    batch: str
    run_id: int | None
    outcome: Outcome
    exit_code: int
    counts: Mapping[str, int]
    errors: tuple[RunError, ...]
    summary: str
    duration_s: float
    dry_run: bool = False
