"""The benchmark, small. Times are not tested: they are what the benchmark is there to find out."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

STATUS_RUN = Path(__file__).resolve().parents[2] / "benchmarks" / "status_run.py"
INVOICES, CHANGED, PAGE_CAP = 2000, 200, 100


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    options = ("--latency-ms", "0", "--page-cap", PAGE_CAP, "--repeat", "1", "--json")
    done = run_benchmark("--invoices", INVOICES, "--changed", CHANGED, *options)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def run_benchmark(*options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(STATUS_RUN), *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_run_with_changes_calls_once_per_page_of_changes(report: dict[str, Any]) -> None:
    """Law L2, against a real process and a real portal."""
    calls = report["runs"]["changes"]["calls"]
    assert calls["search"] + calls["history"] + calls["other"] <= 2 + math.ceil(CHANGED / PAGE_CAP)
    assert calls["token"] == 1


def test_a_run_without_changes_calls_at_most_twice(report: dict[str, Any]) -> None:
    calls = report["runs"]["unchanged"]["calls"]
    assert calls["search"] + calls["history"] + calls["other"] <= 2
    assert calls["token"] == 1


def test_the_first_run_reads_each_page_once(report: dict[str, Any]) -> None:
    assert report["runs"]["first"]["calls"]["search"] == INVOICES / PAGE_CAP


def test_batch_and_floor_make_the_same_changes(report: dict[str, Any]) -> None:
    assert report["runs"]["changes"]["changed"] == CHANGED
    assert report["runs"]["floor"]["changed"] == CHANGED


def test_time_and_memory_are_those_of_the_measured_process(report: dict[str, Any]) -> None:
    batch, floor = report["runs"]["changes"], report["runs"]["floor"]
    assert batch["seconds"] == pytest.approx(batch["ms_per_change"] * CHANGED / 1000)
    assert floor["peak_mb"] < batch["work_mb"] < batch["peak_mb"]


def test_more_changes_than_invoices_are_refused() -> None:
    done = run_benchmark("--invoices", 5, "--changed", 6)
    assert done.returncode == 2
    assert "more invoices cannot change than there are" in done.stderr


def test_a_count_that_is_no_number_is_refused_with_what_is_accepted() -> None:
    done = run_benchmark("--invoices", "many")
    assert done.returncode == 2
    assert "'many' is not a whole number of at least 1" in done.stderr
