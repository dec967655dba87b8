from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chorus.portal.servers import Bench, Portal, portal_server


@pytest.fixture
def portal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Portal]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with portal_server() as server:
        yield server


@pytest.fixture
def bench(portal: Portal, tmp_path: Path) -> Bench:
    return Bench(portal, state_dir=tmp_path / "state")
