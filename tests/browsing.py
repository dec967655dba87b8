"""A real browser for tests: Chromium, as the system has it, which asks nothing but this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, ViewportSize, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_OTHER_HOST = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
PHONE = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1280, height=860)


def executable() -> str | None:
    return next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def launched() -> Iterator[Browser]:
    """Run a browser; while it runs, nothing in this thread may use Django's database.

    Where there is none the test is skipped, or fails if it runs in CI.
    """
    path = executable()
    if path is None:
        reason = f"there is no browser: none of {', '.join(NAMES)} is installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[NO_OTHER_HOST])
        yield browser
        browser.close()


@dataclass
class Tab:
    """A page of the browser, with all that it complained of: errors, violated policies, requests that failed."""

    page: Page
    complaints: list[str]


@contextmanager
def clean_tab(browser: Browser, **options: Any) -> Iterator[Tab]:
    """Open a tab in a browser that knows nothing of others; at its end it must have nothing to complain of."""
    context = browser.new_context(**{"viewport": DESKTOP} | options)
    tab = open_tab(context)
    yield tab
    context.close()
    assert not tab.complaints, tab.complaints


def open_tab(context: BrowserContext) -> Tab:
    tab = Tab(context.new_page(), [])
    tab.page.on("console", lambda message: tab.complaints.extend(_complaint_of(message)))
    tab.page.on("pageerror", lambda error: tab.complaints.append(str(error)))
    tab.page.on("requestfailed", lambda request: tab.complaints.extend(_failure_of(request)))
    tab.page.on(
        "response",
        lambda answer: tab.complaints.append(f"{answer.status} {answer.url}") if answer.status >= 400 else None,
    )
    return tab


def _complaint_of(message: ConsoleMessage) -> list[str]:
    """Return what a browser wrote to its console, but for advice."""
    return (
        [] if message.type in ("verbose", "info") else [f"{message.type}: {message.text} ({message.location['url']})"]
    )


def _failure_of(request: Request) -> list[str]:
    """Say that a request failed, unless the person went on before it was answered."""
    return [] if request.failure == "net::ERR_ABORTED" else [f"{request.failure} {request.url}"]
