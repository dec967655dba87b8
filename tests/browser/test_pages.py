"""Every page that a person can reach is in order: for people with any eyes, on any screen, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.reaching import reachable
from tests.browser.screens import show_import
from tests.browser.site import Site
from tests.browser.visiting import CONTRAST, Visit, scrolls_sideways, violations, visit
from tests.browsing import DESKTOP, PHONE

pytestmark = pytest.mark.slow

KINDS_OF_PAGES = 30
"""At least so many are found: a walk that stops early proves nothing."""


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_every_page_is_in_order_in_light_and_dark_and_on_a_phone(
    browser: Browser, shared_site: Site, locale: str
) -> None:
    """No error, no violated policy, no broken rule of WCAG, nothing wider than a phone.

    One test: to open each page anew for each of these would take minutes more.
    """
    with visit(browser, shared_site, locale=locale) as stranger:
        found = faults_of(stranger, shared_site.path("login/"))
    with visit(browser, shared_site, "ada", locale=locale) as ada:
        pages = reachable(ada)
        assert len(pages) >= KINDS_OF_PAGES
        for address in pages:
            found += faults_of(ada, address)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_pages_behind_buttons_are_in_order_too(browser: Browser, site: Site, locale: str) -> None:
    [[invoice]] = site.rows("SELECT id FROM chorus_invoice WHERE chorus_status = 'MANDATEE' LIMIT 1")
    with visit(browser, site, "ada", locale=locale) as ada:
        show_import(ada)
        found = faults(ada)
        ada.page.locator("main form [type=submit]").first.click()
        found += faults(ada)
        for form in ("do/check_now/", "do/assign_manager/"):
            ada.open(f"chorus/invoice/{invoice}/change/").locator(f"form[action*='{form}'] button").click()
            found += faults(ada)
        ada.open("chorus/chorusconnection/1/change/").locator("form[action*='test'] button").click()
        found += faults(ada)
    assert not found, "\n".join(found)


def faults_of(person: Visit, address: str) -> list[str]:
    person.page.goto(address)
    return faults(person)


def faults(person: Visit) -> list[str]:
    """Look at a page in each of the ways that people do; return all that is wrong with it."""
    page = person.page
    found = {"light": violations(page)}
    page.emulate_media(color_scheme="dark")
    found["dark"] = violations(page, CONTRAST)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    found["phone"] = violations(page) + (["scrolls sideways"] if scrolls_sideways(page) else [])
    page.set_viewport_size(DESKTOP)
    found["browser"] = list(person.complaints)
    person.complaints.clear()
    return [f"{page.url} {where}: {fault}" for where, lines in found.items() for fault in lines]
