"""What tracking tells of its work: counts, errors, log lines."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from batches.run_log import RunLog
from batches.template import RunError
from chorus.tracking.states import Change


@dataclasses.dataclass
class Tally:
    """Counts and errors of a run, over all its connections."""

    companies: int = 0
    checked: int = 0
    changed: int = 0
    final: int = 0
    missing: int = 0
    alerts: int = 0
    requests: int = 0
    errors: list[RunError] = dataclasses.field(default_factory=list)

    def counts(self) -> dict[str, int]:
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self) if field.name != "errors"}


@dataclasses.dataclass
class Reporter:
    """Where tracking tells what it does: the run's log, its counts, and whoever looks on."""

    tally: Tally
    log: RunLog
    changed: Callable[[Change], None]
    checkpoint: Callable[[], None]
    progress: Callable[[str], None]

    def error(self, message: str, company: str = "", invoice: str = "") -> None:
        error = RunError(company, invoice, message)
        self.tally.errors.append(error)
        self.log.error(str(error))
