"""Nobody is led to another site, whatever an address or a form names as the next page (S15)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.test import Client

from akuiteo.models import User
from tests.admin.builders import url
from tests.admin.test_permissions import address, make_rows, table

ELSEWHERE = [
    "https://evil.example.org/",
    "//evil.example.org/",
    "///evil.example.org/",
    "/\\evil.example.org/",
    "\\\\evil.example.org/",
    "http:evil.example.org",
    "http:///evil.example.org",
    "https://testserver@evil.example.org/",
    "https://evil.example.org\\@testserver/",
    "javascript:alert(1)",
    "data:text/html,x",
    "/\t/evil.example.org/",
    "\x00//evil.example.org/",
    "//evil。example。org/",
]


REDIRECTED = (301, 302, 303, 307, 308)


def place(answer: Any) -> tuple[str, str]:
    """Return scheme and host that a browser goes to, which takes a backslash for a slash and drops tabs."""
    assert answer.status_code in REDIRECTED, answer.status_code
    location = "".join(letter for letter in answer.headers["Location"] if letter not in "\t\r\n").replace("\\", "/")
    there = urlsplit(urljoin("http://testserver/", location))
    return there.scheme, there.netloc


HERE = ("http", "testserver")


@pytest.mark.parametrize("there", ELSEWHERE)
def test_s15_the_login_leads_to_a_page_of_the_site(db: None, there: str) -> None:
    User.objects.create_user("anna", password="right-password", is_staff=True)
    form = {"username": "anna", "password": "right-password"}
    assert place(Client().post(f"{url('login')}?next={quote(there)}", form)) == HERE
    assert place(Client().post(url("login"), form | {"next": there})) == HERE


@pytest.mark.parametrize("there", ELSEWHERE)
def test_s15_who_is_logged_in_already_stays_here(viewer: Client, there: str) -> None:
    assert place(viewer.get(url("login"), {"next": there})) == HERE


@pytest.mark.parametrize("there", ELSEWHERE)
def test_s15_the_logout_leads_nowhere_else(viewer: Client, there: str) -> None:
    answer = viewer.post(f"{url('logout')}?next={quote(there)}", {"next": there})
    assert answer.status_code == 200 or place(answer) == HERE


@pytest.mark.parametrize("there", ELSEWHERE)
def test_s15_the_change_of_language_leads_back_to_the_site(client: Client, there: str) -> None:
    assert place(client.post("/i18n/setlang/", {"language": "fr", "next": there})) == HERE
    referer = there.replace("\x00", "").replace("\t", "")
    assert place(client.post("/i18n/setlang/", {"language": "fr"}, headers={"Referer": referer})) == HERE


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example.org",
        "//evil.example.org/%2e%2e",
        "/\\evil.example.org",
        "/admin//evil.example.org",
        "/admin/batches/batch///evil.example.org/",
        "/admin/chorus/invoice/%2F%2Fevil.example.org/",
        "/admin/chorus/invoice/import?next=//evil.example.org",
    ],
)
def test_s15_an_address_that_only_looks_like_one_of_the_site_leads_nowhere_else(viewer: Client, path: str) -> None:
    for browser in (viewer, Client()):
        answer = browser.get(path)
        assert answer.status_code in (400, 404) or place(answer) == HERE


@pytest.mark.parametrize("there", ELSEWHERE)
def test_s15_what_a_list_hands_on_to_its_form_leads_nowhere_else(
    client_of: Callable[[str], Client], there: str
) -> None:
    query = "&".join(f"{name}={quote(there)}" for name in ("_changelist_filters", "next"))
    assert place(client_of("superuser").post(f"{url('auth_group_add')}?{query}", {"name": "Spare"})) == HERE


def test_s15_no_page_leads_where_its_address_says(client_of: Callable[[str], Client]) -> None:
    rows, browser = make_rows() | {"import": 0}, client_of("superuser")
    for route in table():
        answer = browser.get(address(route, rows), {"next": "//evil.example.org/", "url": "//evil.example.org/"})
        assert answer.status_code not in REDIRECTED or place(answer) == HERE, route
