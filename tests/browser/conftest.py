"""The back office and a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from filelock import FileLock
from playwright.sync_api import Browser

from tests.browser.seeding import Seed, make_seed
from tests.browser.site import Site, served
from tests.browsing import launched


@pytest.fixture(scope="session")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Seed:
    """One for all the processes of a test run; it is made on SQLite, whatever database the other tests use."""
    if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
        pytest.skip("the server of the browser tests has an SQLite database of its own: one pass is enough")
    folder = tmp_path_factory.getbasetemp()
    shared = folder.parent if folder.name.startswith("popen-") else folder
    with FileLock(shared / "browser-seed.lock"):
        return make_seed(shared / "browser-seed")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def site(seed: Seed, tmp_path: Path) -> Iterator[Site]:
    """The site for one test alone, which may change all."""
    with served(seed, tmp_path / "site") as site:
        yield site


@pytest.fixture(scope="module")
def shared_site(seed: Seed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The site for tests that only look."""
    with served(seed, tmp_path_factory.mktemp("site")) as site:
        yield site
