"""Finds the pages of the back office as a person does: from link to link."""

from __future__ import annotations

from collections import Counter, deque
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from django.urls import Resolver404, resolve

from tests.browser.visiting import Visit

MOST_PLAIN, MOST_QUERIED = 2, 2
"""Pages that one view may show, such as two invoices, and with a query, such as a filtered list: more are like them."""
SAME_PAGE = frozenset({"_changelist_filters", "o"})
"""Parameters that change where a page leads back to, or the order of its rows."""


def reachable(visit: Visit) -> list[str]:
    """Return the addresses of the pages that links lead to from the dashboard, some of each kind."""
    start = visit.site.path()
    found: list[str] = []
    seen, kinds, waiting = {start}, Kinds(), deque([start])
    while waiting:
        address = waiting.popleft()
        if not kinds.lack(address):
            continue
        answer = visit.page.context.request.get(address)
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        kinds.add(address)
        found.append(address)
        new = [link for link in _links(answer.text(), address) if link not in seen and link.startswith(visit.site.url)]
        seen.update(new)
        waiting.extend(new)
    return found


class Kinds:
    """Counts the pages of each view, and of each set of parameters that it was asked with."""

    def __init__(self) -> None:
        self._plain, self._queried = Counter[str](), Counter[str]()
        self._asked: set[tuple[str, frozenset[str]]] = set()

    def lack(self, address: str) -> bool:
        view, parameters = _view(address)
        if parameters & SAME_PAGE:
            return False
        if not parameters:
            return self._plain[view] < MOST_PLAIN
        return self._queried[view] < MOST_QUERIED and (view, parameters) not in self._asked

    def add(self, address: str) -> None:
        view, parameters = _view(address)
        (self._queried if parameters else self._plain)[view] += 1
        self._asked.add((view, parameters))


def _view(address: str) -> tuple[str, frozenset[str]]:
    """Return the name of the view that answers, and the parameters that change what it shows."""
    parts = urlsplit(address)
    try:
        name = resolve(parts.path).view_name
    except Resolver404:
        name = "static"
    return name, frozenset(name for name, _value in parse_qsl(parts.query, keep_blank_values=True))


def _links(html: str, address: str) -> list[str]:
    reader = _Links()
    reader.feed(html)
    return list(dict.fromkeys(urldefrag(urljoin(address, link)).url for link in reader.found))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)
