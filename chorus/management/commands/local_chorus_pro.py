"""Runs a server that speaks the Chorus Pro API on this machine, for trying, demonstrating and testing."""

import argparse
import itertools
import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chorus.local_portal.gateway import LOGGER
from chorus.local_portal.seed import DEFAULT_SEED, SeedError, load_seed
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.store import Store


class Command(BaseCommand):
    help = "Runs a local Chorus Pro: a server that speaks the portal's API. It is not the State's portal."
    # It must run where there is no database yet, and next to settings that are not complete.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=_number(0, 65535), default=8100, help="0 takes a free one (8100)")
        parser.add_argument("--seed", type=Path, metavar="FILE.json", help="what it holds at its start")
        parser.add_argument("--latency-ms", type=_number(0), default=0, metavar="N", help="wait before each answer")
        parser.add_argument("--page-cap", type=_number(1), metavar="N", help="most rows granted on a page")

    def handle(self, *args: Any, **options: Any) -> None:
        _log_requests(options["verbosity"] >= 2)
        stopped = _stop_on_signal()
        with Store() as store:
            self._load(options["seed"], store)
            with self._portal(store, options) as portal:
                self._introduce(portal, options["seed"])
                stopped.wait()
        self._say(_("Local Chorus Pro stopped."))

    def _load(self, seed: Path | None, store: Store) -> None:
        try:
            load_seed(seed or DEFAULT_SEED, store)
        except SeedError as error:
            raise CommandError(_("The seed cannot be used. %(error)s") % {"error": error}) from error

    def _portal(self, store: Store, options: dict[str, Any]) -> LocalPortal:
        host, port = options["host"], options["port"]
        try:
            return LocalPortal(store, options["latency_ms"], options["page_cap"], host, port)
        except OSError as error:
            sentence = _(
                "Cannot listen on %(host)s, port %(port)d: %(error)s. Give another --port; 0 takes a free one."
            )
            raise CommandError(sentence % {"host": host, "port": port, "error": error.strerror}) from error

    def _introduce(self, portal: LocalPortal, seed: Path | None) -> None:
        self._say(_("This is NOT the State's portal: its invoices are invented, and forgotten when it stops."))
        # Other programs read this line: it is the same in every language.
        self._say(f"Local Chorus Pro on {portal.url}")
        self._say(_("In the settings: %(setting)s") % {"setting": f"CHORUS_LOCAL_URL={portal.url}"})
        for application in portal.store.applications():
            secret = _secret(application["client_secret"], seed)
            self._say(_("PISTE application: %(id)s / %(secret)s") % {"id": application["client_id"], "secret": secret})
        for login, rows in itertools.groupby(portal.store.accounts(), lambda row: row["login"]):
            attached = list(rows)
            secret = _secret(attached[0]["password"], seed)
            self._say(_("Technical account: %(login)s / %(secret)s") % {"login": login, "secret": secret})
            for row in attached:
                self._say(f"    {row['kind']} {row['siret']} {row['name']}")
        self._say(_("Ctrl+C stops it."))

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _number(low: int, high: int = 2**31 - 1) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return read


def _secret(secret: str, seed: Path | None) -> str:
    """Return the secret where it is the published one of the default seed; those of a file stay there."""
    return _("its secret is in %(file)s") % {"file": seed} if seed else secret


def _log_requests(wanted: bool) -> None:
    LOGGER.setLevel(logging.INFO if wanted else logging.WARNING)
    if wanted:
        LOGGER.propagate = False
        LOGGER.addHandler(logging.StreamHandler())


def _stop_on_signal() -> threading.Event:
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *received: stopped.set())
    return stopped
