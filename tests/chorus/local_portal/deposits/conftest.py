import datetime
from collections.abc import Iterator

import pytest

from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.seed import DEFAULT_SEED, load_seed
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import Client
from tests.chorus.local_portal.deposits.depositor import Depositor

START = datetime.datetime(2026, 11, 22, 9, 30, tzinfo=datetime.UTC)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until a test advances it."""
    return Clock(start=START, monotonic=lambda: 0.0)


@pytest.fixture
def store(clock: Clock) -> Iterator[Store]:
    """A store with the default seed, on that clock."""
    with Store(clock=clock) as store:
        load_seed(DEFAULT_SEED, store)
        yield store


@pytest.fixture
def depositor(client: Client, clock: Clock) -> Depositor:
    """One who deposits with the technical account of ACME CONSEIL."""
    return Depositor(client, clock)
