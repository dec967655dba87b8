"""How quick the local Chorus Pro is with many invoices, and what memory they take. See docs/local-chorus-pro.md."""

from __future__ import annotations

import argparse
import base64
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks import scenario
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store

FACTURES = "/cpro/factures/v1"
SEARCH = f"{FACTURES}/rechercher/fournisseur"
COLUMNS = "{:<44}{:>12}{:>12}{:>10}"
TITLES = ("call", "median ms", "fastest ms", "kB")


@dataclass(frozen=True)
class Line:
    """What one kind of call took, in milliseconds, and the size of its last answer in bytes."""

    name: str
    milliseconds: list[float]
    size: int

    def __str__(self) -> str:
        median, fastest = statistics.median(self.milliseconds), min(self.milliseconds)
        return COLUMNS.format(self.name, f"{median:.1f}", f"{fastest:.1f}", f"{self.size / 1000:.0f}")


class Client:
    """A client that reads answers and does nothing with them; each call has its own connection, as the server wants."""

    def __init__(self, url: str) -> None:
        self._address = urlsplit(url).netloc
        application, account = scenario.APPLICATION, scenario.ACCOUNT
        form = {"client_id": application.client_id, "client_secret": application.client_secret}
        asked = urlencode({"grant_type": "client_credentials", **form})
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        token = json.loads(self._post("/api/oauth/token", asked, headers))["access_token"]
        pair = f"{account.login}:{account.password}".encode()
        self._headers = {
            "Authorization": f"Bearer {token}",
            "cpro-account": base64.b64encode(pair).decode(),
            "Content-Type": "application/json",
        }

    def call(self, path: str, body: dict[str, Any]) -> bytes:
        return self._post(path, json.dumps(body), self._headers)

    def _post(self, path: str, body: str, headers: dict[str, str]) -> bytes:
        connection = HTTPConnection(self._address, timeout=60)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status != 200:
            sys.exit(f"{path}: HTTP {answer.status} {content[:200]!r}")
        return content


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--invoices", metavar="N", type=int, default=200_000, help="invoices of one supplier (200000)")
    parser.add_argument("--repeat", metavar="TIMES", type=int, default=20, help="calls of each kind (20)")
    options = parser.parse_args()
    if options.invoices < 2000 or options.repeat < 1:
        parser.error("at least 2000 invoices and 1 call are needed")
    _measure(options.invoices, options.repeat)


def _measure(count: int, repeat: int) -> None:
    before, began = _memory(), time.perf_counter()
    with Store() as store:
        ids = scenario.fill_portal(store, count)
        loaded, held = time.perf_counter() - began, _memory() - before
        with LocalPortal(store) as portal:
            lines = list(_lines(Client(portal.url), store, ids, repeat))
    print(f"{count} invoices, loaded in {loaded:.1f} s, {held:.0f} MB of memory; {repeat} calls of each kind\n")
    print(COLUMNS.format(*TITLES), *lines, sep="\n")


def _lines(client: Client, store: Store, ids: list[int], repeat: int) -> Iterator[Line]:
    count = len(ids)

    def window(rows: int) -> Callable[[int], bytes]:
        # Each time another window, so that none is remembered.
        return lambda time: client.call(SEARCH, _changed_since(count - rows - time, count, rows))

    def big(page: int) -> bytes:
        return client.call(SEARCH, _paged(1000, page))

    def first_of_big(_: int) -> bytes:
        store.set_status(ids[0], scenario.NEXT_STATUS)
        return big(1)

    for rows in (10, 100, 1000):
        yield _timed(f"a page of {rows} rows of a change window", window(rows), repeat)
    few = max(1, repeat // 4)
    yield _timed("the first, after a change, of all invoices", first_of_big, few)
    yield _timed("another page of all invoices", lambda time: big(time + 2), repeat)
    yield _timed(
        "consulter/fournisseur",
        lambda time: client.call(f"{FACTURES}/consulter/fournisseur", {"identifiantFactureCPP": ids[-1 - time]}),
        repeat,
    )
    yield _timed(
        "consulter/historique",
        lambda time: client.call(f"{FACTURES}/consulter/historique", {"idFacture": ids[-1 - time]}),
        repeat,
    )


def _changed_since(place: int, count: int, rows: int) -> dict[str, Any]:
    since = scenario.deposited_at(place, count).isoformat(timespec="milliseconds")
    return {"periodeDateHeureEtatCourantDu": since, **_paged(rows, 1)}


def _paged(rows: int, page: int) -> dict[str, Any]:
    paging = {"nbResultatsParPage": rows, "pageResultatDemandee": page, "triColonne": "DateDepot"}
    return {"rechercheFactureParFournisseur": {**paging, "triSens": "Ascendant"}}


def _timed(name: str, call: Callable[[int], bytes], repeat: int) -> Line:
    """Time calls, each told which one it is."""
    taken, content = [], b""
    for place in range(repeat):
        began = time.perf_counter()
        content = call(place)
        taken.append((time.perf_counter() - began) * 1000)
    return Line(name, taken, len(content))


def _memory() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # Linux gives KiB


if __name__ == "__main__":
    main()
