"""What holds for every test."""

from __future__ import annotations

import os
import secrets
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
    parser.addoption("--soak-seconds", type=float, default=60, help="how long stories are told to the portal's client")
    parser.addoption("--soak-seed", type=int, default=secrets.randbelow(2**31), help="of the first of these stories")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what a soak was, so that it can be had again."""
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        if soak := dict(report.user_properties).get("soak"):
            terminalreporter.write_line(f"The soak: {soak}")


@pytest.fixture(autouse=True)
def own_folders(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nothing is written outside of the test's own folders."""
    folder = tmp_path_factory.mktemp("var")
    settings.STATIC_ROOT = folder / "static"
    settings.STATIC_ROOT.mkdir()  # WhiteNoise warns where it is missing
    settings.WHITENOISE_AUTOREFRESH = True  # else each new test client reads all static files: a third of the time
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
