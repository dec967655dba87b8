"""What a run of CheckFacturesClientChorus costs: calls, time and memory, beside a floor. See docs/benchmarks.md."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.comparing import Benchmark, Comparison, Measure, Options
from benchmarks.measuring import MeasureError, Workplace
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store

COLUMNS = "{:<27}{:>8}{:>7}{:>8}{:>8}{:>9}{:>9}{:>11}{:>9}{:>9}"
TITLES = ("program", "changed", "token", "search", "history", "wall s", "cpu s", "ms/change", "peak MB", "work MB")


def main() -> None:
    options, as_json = _read_options()
    try:
        comparison = _compare(options)
    except MeasureError as error:
        sys.exit(str(error))
    print(json.dumps(comparison.as_json(), indent=2) if as_json else _table(comparison))


def _read_options() -> tuple[Options, bool]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", metavar="N", type=_count, default=100_000, help="open invoices (100000)")
    parser.add_argument("--changed", metavar="C", type=_count, default=10_000, help="of them changed (10000)")
    parser.add_argument("--latency-ms", metavar="MS", type=_milliseconds, default=50, help="of each answer (50)")
    parser.add_argument("--page-cap", metavar="ROWS", type=_count, default=1000, help="rows a page (1000)")
    parser.add_argument("--repeat", metavar="TIMES", type=_count, default=3, help="measures; the best counts (3)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    given = vars(parser.parse_args())
    as_json = given.pop("json")
    if given["changed"] > given["invoices"]:
        parser.error("more invoices cannot change than there are")
    return Options(**given), as_json


def _count(text: str, least: int = 1) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least {least}")
    return int(text)


def _milliseconds(text: str) -> int:
    return _count(text, least=0)


def _compare(options: Options) -> Comparison:
    with (
        tempfile.TemporaryDirectory(prefix="status-run-") as directory,
        Store() as store,
        LocalPortal(store, options.latency_ms, options.page_cap) as portal,
    ):
        return Benchmark(options, store, Workplace(Path(directory), portal.url, options.page_cap)).measure()


def _table(comparison: Comparison) -> str:
    options = comparison.options
    lines = [
        f"{options.invoices} invoices, {options.changed} changed, {options.latency_ms} ms a call,"
        f" {options.page_cap} rows a page, best of {options.repeat}",
        "",
        COLUMNS.format(*TITLES),
        _line("first run, all are new", comparison.first),
        _line("run with changes", comparison.changes),
        _line("floor of the same changes", comparison.floor),
        _line("run without changes", comparison.unchanged),
        "",
        f"With changes: {comparison.times_the_floor:.2f} times the floor;"
        f" at most {comparison.calls_allowed} searches are allowed.",
    ]
    return "\n".join(lines)


def _line(name: str, measure: Measure) -> str:
    cost, calls = measure.cost, measure.cost.calls
    counts = (measure.changed, calls["token"], calls["search"], calls["history"])
    times = (f"{cost.seconds:.2f}", f"{cost.cpu_seconds:.2f}", _number(measure.ms_per_change, 3))
    return COLUMNS.format(name, *counts, *times, _number(cost.peak_mb), _number(measure.work_mb))


def _number(value: float | None, digits: int = 0) -> str:
    return "-" if value is None else f"{value:.{digits}f}"


if __name__ == "__main__":
    main()
