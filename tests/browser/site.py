"""The back office as it is served: gunicorn in a process of its own, beside a local Chorus Pro."""

from __future__ import annotations

import contextlib
import dataclasses
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.batches.processes import ROOT, environment
from tests.browser.seeding import Seed

OPTIONS = ("--threads", "4", "--log-level", "warning")


@dataclasses.dataclass(frozen=True)
class Site:
    url: str
    folder: Path
    portal: LocalPortal
    """Where buyers act: its store is what it knows."""

    def path(self, view: str = "") -> str:
        return f"{self.url}/admin/{view}"

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the database without Django, which the browser does not let into this thread."""
        with contextlib.closing(sqlite3.connect(self.folder / "db.sqlite3", timeout=20)) as database:
            return database.execute(query, values).fetchall()


@contextlib.contextmanager
def served(seed: Seed, folder: Path) -> Iterator[Site]:
    """Serve a copy of the seed, made in this folder. Raises AssertionError if the server complained."""
    copy = seed.copy_to(folder)
    with Store(copy.portal_state) as store, LocalPortal(store) as portal, socket.create_server(("127.0.0.1", 0)) as at:
        url = f"http://127.0.0.1:{at.getsockname()[1]}"
        variables = environment(folder, f"sqlite:///{copy.database}") | {
            "DJANGO_SETTINGS_MODULE": "akuiteo.settings",
            "CHORUS_LOCAL_URL": portal.url,
            "SITE_URL": url,
        }
        with (folder / "server.log").open("w") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "gunicorn", "akuiteo.wsgi", *OPTIONS, "--bind", f"fd://{at.fileno()}"],
                cwd=ROOT,
                env=variables,
                pass_fds=[at.fileno()],
                stdout=log,
                stderr=log,
            )
            try:
                yield Site(url, folder, portal)
            finally:
                server.terminate()
                server.wait(timeout=30)
    complaints = (folder / "server.log").read_text()
    assert not complaints, complaints[-3000:]
