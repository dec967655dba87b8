"""The local Chorus Pro that the clients call, with the seed that everybody gets."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.seed import DEFAULT_SEED, load_seed
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import BUYER_LOGIN, Client

TREATMENT = datetime.timedelta(seconds=3)
WAY_TO_BUYER = datetime.timedelta(minutes=1)


@pytest.fixture
def clock() -> Clock:
    """The portal's clock, which stands still until the test advances it."""
    return Clock(monotonic=lambda: 0)


def hasty_clock() -> Clock:
    """A clock on which ten seconds pass whenever the portal looks at it: a flow is treated before the next call."""
    return Clock(monotonic=itertools.count(step=10).__next__)


@pytest.fixture
def portal(clock: Clock) -> Iterator[LocalPortal]:
    with Store(clock=clock) as store:
        load_seed(DEFAULT_SEED, store)
        with LocalPortal(store) as portal:
            yield portal


@pytest.fixture
def buyer(portal: LocalPortal) -> Client:
    """The account of all the recipients of the seed."""
    return Client(portal.url, BUYER_LOGIN)
