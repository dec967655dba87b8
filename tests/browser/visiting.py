"""What a visitor does on any page: log in, open it, look whether it is in order."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page

from tests.browser.seeding import PASSWORD
from tests.browser.site import Site
from tests.browsing import clean_tab

LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# What axe-core would load anew, to look at rules that are not asked for, it puts into the page: against our policy.
HOW: dict[str, Any] = {"resultTypes": ["violations"], "preload": False}
WCAG = HOW | {"runOnly": {"type": "tag", "values": LEVELS}}
CONTRAST = HOW | {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
AXE = Axe()
# A colour on its way to another one is neither.
END_TRANSITIONS = (
    "document.getAnimations().filter(each => each instanceof CSSTransition).forEach(each => each.finish())"
)
MOST_STEPS = 300
HABITS = {"locale": "en-GB", "timezone_id": "Europe/Paris", "reduced_motion": "reduce"}


@dataclasses.dataclass(frozen=True)
class Visit:
    page: Page
    site: Site
    complaints: list[str]
    """Of the browser, so far: errors, violated policies, requests that failed."""

    def open(self, view: str = "") -> Page:
        """Open a page of the back office by what follows /admin/ in its address."""
        self.page.goto(self.site.path(view))
        return self.page


@contextmanager
def visit(browser: Browser, site: Site, login: str = "", **options: Any) -> Iterator[Visit]:
    """Visit a site, as somebody or as a stranger, in a browser that must have nothing to complain of at the end."""
    with clean_tab(browser, **HABITS | options) as tab:
        if login:
            log_in(tab.page, site, login)
        yield Visit(tab.page, site, tab.complaints)


def log_in(page: Page, site: Site, login: str, password: str = PASSWORD) -> None:
    """Log in, and stay on a page that is quickly shown."""
    page.goto(site.path("login/?next=/admin/password_change/"))
    page.locator("#id_username").fill(login)
    page.locator("#id_password").fill(password)
    page.locator("#login-form [type=submit]").click()
    page.wait_for_url("**/password_change/")


def violations(page: Page, options: dict[str, Any] | None = None) -> list[str]:
    """Return a line for each element that breaks a rule of WCAG 2.2, level A or AA, as far as axe-core can tell."""
    page.evaluate(END_TRANSITIONS)
    found = AXE.run(page, options=options or WCAG).response["violations"]
    return [
        f"{rule['id']}: {' '.join(map(str, node['target']))} {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
    ]


def scrolls_sideways(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def tab_to(page: Page, wanted: Locator) -> None:
    """Press the tabulator until something has the focus, as who has no mouse does."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{wanted} is not within reach of the keyboard")
