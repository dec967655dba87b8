"""The checker of recorded exchanges, for tests on both sides of the portal's API."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

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
