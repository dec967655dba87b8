"""Asks every page of the back office through Django's test client and prints what each cost, as JSON.

`python ask_pages.py TIMES`: in this process, through all middleware, as an Administrator with a French browser.
"""

from __future__ import annotations

import dataclasses
import html
import json
import re
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

import django

LINK = re.compile(r'href="(\?[^"]*)"')
LISTS = {
    "Invoices": "chorus_invoice",
    "Runs": "batches_run",
    "Outgoing mail": "batches_outgoingemail",
    "Batches": "batches_batch",
    "Companies": "chorus_company",
    "Chorus connections": "chorus_chorusconnection",
    "Users": "akuiteo_user",
}
"""Title, and the beginning of the view's name."""
SEARCHES = {
    "chorus_invoice": {
        "search, many found": "commune",
        "search, some found": "Belleville 34",
        "search, one found": "F{year}-0000123",
        "search, none found": "nothing like it",
        "search by SIRET with blanks": "123 456 780 10007",
        "search by flow number": "CPP00111170000000000000123",
    },
    "batches_run": {"search": "CHORUS3"},
    "batches_outgoingemail": {"search": "manager07@example.org"},
    "akuiteo_user": {"search": "manager07"},
}
KINDS = {"o": "sorted", "p": "page", "_facets": "with facets", "": "as it opens"}


@dataclasses.dataclass(frozen=True)
class Cost:
    """Milliseconds of each time that a page was asked for, and its queries."""

    name: str
    address: str
    milliseconds: list[float]
    queries: int

    def as_json(self) -> dict[str, Any]:
        times = {"median_ms": statistics.median(self.milliseconds), "max_ms": max(self.milliseconds)}
        return {"name": self.name, "address": self.address, "queries": self.queries} | times


class Browser:
    def __init__(self, times: int) -> None:
        from django.test import Client

        from akuiteo.models import User

        self._times = times
        self._client = Client(SERVER_NAME="127.0.0.1", headers={"accept-language": "fr-FR,fr;q=0.9"})
        self._client.force_login(User.objects.get(username="administrator"))

    def text(self, address: str) -> str:
        """Raises SystemExit where the page does not come."""
        response = self._client.get(address)
        if response.status_code != 200:
            sys.exit(f"{address} answered {response.status_code}")
        return str(response.content.decode())

    def cost(self, name: str, address: str) -> Cost:
        """Ask for a page, once without counting, then with nothing in the application's cache."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as captured:
            self._milliseconds(address)
        queries = len(captured)  # the next request forgets them
        return Cost(name, address, [self._milliseconds(address) for _ in range(self._times)], queries)

    def slowest(self, name: str, addresses: list[str]) -> Cost:
        """Return the cost of the slowest of these pages; each is asked for twice to find it."""
        worst = max(addresses, key=lambda address: min(self._milliseconds(address) for _ in range(2)))
        return self.cost(f"{name} (slowest of {len(addresses)})" if len(addresses) > 1 else name, worst)

    def _milliseconds(self, address: str) -> float:
        from django.core.cache import cache

        cache.clear()
        began = time.perf_counter()
        self.text(address)
        return 1000 * (time.perf_counter() - began)


def main(times: int) -> None:
    django.setup()
    browser = Browser(times)
    print(json.dumps([cost.as_json() for cost in costs(browser)]))


def costs(browser: Browser) -> Iterator[Cost]:
    from django.urls import reverse

    yield browser.cost("Dashboard", reverse("admin:index"))
    for title, view in LISTS.items():
        yield from _costs_of_list(browser, title, view)
        yield from _costs_of_one(browser, title, view)


def _costs_of_list(browser: Browser, title: str, view: str) -> Iterator[Cost]:
    """Ask for a list as it opens, and for what its own links lead to: filters, facets, order, pages."""
    from django.urls import reverse
    from django.utils import timezone

    address = reverse(f"admin:{view}_changelist")
    yield browser.cost(f"{title}, as it opens", address)
    for parameters, queries in _links(browser.text(address)).items():
        yield browser.slowest(f"{title}, {parameters}", [address + query for query in queries])
    for name, text in SEARCHES.get(view, {}).items():
        words = text.format(year=timezone.now().year - 2).replace(" ", "+")
        yield browser.cost(f"{title}, {name}", f"{address}?q={words}")


def _links(text: str) -> dict[str, list[str]]:
    """Return the links of a list that only change its query, by what they change."""
    found: dict[str, list[str]] = {}
    for query in dict.fromkeys(html.unescape(link) for link in LINK.findall(text)):
        names = sorted({name for name, _value in parse_qsl(query.removeprefix("?"), keep_blank_values=True)})
        if names:
            what = KINDS.get(names[0]) if len(names) == 1 else None
            found.setdefault(what or f"filter {', '.join(names)}", []).append(query)
    return found


def _costs_of_one(browser: Browser, title: str, view: str) -> Iterator[Cost]:
    """Ask for the page of the oldest and of the newest one, and for its history."""
    from django.apps import apps
    from django.urls import reverse

    rows = apps.get_model(view.replace("_", ".", 1))._default_manager.order_by("pk")
    pages = {"page of the oldest": rows.first(), "page of the newest": rows.last()}
    for name, row in pages.items():
        yield browser.cost(f"{title}, {name}", reverse(f"admin:{view}_change", args=(row.pk,)))
    yield browser.cost(f"{title}, history", reverse(f"admin:{view}_history", args=(rows.last().pk,)))


if __name__ == "__main__":
    main(int(sys.argv[1]))
