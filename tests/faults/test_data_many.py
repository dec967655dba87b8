"""A hundred thousand open invoices: memory is flat, a stop costs nothing, and nobody waits for ever."""
# ruff: noqa: F811 - arguments have the names of fixtures that are imported

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Account, Invoice, StatusChange, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.batch.test_processes import BUYER, SETUP, begin, query, store, wait_until  # noqa: F401 - fixtures
from tests.chorus.data.conftest import ROOT, SIRET, Shell, manage, migrated  # noqa: F401 - fixtures

pytestmark = pytest.mark.faults

MANY = 100_000
LAST = "50000000000014"
LAST_COMPANY = f"""
[[companies]]
code = "ZULU"
name = "The last one"
siret = "{LAST}"
[companies.chorus]
environment = "local"
piste_client_id = "acme"
piste_client_secret = "canary-piste"
technical_login = "TECH_2@cpro.fr"
technical_password = "canary-technical"
"""
BEGAN = datetime.datetime(2026, 9, 1, 8, tzinfo=datetime.UTC)


def on_the_portal(number: str, supplier: str, place: int) -> Invoice:
    history = [StatusChange("MISE_A_DISPOSITION", BEGAN + datetime.timedelta(seconds=place))]
    return Invoice(number=number, supplier=supplier, recipient=BUYER, date=BEGAN.date(), history=history)


@pytest.fixture
def shell(manage: Shell, store: Store) -> Iterator[Shell]:
    """Very many invoices of one company, one of another, and a portal that has all of them."""
    store.add_structure(Structure(LAST, "The last one", "supplier"))
    store.add_account(Account("TECH_2@cpro.fr", "canary-technical", [LAST]))
    store.add_invoices(on_the_portal(f"F-{place:06}", SIRET, place) for place in range(MANY))
    store.add_invoice(on_the_portal("Z-1", LAST, 0))
    manage.variables |= {"EMAIL_URL": f"filemail:///{manage.folder / 'mail'}", "CHORUS_MAX_REQUESTS_PER_SECOND": "500"}
    assert manage("load_setup", manage.write("setup.toml", SETUP + LAST_COMPANY)).code == 0
    csv = manage.write("invoices.csv", "company,number,date\nACME,F-000000,2026-09-01\nZULU,Z-1,2026-09-01\n")
    assert manage("import_invoices", csv).code == 0
    multiply(manage)
    with LocalPortal(store) as serving:
        manage.variables["CHORUS_LOCAL_URL"] = serving.url
        yield manage


def multiply(shell: Shell) -> None:
    """Add to the first invoice all the others like it. An import of them would take as long as the test."""
    with contextlib.closing(sqlite3.connect(shell.folder / "db.sqlite3", timeout=20)) as database, database:
        columns = [name for _, name, *_ in database.execute("PRAGMA table_info(chorus_invoice)") if name != "id"]
        values = ["printf('F-%06d', place)" if name == "number" else name for name in columns]
        database.execute(
            "WITH RECURSIVE places(place) AS (SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < ?) "  # noqa: S608
            f"INSERT INTO chorus_invoice ({', '.join(columns)}) SELECT {', '.join(values)} "
            "FROM chorus_invoice JOIN places WHERE number = 'F-000000'",
            (MANY - 1,),
        )


def run(shell: Shell) -> tuple[dict[str, Any], float]:
    """Run the batch; return what it tells, and the largest memory of its process in MB."""
    output = shell.folder / "output"
    command: list[str | Path] = [sys.executable, ROOT / "manage.py", "run_batch", "CHORUS", "--format", "json"]
    # Measured from a small process: Linux counts in a child's peak what its parent held, and this one holds the portal.
    measured = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "stopwatch.py", output, *command],
        env={"PATH": os.environ["PATH"], **shell.variables},
        cwd=shell.folder,
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(output.read_text(encoding="utf-8")), json.loads(measured.stdout)["peak_mb"]


def written(shell: Shell) -> int:
    count: int = query(shell, "SELECT count(*) FROM chorus_statuschange")[0][0]
    return count


def test_f42_a_hundred_thousand_invoices_are_followed_in_flat_memory_stopped_and_resumed(shell: Shell) -> None:
    stopped = begin(shell, "run_batch", "CHORUS")
    wait_until(lambda: written(shell) > 3000)
    ((shown,),) = query(shell, "SELECT summary FROM batches_run")
    assert re.search(r"page \d+ of 10[01], 100000 rows", shown)
    stopped.send_signal(signal.SIGTERM)
    stopped.communicate(timeout=60)
    kept = written(shell)
    assert (stopped.returncode, query(shell, "SELECT outcome FROM batches_run")) == (143, [("stopped",)])
    assert kept < MANY

    told, memory = run(shell)
    assert (told["outcome"], told["changed"], told["checked"]) == ("succeeded", MANY + 1 - kept, MANY + 1)
    assert query(shell, "SELECT count(*), count(DISTINCT invoice_id) FROM chorus_statuschange") == [
        (MANY + 1, MANY + 1)
    ]
    statuses = "SELECT chorus_status, count(*) FROM chorus_invoice GROUP BY chorus_status"
    assert query(shell, statuses) == [("MISE_A_DISPOSITION", MANY + 1)]
    assert query(shell, "SELECT chorus_status FROM chorus_invoice WHERE number = 'Z-1'") == [("MISE_A_DISPOSITION",)]

    idle, memory_when_idle = run(shell)
    assert (idle["changed"], idle["checked"]) == (0, MANY + 1)
    assert idle["requests"] <= 1 + 2 * 2  # the token, and at most two searches for each of the two connections
    assert memory - memory_when_idle < 40
    assert memory < 250
