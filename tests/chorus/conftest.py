"""The checker of recorded exchanges, for tests on both sides of the portal's API."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from chorus.local_portal import server
from chorus.local_portal.http.recorder import Recorder

SHARED = Path(__file__).resolve().parents[3] / "shared"
CHECKER = SHARED / "contract" / "check_traffic.py"


@pytest.fixture(scope="session")
def checker() -> ModuleType:
    """The checker, where it lies beside the checkout; elsewhere the test is skipped."""
    if not CHECKER.exists():
        pytest.skip("the contract is not beside the checkout")
    spec = importlib.util.spec_from_file_location("check_traffic", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def recorded_traffic(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Record what passes through each local Chorus Pro of a test, but for tests that send or answer wrong things."""
    folder = request.config.getoption("--record-traffic")
    if folder is None or request.node.get_closest_marker("wrong_traffic"):
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    with Recorder(folder / f"{worker}.jsonl") as recorder:
        monkeypatch.setattr(server, "Recorder", lambda: recorder)
        yield
