"""Who has no mouse gets everywhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.seeding import PASSWORD
from tests.browser.site import Site
from tests.browser.visiting import tab_to, visit
from tests.browsing import PHONE

pytestmark = pytest.mark.slow


def test_a_person_logs_in_by_keyboard_alone(browser: Browser, shared_site: Site) -> None:
    with visit(browser, shared_site) as stranger:
        page = stranger.open()
        expect(page.get_by_label("Username")).to_be_focused()
        page.keyboard.type("ada")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")


def test_the_first_step_skips_the_menus(browser: Browser, shared_site: Site) -> None:
    with visit(browser, shared_site, "ada") as ada:
        page = ada.open("chorus/invoice/")
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Skip to main content")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport()
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        assert page.evaluate("document.querySelector('main, #main').contains(document.activeElement)")


def test_an_invoice_is_opened_by_keyboard_alone(browser: Browser, shared_site: Site) -> None:
    with visit(browser, shared_site, "ada") as ada:
        page = ada.open()
        tab_to(page, page.locator("#menus").get_by_role("link", name="Invoices"))
        page.keyboard.press("Enter")
        page.wait_for_url("**/chorus/invoice/")
        first = page.locator("#result_list tbody tr").first.get_by_role("link").first
        number = first.inner_text()
        tab_to(page, first)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text(number)


def test_on_a_phone_the_menu_opens_and_closes_by_keyboard(browser: Browser, shared_site: Site) -> None:
    with visit(browser, shared_site, "ada", viewport=PHONE) as ada:
        page = ada.open()
        invoices = page.locator("#menus").get_by_role("link", name="Invoices")
        expect(invoices).to_be_hidden()
        tab_to(page, page.get_by_role("button", name="Menu"))
        page.keyboard.press("Enter")
        expect(invoices).to_be_visible()
        page.keyboard.press("Escape")
        expect(invoices).to_be_hidden()


def test_what_has_the_focus_shows_it(browser: Browser, shared_site: Site) -> None:
    with visit(browser, shared_site, "ada") as ada:
        page = ada.open("chorus/invoice/")
        for _ in range(30):
            page.keyboard.press("Tab")
            outline, shadow = page.evaluate(
                "(style => [style.outlineStyle, style.boxShadow])(getComputedStyle(document.activeElement))"
            )
            assert (outline, shadow) != ("none", "none"), page.evaluate("document.activeElement.outerHTML")
