"""Runs a server that speaks the Chorus Pro API on this machine, for trying, demonstrating and testing."""

import argparse
import contextlib
import itertools
import json
import logging
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from chorus.local_portal.faults import KINDS, FaultError, Faults, StateHostError, parse_text
from chorus.local_portal.http.gateway import LOGGER
from chorus.local_portal.http.hosts import state_host, state_host_in
from chorus.local_portal.http.recorder import Recorder
from chorus.local_portal.life.scenarios import SCENARIOS
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.seed import DEFAULT_SEED, SeedError, load_seed
from chorus.local_portal.state.store import Store
from chorus.local_portal.state.writing import StoreError

# As the other commands do where settings are wrong.
BAD_SETTINGS = 78
# A year in five minutes and more.
FASTEST = 1_000_000


class Command(BaseCommand):
    help = "Runs a local Chorus Pro: a server that speaks the portal's API. It is not the State's portal."
    # It must run where there is no database yet, and next to settings that are not complete.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=_number(0, 65535), default=8100, help="0 takes a free one (8100)")
        parser.add_argument("--seed", type=Path, metavar="FILE.json", help="what it holds at its start")
        parser.add_argument("--state", type=Path, metavar="FILE", help="keep what it holds in this file")
        parser.add_argument("--scenario", choices=SCENARIOS, help="how buyers treat invoices by themselves")
        parser.add_argument("--scenario-seed", type=_number(0), default=0, metavar="N", help="repeats a scenario (0)")
        parser.add_argument("--speed", type=_speed, default=1, metavar="N", help="how fast its clock runs (1)")
        parser.add_argument("--latency-ms", type=_number(0), default=0, metavar="N", help="wait before each answer")
        parser.add_argument("--page-cap", type=_number(1), metavar="N", help="most rows granted on a page")
        parser.add_argument(
            "--fault",
            action="append",
            default=[],
            metavar="kind=KIND,NAME=VALUE,…",
            help=f"something that goes wrong; may be repeated. Kinds: {', '.join(KINDS)}",
        )
        parser.add_argument("--fault-seed", type=_number(0), metavar="N", help="repeats what is random in faults")
        parser.add_argument("--record", type=Path, metavar="FILE.jsonl", help="write every exchange into this file")
        parser.add_argument("--record-secrets", action="store_true", help="do not mask the secrets in that file")

    def handle(self, *args: Any, **options: Any) -> None:
        _refuse_state_hosts(options["host"], options["seed"])
        if options["record_secrets"] and not options["record"]:
            raise CommandError(_("--record-secrets is for a record: give --record FILE.jsonl as well."))
        _log_requests(options["verbosity"] >= 2)
        stopped = _stop_on_signal()
        with contextlib.ExitStack() as stack:
            faults = _faults(options["fault"], options["fault_seed"])
            recorder = stack.enter_context(_recorder(options["record"], options["record_secrets"]))
            store = stack.enter_context(_store(options["state"], options["speed"]))
            # A start that was cut short leaves a state without anybody in it.
            is_kept = bool(store.applications() or store.accounts())
            if not is_kept:
                _load(options["seed"], store)
            secrets_in = _secrets_in(store, options)
            portal = stack.enter_context(_portal(store, faults, recorder, secrets_in, options))
            self._introduce(portal, options, is_kept)
            self._show_credentials(store, secrets_in)
            self._say(_("Ctrl+C stops it."))
            stopped.wait()
        self._say(_("Local Chorus Pro stopped."))

    def _introduce(self, portal: LocalPortal, options: dict[str, Any], is_kept: bool) -> None:
        if options["state"]:
            self._say(_("This is NOT the State's portal: its invoices are invented, and kept in its state file."))
        else:
            self._say(_("This is NOT the State's portal: its invoices are invented, and forgotten when it stops."))
        # Other programs read this line: it is the same in every language.
        self._say(f"Local Chorus Pro on {portal.url}")
        self._say(_("In a browser: play the buyer, see deposits and the last calls."))
        self._say(_("In the settings: %(setting)s") % {"setting": f"CHORUS_LOCAL_URL={portal.url}"})
        for sentence in _notes(portal, options, is_kept):
            self._say(sentence)

    def _show_credentials(self, store: Store, secrets_in: Path | None) -> None:
        for application in store.applications():
            secret = _secret(application["client_secret"], secrets_in)
            self._say(_("PISTE application: %(id)s / %(secret)s") % {"id": application["client_id"], "secret": secret})
        for login, rows in itertools.groupby(store.accounts(), lambda row: row["login"]):
            attached = list(rows)
            secret = _secret(attached[0]["password"], secrets_in)
            self._say(_("Technical account: %(login)s / %(secret)s") % {"login": login, "secret": secret})
            for row in attached:
                self._say(f"    {row['kind']} {row['siret']} {row['name']}")

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _number(low: int, high: int = 2**31 - 1) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return read


