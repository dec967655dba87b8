"""Installations of the project in a directory of their own: their var/ is nobody else's."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import environ
import pytest
from cryptography.fernet import Fernet

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"SECRET_KEY": "k" * 25 + "0123456789" * 3, "FIELD_ENCRYPTION_KEYS": Fernet.generate_key().decode()}


@dataclasses.dataclass(frozen=True)
class Ended:
    stdout: str
    stderr: str
    code: int


@dataclasses.dataclass(frozen=True)
class Installation:
    """A copy of the project. Its processes get the variables that a test gives, and no others."""

    folder: Path

    def start(self, *words: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *words],
            env={"PATH": os.environ["PATH"], **variables},
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def python(self, *words: str, **variables: str) -> Ended:
        process = self.start(*words, **variables)
        stdout, stderr = process.communicate(timeout=120)
        return Ended(stdout, stderr, process.returncode)

    def manage(self, *words: str, **variables: str) -> Ended:
        return self.python("manage.py", *words, **variables)

    def settings(self, **variables: str) -> dict[str, Any]:
        """Return the settings of a process with these variables, as JSON can say them."""
        ended = self.python("-c", PRINT_SETTINGS, **variables)
        assert ended.code == 0, ended.stderr
        values: dict[str, Any] = json.loads(ended.stdout)
        return values


PRINT_SETTINGS = """
import json
from akuiteo import settings
NAMES = {name for name in vars(settings) if name.isupper()} - {"LANGUAGES"}  # its words need more than settings
print(json.dumps({name: value for name, value in vars(settings).items() if name in NAMES}, default=str))
"""


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    folder = tmp_path / "a folder + more"
    shutil.copytree(ROOT / "akuiteo", folder / "akuiteo", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "manage.py", folder)
    for package in ("batches", "chorus"):
        (folder / package).symlink_to(ROOT / package)
    return Installation(folder)


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return this process's variables: none yet."""
    none: dict[str, str] = {}
    monkeypatch.setattr(environ.Env, "ENVIRON", none)
    return none
