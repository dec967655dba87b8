"""The demonstration's forty invoices, people of every role, and past that a screen can show: made once, then copied."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from chorus.demo import story
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.batches.processes import ROOT, environment

PASSWORD = "demo-password-of-a-person"
PEOPLE = {
    "violette": ("Violette", "Petit", "Viewer"),
    "aline": ("Aline", "Robert", "Accounting"),
    "oscar": ("Oscar", "Girard", "Operations"),
    "ada": ("Ada", "Laurent", "Administrator"),
}
"""Logins: first name, last name and role."""
PAST = "import django; django.setup(); from tests.browser.past import add_past; add_past()"
MADE = "made"


@dataclasses.dataclass(frozen=True)
class Seed:
    """`folder` has the database, the local Chorus Pro's state and what the processes wrote."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "db.sqlite3"

    @property
    def portal_state(self) -> Path:
        return self.folder / "portal.sqlite3"

    def copy_to(self, folder: Path) -> Seed:
        """Copy the two files; those of a database that nobody uses are whole."""
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.database, folder)
        shutil.copy(self.portal_state, folder)
        return Seed(folder)


def make_seed(folder: Path) -> Seed:
    """Make a seed in a folder, unless one was finished there; the caller sees to it that no other does so meanwhile."""
    seed = Seed(folder)
    if (folder / MADE).exists():
        return seed
    folder.mkdir(parents=True, exist_ok=True)
    _run_twice(seed)
    with closing(sqlite3.connect(seed.database)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (folder / MADE).touch()
    return seed


def _run_twice(seed: Seed) -> None:
    """Set up the demonstration and run its batch twice, as `manage.py demo` does."""
    now = datetime.now().astimezone() - timedelta(hours=1)
    invoices = story.demo_invoices(now)
    story.write_csv(seed.folder / "invoices.csv", invoices)
    (seed.folder / "people.toml").write_text(_people(), encoding="utf-8")
    with Store(seed.portal_state) as store:
        ids = story.fill_portal(store, invoices)
        with LocalPortal(store) as portal:
            manage = _Manage(seed, portal.url)
            manage("migrate", "--verbosity", "0")
            manage("load_setup", str(story.SETUP_FILE))
            manage("load_setup", str(seed.folder / "people.toml"))
            manage("import_invoices", str(seed.folder / "invoices.csv"))
            manage("run_batch", "CHORUS")
            story.move_on(store, ids, now + timedelta(minutes=5))
            manage("run_batch", "CHORUS")
            manage.python("-c", PAST)


def _people() -> str:
    return "\n".join(
        f'[[users]]\nlogin = "{login}"\npassword = "{PASSWORD}"\nemail = "{login}@example.org"\n'
        f'first_name = "{first}"\nlast_name = "{last}"\nroles = ["{role}"]\n'
        for login, (first, last, role) in PEOPLE.items()
    )


class _Manage:
    """Runs commands as operations would, on the database of the seed."""

    def __init__(self, seed: Seed, portal_url: str) -> None:
        self._environment = environment(seed.folder, f"sqlite:///{seed.database}") | {
            "DJANGO_SETTINGS_MODULE": "akuiteo.settings",
            "CHORUS_LOCAL_URL": portal_url,
        }

    def __call__(self, *arguments: str) -> None:
        self.python("manage.py", *arguments)

    def python(self, *arguments: str) -> None:
        """Raises AssertionError with what the program wrote, where it fails."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
