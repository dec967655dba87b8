"""Programs that run in the environment of a client that was not written here."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENVIRONMENTS = ROOT / ".venv-clients"
# Nothing listens there: a call to the State's hosts, or to anything but this machine, ends at once.
NOWHERE = "http://127.0.0.1:9"


def run(
    client: str, module: str, *arguments: str, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a module of this folder with the Python of a client's own environment."""
    python = ENVIRONMENTS / client / "bin" / "python"
    if not python.exists():
        pytest.fail(f"{python} is missing. Run `make test-clients`: it makes the environments of the clients.")
    proxies = {"HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "NO_PROXY": "127.0.0.1"}
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LC_ALL") if name in os.environ}
    return subprocess.run(
        [str(python), "-m", f"tests.clients.{module}", *arguments],
        cwd=ROOT,
        env=kept | proxies | environment,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
