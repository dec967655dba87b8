"""A world that is made once, and a machine of its own for each test."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.batches.smtp import SmtpServer
from tests.faults.crash import world
from tests.faults.crash.databases import Database, made
from tests.faults.crash.scene import LONGEST, Mail, Scene, contents

NewScene = Callable[[Path], AbstractContextManager[Scene]]


@dataclass(frozen=True)
class World:
    portal: LocalPortal
    database: Database


@dataclass(frozen=True)
class Undisturbed:
    """What a run leaves behind that nobody disturbs; `arrivals` are those at the fault points and SQL statements."""

    left_behind: dict[str, list[tuple[Any, ...]]]
    mails: Counter[Mail]
    arrivals: Counter[str]
    requests: int


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("world")
    (folder / "setup.toml").write_text(world.SETUP, encoding="utf-8")
    (folder / "invoices.csv").write_text(world.csv(world.STORIES), encoding="utf-8")
    (folder / "latecomers.csv").write_text(world.csv(world.LATECOMERS), encoding="utf-8")
    with Store() as store, LocalPortal(store) as portal, made(folder, "world") as database, _mail_server() as smtp:
        ids = world.fill(store)
        scene = Scene(folder, database, smtp, portal.url)
        done = subprocess.run(
            [sys.executable, "-W", "error", "-m", "tests.faults.crash.seeding"],
            cwd=folder,
            env=scene.environment(),
            capture_output=True,
            text=True,
            timeout=2 * LONGEST,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        world.go_on(store, ids)
        yield World(portal, database)


@pytest.fixture(scope="session")
def new_scene(seeded: World) -> NewScene:
    """Makes a machine in a folder, with the world's database and a mail server."""
    names = (f"scene_{number}" for number in range(10**6))

    @contextmanager
    def opened(folder: Path) -> Iterator[Scene]:
        with made(folder, next(names), seeded.database) as database, _mail_server() as smtp:
            scene = Scene(folder, database, smtp, seeded.portal.url)
            try:
                yield scene
            finally:
                scene.end()

    return opened


@contextmanager
def _mail_server() -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def scene(new_scene: NewScene, tmp_path: Path) -> Iterator[Scene]:
    with new_scene(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="session")
def undisturbed(new_scene: NewScene, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    with new_scene(tmp_path_factory.mktemp("undisturbed")) as scene:
        trace = scene.folder / "trace"
        told = scene.run_batch(TRACE=str(trace))
        return Undisturbed(
            scene.left_behind(),
            contents(scene.mails()),
            Counter(trace.read_text(encoding="utf-8").splitlines()),
            told["requests"],
        )
