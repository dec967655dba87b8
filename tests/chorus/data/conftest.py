"""The commands as a user starts them: in a process of their own, on a fresh SQLite file."""

from __future__ import annotations

import dataclasses
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from chorus.models import Company

ROOT = Path(__file__).resolve().parents[3]
KEY = Fernet.generate_key().decode()
SIRET = "33254021516357"


@dataclasses.dataclass(frozen=True)
class Ended:
    stdout: str
    stderr: str
    code: int


@dataclasses.dataclass
class Shell:
    """Starts manage.py commands on the database of this test."""

    folder: Path
    variables: dict[str, str]

    def __call__(self, *words: str | Path, **variables: str) -> Ended:
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *map(str, words)],
            env={**self.variables, **variables},
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert "Traceback" not in done.stderr
        return Ended(done.stdout, done.stderr, done.returncode)

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


def process_variables(folder: Path) -> dict[str, str]:
    (folder / "empty.env").touch()
    coverage = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return {
        **coverage,
        "PATH": os.environ["PATH"],
        "ENV_FILE": str(folder / "empty.env"),
        "DATABASE_URL": f"sqlite:///{folder / 'db.sqlite3'}",
        "SECRET_KEY": "only-for-tests",
        "FIELD_ENCRYPTION_KEYS": KEY,
        "LOG_ROOT": str(folder / "logs"),
        "LOCK_DIR": str(folder / "locks"),
    }


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("migrated")
    assert Shell(folder, process_variables(folder))("migrate", "--verbosity=0").code == 0
    return folder / "db.sqlite3"


@pytest.fixture
def manage(migrated: Path, tmp_path: Path) -> Shell:
    shutil.copy(migrated, tmp_path / "db.sqlite3")
    return Shell(tmp_path, process_variables(tmp_path))


SETUP = f"""
[[users]]
login = "batch"
password = "${{BATCH_PWD}}"
email = "batch@example.org"
roles = ["Operations"]

[[users]]
login = "anne"
email = "Anne@example.org"

[[companies]]
code = "ACME"
name = "Acme Conseil"
siret = "{SIRET}"
[companies.chorus]
environment = "local"
piste_client_id = "acme"
piste_client_secret = "${{ACME_PISTE_SECRET}}"
technical_login = "TECH_1@cpro.fr"
technical_password = "${{ACME_TECHNICAL_PASSWORD}}"

[[batches]]
code = "CHORUS"
label = "Chorus statuses"
template = "CheckFacturesClientChorus"
[batches.parameters]
BATCH_USER = "batch"
BATCH_PWD = "${{BATCH_PWD}}"
BATCH_MAIL = "support@example.org"
ALERTER_RESPONSABLE_FACTURE = true
"""
SECRETS = {
    "BATCH_PWD": "canary-batch",
    "ACME_PISTE_SECRET": "canary-piste",
    "ACME_TECHNICAL_PASSWORD": "canary-technical",
}


@pytest.fixture(scope="session")
def loaded(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("loaded")
    shutil.copy(migrated, folder)
    shell = Shell(folder, process_variables(folder))
    assert shell("load_setup", shell.write("setup.toml", SETUP), **SECRETS).code == 0
    return folder


@pytest.fixture
def set_up(manage: Shell, loaded: Path) -> Shell:
    """A database with the set-up above, and its file."""
    for name in ("db.sqlite3", "setup.toml"):
        shutil.copy(loaded / name, manage.folder)
    return manage


@pytest.fixture
def acme(db: None) -> Company:
    return Company.objects.create(code="ACME", name="Acme Conseil", siret=SIRET)


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "invoices.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
