"""The eyes of the browser tests are not blind."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.site import Site
from tests.browser.visiting import scrolls_sideways, violations, visit
from tests.browsing import clean_tab

pytestmark = pytest.mark.slow

PAGE = '<html lang="en"><title>Page</title><main><h1>Page</h1>{}</main></html>'


@pytest.mark.parametrize(
    ("html", "rule"),
    [
        ('<img src="data:,">', "image-alt"),
        ("<input>", "label"),
        ('<p style="color: #aaa">faint</p>', "color-contrast"),
    ],
)
def test_a_broken_rule_is_seen(browser: Browser, html: str, rule: str) -> None:
    with clean_tab(browser) as tab:
        tab.page.set_content(PAGE.format(html))
        assert [line.split(":")[0] for line in violations(tab.page)] == [rule]


def test_a_page_in_order_is_left_alone(browser: Browser) -> None:
    with clean_tab(browser) as tab:
        tab.page.set_content(PAGE.format("<p>All is well.</p>"))
        assert violations(tab.page) == []
        assert not scrolls_sideways(tab.page)


def test_a_page_wider_than_its_window_is_seen(browser: Browser) -> None:
    with clean_tab(browser) as tab:
        tab.page.set_content(PAGE.format('<p style="width: 5000px">wide</p>'))
        assert scrolls_sideways(tab.page)


def test_a_violated_policy_is_complained_of(browser: Browser, shared_site: Site) -> None:
    with visit(browser, shared_site) as stranger:
        stranger.open().evaluate("document.body.insertAdjacentHTML('beforeend', '<p onclick=\"alert(1)\">x</p>')")
        assert ["Content Security Policy" in complaint for complaint in stranger.complaints] == [True]
        stranger.complaints.clear()
