"""What the tests of a portal at its worst start from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.portal.servers import FakeClock
from tests.faults.portal_stage import Stage, Trace, direct, make_stage


@pytest.fixture
def stage(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """BAD and GOOD, whose runs wait by a clock that only moves its hands."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    clock = FakeClock()
    trace = Trace(clock)
    with Store() as store, LocalPortal(store, recorder=trace) as portal:
        made = make_stage(settings, store, portal, clock, trace)
        direct(made, monkeypatch)
        made.fill()
        yield made