def _speed(text: str) -> float:
    try:
        speed = float(text)
    except ValueError:
        speed = 0
    if not 0 < speed <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0 and up to {FASTEST}")
    return speed


def _refuse_state_hosts(host: str, seed: Path | None) -> None:
    """Stop where anything that we were given names one of the State's platforms."""
    for place, found in (
        ("CHORUS_LOCAL_URL", state_host(settings.CHORUS_LOCAL_URL)),
        ("--host", state_host(host)),
        ("--seed", seed and state_host_in(_read_leniently(seed))),
    ):
        if found:
            sentence = _(
                "%(place)s names %(host)s, which is the State's: the local Chorus Pro has nothing to do there."
            )
            raise CommandError(sentence % {"place": place, "host": found}, returncode=BAD_SETTINGS)


def _read_leniently(seed: Path) -> Any:
    """Return the JSON of a file, or None where it cannot be read: the seed is refused for that in its turn."""
    try:
        return json.loads(seed.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None


def _faults(texts: list[str], seed: int | None) -> Faults:
    try:
        return Faults([parse_text(text) for text in texts], seed)
    except StateHostError as error:
        sentence = _("--fault cannot be used. %(error)s") % {"error": error}
        raise CommandError(sentence, returncode=BAD_SETTINGS) from error
    except FaultError as error:
        raise CommandError(_("--fault cannot be used. %(error)s") % {"error": error}) from error


def _recorder(file: Path | None, with_secrets: bool) -> Recorder:
    try:
        return Recorder(file, with_secrets)
    except OSError as error:
        sentence = _("The record %(file)s cannot be written: %(error)s. Give another --record.")
        raise CommandError(sentence % {"file": file, "error": error.strerror}) from error


def _store(file: Path | None, speed: float) -> Store:
    try:
        return Store(file, Clock(speed))
    except StoreError as error:
        raise CommandError(_("The state cannot be used. %(error)s") % {"error": error}) from error


def _load(seed: Path | None, store: Store) -> None:
    try:
        with store.writing():
            load_seed(seed or DEFAULT_SEED, store)
    except (SeedError, StoreError) as error:
        raise CommandError(_("The seed cannot be used. %(error)s") % {"error": error}) from error


def _portal(
    store: Store, faults: Faults, recorder: Recorder, secrets_in: Path | None, options: dict[str, Any]
) -> LocalPortal:
    host, port = options["host"], options["port"]
    try:
        return LocalPortal(
            store,
            options["latency_ms"],
            options["page_cap"],
            host,
            port,
            faults=faults,
            recorder=recorder,
            seed=options["seed"] or DEFAULT_SEED,
            secrets_in=secrets_in,
            scenario=options["scenario"],
            scenario_seed=options["scenario_seed"],
        )
    except OSError as error:
        sentence = _("Cannot listen on %(host)s, port %(port)d: %(error)s. Give another --port; 0 takes a free one.")
        raise CommandError(sentence % {"host": host, "port": port, "error": error.strerror}) from error


def _notes(portal: LocalPortal, options: dict[str, Any], is_kept: bool) -> Iterator[str]:
    if not portal.is_for_this_machine:
        yield _("Other machines can reach it: whoever does may play the buyer on its page and give orders at /admin/.")
    if is_kept:
        yield _("It goes on with %(file)s. The seed is for a reset only.") % {"file": options["state"]}
    if portal.faults.as_json():
        yield _("Faults in force: %(count)d") % {"count": len(portal.faults.as_json())}
    if portal.faults.are_random:
        yield _("They are random; this repeats them: --fault-seed %(seed)d") % {"seed": portal.faults.seed}


def _secrets_in(store: Store, options: dict[str, Any]) -> Path | None:
    """Return the file that has the secrets, or None where they are those that the built-in seed publishes."""
    with Store() as published:
        load_seed(DEFAULT_SEED, published)
        known = {*map(_credentials, published.applications()), *map(_credentials, published.accounts())}
    held = {*map(_credentials, store.applications()), *map(_credentials, store.accounts())}
    return None if held <= known else options["seed"] or options["state"]


def _credentials(row: dict[str, Any]) -> tuple[str, str]:
    return row.get("client_id") or row["login"], row.get("client_secret") or row["password"]


def _secret(secret: str, secrets_in: Path | None) -> str:
    return _("its secret is in %(file)s") % {"file": secrets_in} if secrets_in else secret


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
