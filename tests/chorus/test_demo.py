"""The demonstration, as `make demo` runs it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chorus.data.conftest import ROOT, Shell, manage, migrated  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

HOUSE = ("akuiteo", "batches", "chorus", "locale", "manage.py")


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    """A copy of the product, whose var/ is its own."""
    folder = tmp_path / "clone"
    folder.mkdir()
    for name in HOUSE:
        source = ROOT / name
        shutil.copytree(source, folder / name) if source.is_dir() else shutil.copy(source, folder)
    yield folder
    shutil.rmtree(folder)


def demo(folder: Path, **variables: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "ENV_FILE": "chorus/demo/demo.env", **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )
    return done.returncode, done.stdout, done.stderr


def test_the_demonstration_shows_two_runs_and_ends_by_itself_also_when_it_is_repeated(clone: Path) -> None:
    for _ in range(2):
        code, stdout, stderr = demo(clone)
        assert (code, stderr) == (0, "")
        first, second = stdout.split("Second run")
        assert "38 changed (12 final)" in first
        assert "6 changed (5 final)" in second
        assert second.count("@example.org") == 5
    assert len(list((clone / "var" / "mail").iterdir())) >= 4


def test_the_demonstration_leaves_a_database_with_work_in_it_alone(manage: Shell) -> None:  # noqa: F811
    setup = '[[companies]]\ncode = "REAL"\nname = "Real"\nsiret = "33254021516357"\n'
    assert manage("load_setup", manage.write("setup.toml", setup)).code == 0
    ended = manage("demo")
    assert ended.code == 1
    assert "Nothing was changed" in ended.stderr
    assert manage("export_invoices", "--company", "REAL").code == 0
