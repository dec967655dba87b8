import datetime
from collections.abc import Iterator

import pytest

from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.life.stories import BEGINNING, BUYER, SHY_BUYER, SUPPLIER


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still unless it is advanced."""
    return Clock(start=BEGINNING, monotonic=lambda: 0.0)


@pytest.fixture
def store(clock: Clock) -> Iterator[Store]:
    """A store with a supplier and two buyers, without invoices."""
    with Store(clock=clock) as store:
        for structure in (SUPPLIER, BUYER, SHY_BUYER):
            store.add_structure(structure)
        yield store


@pytest.fixture
def a_year() -> datetime.timedelta:
    """Long enough for everything that happens by itself."""
    return datetime.timedelta(days=366)
