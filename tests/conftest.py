"""What holds for every test."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest
from django.utils import translation
from pytest_django import Settings

from chorus.portal import auth

hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
hypothesis.settings.register_profile("soak", deadline=None, max_examples=2000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--record-traffic", type=Path, metavar="FOLDER", help="write what passes through local Chorus Pros there"
    )


@pytest.fixture(autouse=True)
def own_folders(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nothing is written outside of the test's own folders."""
    folder = tmp_path_factory.mktemp("var")
    settings.STATIC_ROOT = folder / "static"
    settings.STATIC_ROOT.mkdir()  # WhiteNoise warns where it is missing
    settings.LOCK_DIR = folder / "locks"
    settings.LOG_ROOT = folder / "logs"
    return folder


@pytest.fixture(autouse=True)
def no_token_of_an_earlier_test() -> None:
    """Tokens are kept by address, and a server of this test may have the port of an earlier one's."""
    auth._authenticator.cache_clear()


@pytest.fixture(autouse=True)
def no_language_of_an_earlier_test() -> None:
    """A request leaves its language behind in the thread."""
    translation.deactivate()
