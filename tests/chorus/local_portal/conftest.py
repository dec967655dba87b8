from collections.abc import Iterator

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.seed import DEFAULT_SEED, load_seed
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import BUYER_LOGIN, Client


@pytest.fixture
def store() -> Iterator[Store]:
    """A store with the default seed."""
    with Store() as store:
        load_seed(DEFAULT_SEED, store)
        yield store


@pytest.fixture
def portal(store: Store) -> Iterator[LocalPortal]:
    with LocalPortal(store) as portal:
        yield portal


@pytest.fixture
def client(portal: LocalPortal) -> Client:
    """A client with the technical account of the first supplier, ACME CONSEIL."""
    return Client(portal.url)


@pytest.fixture
def buyer(portal: LocalPortal) -> Client:
    """A client with the technical account of all the recipients."""
    return Client(portal.url, BUYER_LOGIN)
