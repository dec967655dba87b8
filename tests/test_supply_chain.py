"""S18: what is installed is what was locked, and known weaknesses are asked for."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")
CLIENTS = ("tests/clients/requirements-chorus-api.txt", "tests/clients/requirements-tryton.txt")


@pytest.mark.parametrize("lock", LOCKS + CLIENTS)
def test_s18_every_dependency_is_locked_to_one_version_with_its_hashes(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert len(lines) > 3
    for line in lines:
        assert re.match(r"[a-z0-9.\[\]_-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line


def test_s18_every_installation_asks_for_the_hashes() -> None:
    installations = [line for line in (ROOT / "Makefile").read_text().splitlines() if "pip install" in line]
    assert len(installations) == 3
    assert all("--require-hashes" in line for line in installations)


def test_s18_what_the_application_needs_is_all_within_what_developers_have() -> None:
    runtime, development = (set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS)
    assert runtime <= development


WEAK = {"name": "django", "version": "5.2.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["5.2.1"]}]}
WELL = {"name": "requests", "version": "2.33.0", "vulns": []}
UNKNOWN = {"name": "flask", "skip_reason": "Dependency not found"}


@pytest.mark.parametrize(
    ("answer", "exit_code", "words"),
    [
        ([WEAK, WELL], 1, "django 5.2.0: PYSEC-1, mended in ['5.2.1']"),
        ([WELL], 0, "1 of 1 dependencies audited, 0 with weaknesses"),
        ([WELL, UNKNOWN], 0, "NOT AUDITED, the advisory database does not know or tell of 1 of 2"),
        (None, 0, "NOT AUDITED, the advisory database could not be reached: no route to host"),
    ],
    ids=["a weakness", "none", "one that nobody knows", "nobody answers"],
)
def test_s18_the_audit_ends_with_1_on_a_weakness_and_says_what_was_not_audited(
    tmp_path: Path, answer: list[dict[str, Any]] | None, exit_code: int, words: str
) -> None:
    said = "no route to host" if answer is None else ""
    told = "" if answer is None else json.dumps({"dependencies": answer})
    program = f"import sys; print({told!r}); sys.exit({said!r} or 0)"
    (tmp_path / "pip_audit.py").write_text(program)
    done = subprocess.run(
        [sys.executable, str(ROOT / ".ci" / "audit.py")],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (exit_code, "")
    assert words in done.stdout
