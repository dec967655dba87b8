"""The benchmark of the local Chorus Pro, small. Times are not tested."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOCAL_PORTAL = Path(__file__).resolve().parents[2] / "benchmarks" / "local_portal.py"


def run_benchmark(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(LOCAL_PORTAL), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_line_is_printed_for_each_kind_of_call() -> None:
    done = run_benchmark("--invoices", "2000", "--repeat", "1")
    assert done.returncode == 0, done.stderr
    summary, _, titles, *lines = done.stdout.splitlines()
    assert summary.startswith("2000 invoices, loaded in ")
    assert titles.split() == ["call", "median", "ms", "fastest", "ms", "kB"]
    assert len(lines) == 7
    assert all(float(line.split()[-2]) > 0 for line in lines)


def test_too_few_invoices_are_refused() -> None:
    refused = run_benchmark("--invoices", "10")
    assert (refused.returncode, "at least 2000 invoices" in refused.stderr) == (2, True)
