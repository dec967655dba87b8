"""The runs that are measured, and the floor that one of them is compared with."""

from __future__ import annotations

import dataclasses
import json
import math
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from benchmarks import scenario
from benchmarks.measuring import BENCHMARKS, MANAGE, Cost, MeasureError, Workplace, copy_database
from chorus.local_portal.state.store import Store

Result = TypeVar("Result")


@dataclasses.dataclass(frozen=True)
class Options:
    """`repeat`: how often each program is measured, except the first run; its best time counts."""

    invoices: int
    changed: int
    latency_ms: int
    page_cap: int
    repeat: int


@dataclasses.dataclass(frozen=True)
class Measure:
    """What one program cost, how many invoices it changed, and its peak in MB without the password check."""

    cost: Cost
    changed: int
    work_mb: float | None = None

    @property
    def ms_per_change(self) -> float | None:
        return 1000 * self.cost.seconds / self.changed if self.changed else None

    def as_json(self) -> dict[str, Any]:
        derived = {"changed": self.changed, "work_mb": self.work_mb, "ms_per_change": self.ms_per_change}
        return dataclasses.asdict(self.cost) | derived


@dataclasses.dataclass(frozen=True)
class Comparison:
    """`first`: every status is new. `changes` and `floor`: the same changes. `unchanged`: nothing is new."""

    options: Options
    first: Measure
    changes: Measure
    floor: Measure
    unchanged: Measure

    @property
    def calls_allowed(self) -> int:
        """What law L2 allows for the changes, the token not counted."""
        return 2 + math.ceil(self.options.changed / self.options.page_cap)

    @property
    def times_the_floor(self) -> float:
        return self.changes.cost.seconds / self.floor.cost.seconds

    def as_json(self) -> dict[str, Any]:
        runs = {name: getattr(self, name).as_json() for name in ("first", "changes", "floor", "unchanged")}
        derived = {"calls_allowed": self.calls_allowed, "times_the_floor": self.times_the_floor}
        return dataclasses.asdict(self.options) | derived | {"runs": runs}


class Benchmark:
    """One set-up and one portal, measured run by run."""

    def __init__(self, options: Options, store: Store, workplace: Workplace) -> None:
        self.options = options
        self.store = store
        self.workplace = workplace
        self._before = workplace.directory / "before.sqlite3"

    def measure(self) -> Comparison:
        """Raises MeasureError where a program did not do its work."""
        ids = scenario.fill_portal(self.store, self.options.invoices)
        self._set_up()
        first = self._run_batch(self.options.invoices)
        scenario.move_on(self.store, ids[:: len(ids) // self.options.changed][: self.options.changed])
        copy_database(self.workplace.database, self._before)
        changes, floor = self._measure_changes()
        unchanged = _best([self._run_batch(0) for _ in range(self.options.repeat)], self._work_mb(0))
        return Comparison(self.options, first, changes, floor, unchanged)

    def _set_up(self) -> None:
        setup = self.workplace.directory / "setup.toml"
        setup.write_text(scenario.SETUP)
        self.workplace.python(MANAGE, "migrate", "--verbosity", "0")
        self.workplace.python(MANAGE, "load_setup", str(setup))
        self.workplace.python(str(BENCHMARKS / "load_invoices.py"), str(self.options.invoices))

    def _measure_changes(self) -> tuple[Measure, Measure]:
        """Measure batch and floor in turns, each from the same database, and see that they come to the same."""
        batches, floors = [], []
        for _ in range(self.options.repeat):
            floor, statuses = self._from_before(self._run_floor)
            batch, others = self._from_before(lambda: self._run_batch(self.options.changed))
            if statuses != others:
                raise MeasureError("The batch and the floor stored different statuses.")
            floors.append(floor)
            batches.append(batch)
        work_mb, _statuses = self._from_before(lambda: self._work_mb(self.options.changed))
        return _best(batches, work_mb), _best(floors)

    def _from_before(self, run: Callable[[], Result]) -> tuple[Result, list[tuple[Any, ...]]]:
        copy_database(self._before, self.workplace.database)
        return run(), _query(self.workplace.database, "SELECT id, chorus_status, chorus_status_at FROM chorus_invoice")

    def _work_mb(self, expected: int) -> float:
        return self._run_batch(expected, DJANGO_SETTINGS_MODULE="benchmarks.work_settings").cost.peak_mb

    def _run_batch(self, expected: int, **variables: str) -> Measure:
        cost, output = self.workplace.python(MANAGE, "run_batch", scenario.BATCH, "--format", "json", **variables)
        return _measure(cost, json.loads(output)["changed"], expected)

    def _run_floor(self) -> Measure:
        [[since]] = _query(self.workplace.database, "SELECT changed_since FROM chorus_watermark")
        window = f"{since.replace(' ', 'T')}Z"
        arguments = (self.workplace.portal_url, str(self.workplace.database), window, str(self.options.page_cap))
        cost, output = self.workplace.python(str(BENCHMARKS / "floor.py"), *arguments)
        return _measure(cost, int(output), self.options.changed)


def _measure(cost: Cost, changed: int, expected: int) -> Measure:
    if changed != expected:
        raise MeasureError(f"{changed} invoices were changed where {expected} were due.")
    return Measure(cost, changed)


def _best(measures: Sequence[Measure], work_mb: float | None = None) -> Measure:
    """Return the measure of the best time, with the highest of the peaks."""
    best = min(measures, key=lambda measure: measure.cost.seconds)
    peak = max(measure.cost.peak_mb for measure in measures)
    return Measure(dataclasses.replace(best.cost, peak_mb=peak), best.changed, work_mb)


def _query(database: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query).fetchall()
