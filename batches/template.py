"""What a batch template declares and promises. The runner is the only caller of one."""

from __future__ import annotations

import abc
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django_stubs_ext import StrOrPromise

from akuiteo.models import User
from batches.models import Batch, Run
from batches.parameters import COMMON_PARAMETERS, Parameter
from batches.run_log import RunLog


class Stopped(Exception):  # noqa: N818 - not an error: a person or the system asked for it
    """The run was asked to end. What was committed stays; the next run does the rest."""


class UsageError(Exception):
    """The run was started with something that does not exist, such as an unknown --company."""


@dataclass(frozen=True)
class RunError:
    """One thing that could not be done. Company and invoice are empty where the message concerns neither."""

    company: str
    invoice: str
    message: str

    def __str__(self) -> str:
        return " ".join(part for part in (self.company, self.invoice) if part) + (
            f": {self.message}" if self.company or self.invoice else self.message
        )


@dataclass
class Report:
    """How the work ended. `worked`: something to work on answered, or there was nothing to do."""

    counts: dict[str, int]
    errors: list[RunError] = field(default_factory=list)
    worked: bool = True


@dataclass
class Job:
    """What a template is given for one run. In a dry run nothing may be written or sent; it may have no Run.

    `only` are the keys of what the run is narrowed to, as the template understands them; empty: all.
    """

    batch: Batch
    run: Run | None
    values: Mapping[str, Any]
    log: RunLog
    stop: threading.Event
    dry_run: bool = False
    companies: tuple[str, ...] = ()
    only: tuple[int, ...] = ()
    show: Callable[[str], None] = lambda _line: None
    progress: Callable[[str], None] = lambda _text: None
    counts: dict[str, int] = field(default_factory=dict)

    def checkpoint(self, counts: Mapping[str, int]) -> None:
        """Keep the log and the counts so that an onlooker sees them. To be called outside of a transaction.

        Raises Stopped when the run was asked to end.
        """
        self.counts = dict(counts)
        self.log.flush()
        if self.run is not None:
            Run.objects.filter(pk=self.run.pk).update(counts=self.counts)
        if self.stop.is_set():
            raise Stopped


@dataclass(frozen=True)
class ChangedItem:
    """One thing that a run has changed: what it is, where to look at it, and what became of it."""

    text: str
    url: str
    about: str = ""
    change: str = ""


class BatchTemplate(abc.ABC):
    """A kind of batch. `counts` names the keys that its reports have, in the order in which they are shown.

    `count_labels` say in few words what each counts, as a heading over the number.
    """

    code: str
    label: StrOrPromise
    parameters: tuple[Parameter, ...] = ()
    counts: tuple[str, ...] = ()
    count_labels: Mapping[str, StrOrPromise] = {}

    @abc.abstractmethod
    def run(self, job: Job) -> Report:
        """Do the work. Errors that concern a part of it are logged, collected in the report, and stop nothing else."""

    @abc.abstractmethod
    def sentence(self, counts: Mapping[str, int]) -> str:
        """Return the counts in words, without a full stop."""

    def changed_items(self, run: Run, reader: User, most: int) -> Sequence[ChangedItem]:
        """Return what the run has changed and the reader may see, at most so many, in the language that is active."""
        return ()

    def changed_url(self, run: Run) -> str:
        """Return the address of a list of all that the run has changed, if there is one."""
        return ""

    def declared(self) -> dict[str, Parameter]:
        """Return all that a batch of this template takes, by code: its own parameters, then the common ones."""
        return {parameter.code: parameter for parameter in (*self.parameters, *COMMON_PARAMETERS)}

    def complete(self, counts: Mapping[str, int]) -> dict[str, int]:
        """Return all counts, in order; those that are not there yet are 0."""
        return {name: counts.get(name, 0) for name in self.counts}
