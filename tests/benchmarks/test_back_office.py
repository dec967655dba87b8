"""The benchmark of the back office, small. Times are not tested: they are what it is there to find out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import back_office

pytestmark = pytest.mark.slow

BACK_OFFICE = Path(__file__).resolve().parents[2] / "benchmarks" / "back_office.py"
SMALL = ("--invoices", "300", "--runs", "40", "--repeat", "1")


def run_benchmark(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(BACK_OFFICE), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def done() -> subprocess.CompletedProcess[str]:
    """A small measure, in which every page is called slow."""
    return run_benchmark(*SMALL, "--limit-ms", "1", "--json")


@pytest.fixture(scope="module")
def pages(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    """Its report by the pages' names, without what is said of them."""
    return {page["name"].split(" (")[0]: page for page in json.loads(done.stdout)}


@pytest.mark.parametrize(
    "name",
    [
        "Dashboard",
        "Invoices, as it opens",
        "Invoices, sorted",
        "Invoices, page",
        "Invoices, filter chorus_status",
        "Invoices, search, none found",
        "Invoices, page of the newest",
        "Runs, filter outcome__exact",
        "Runs, page of the newest",
        "Batches, as it opens",
        "Companies, as it opens",
        "Chorus connections, as it opens",
        "Outgoing mail, as it opens",
    ],
)
def test_each_page_is_asked_for_and_its_queries_are_counted(pages: dict[str, dict[str, Any]], name: str) -> None:
    assert 0 < pages[name]["median_ms"] <= pages[name]["max_ms"]
    assert 3 <= pages[name]["queries"] <= 60


def test_a_slow_page_is_named_and_ends_the_benchmark_with_1(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 1
    assert "Slower than 1 ms: Dashboard; " in done.stderr


def test_pages_that_are_not_slow_are_a_table_and_end_it_well(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = {"name": "Dashboard", "median_ms": 41.6, "max_ms": 50.0, "queries": 12}
    monkeypatch.setattr(sys, "argv", ["back_office.py", "--limit-ms", "42"])
    monkeypatch.setattr(back_office, "_measure", lambda *_options: [page])
    back_office.main()
    assert "| Dashboard | 42 | 50 | 12 |" in capsys.readouterr().out


def test_a_count_that_is_no_number_is_refused_with_what_is_accepted() -> None:
    done = run_benchmark("--runs", "many")
    assert done.returncode == 2
    assert "'many' is not a whole number of at least 1" in done.stderr
