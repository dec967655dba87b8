"""Each role sees its menus, and everyone their language."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.site import Site
from tests.browser.visiting import visit

pytestmark = pytest.mark.slow

SALES, BATCHES, COMPANIES = "Invoices", ["Batch creation and modification", "Runs", "Outgoing mail"], "Companies"
MENUS = {
    "violette": ["Dashboard", SALES, *BATCHES, COMPANIES],
    "aline": ["Dashboard", SALES, *BATCHES, COMPANIES],
    "oscar": ["Dashboard", SALES, *BATCHES, COMPANIES, "Chorus connections", "Users", "Roles"],
    "ada": ["Dashboard", SALES, *BATCHES, COMPANIES, "Chorus connections", "Users", "Roles"],
}


@pytest.mark.parametrize("login", MENUS)
def test_a_person_sees_the_menus_of_the_role(browser: Browser, shared_site: Site, login: str) -> None:
    with visit(browser, shared_site, login) as person:
        expect(person.open().locator("#menus a")).to_have_text(MENUS[login])


def test_a_viewer_is_offered_nothing_that_changes_anything(browser: Browser, shared_site: Site) -> None:
    with visit(browser, shared_site, "violette") as viewer:
        for path in ("chorus/invoice/1/change/", "batches/batch/1/change/", "batches/run/1/change/"):
            page = viewer.open(path)
            expect(page.locator("main [type=submit], main form button")).to_have_count(0)


def test_the_language_is_switched_and_stays(browser: Browser, shared_site: Site) -> None:
    with visit(browser, shared_site, "ada") as ada:
        page = ada.open("batches/run/?outcome__exact=failed")
        page.get_by_role("button", name="Français").click()
        expect(page).to_have_url(shared_site.path("batches/run/?outcome__exact=failed"))
        expect(page.locator("html")).to_have_attribute("lang", "fr")
        expect(ada.open().get_by_role("heading", level=1)).to_have_text("Tableau de bord")


def test_the_colours_are_switched_and_stay(browser: Browser, shared_site: Site) -> None:
    with visit(browser, shared_site, "ada") as ada:
        page = ada.open()
        ground = "getComputedStyle(document.body).backgroundColor"
        light = page.evaluate(ground)
        page.get_by_role("button", name="Toggle theme").first.click()
        assert page.evaluate(ground) != light
        ada.open("chorus/invoice/")
        assert page.evaluate(ground) != light
