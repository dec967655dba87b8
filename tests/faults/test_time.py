"""Clocks: days of 23 and 25 hours, clocks that are set during a run, portals whose clock is another."""
# ruff: noqa: F811 - arguments have the names of fixtures that are imported

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import connection
from flask import Response
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from akuiteo.models import User
from batches.models import Run
from chorus.dashboard.payment import DAYS
from chorus.local_portal.faults.fault import Fault, checked
from chorus.local_portal.faults.rows import PageCap
from chorus.local_portal.http import paths
from chorus.local_portal.state.clock import Clock as PortalClock
from chorus.models import Company, Invoice, StatusChange, Watermark
from chorus.portal.clock import Clock
from chorus.portal.connection import Limits
from chorus.portal.messages import Search, build_search, parse_search
from chorus.portal.pace import Pace
from tests.chorus.batch.conftest import World, acme, claire, fast_passwords, world  # noqa: F401 - fixtures

PARIS = ZoneInfo("Europe/Paris")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AUTUMN = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""02:30 in Paris, for the first time; an hour later it is 02:30 again."""
SPRING = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
"""01:30 in Paris; an hour later it is 03:30."""
AROUND = st.sampled_from((AUTUMN, SPRING)).flatmap(
    lambda middle: st.integers(-3 * 3600 * 1000, 3 * 3600 * 1000).map(lambda ms: middle + timedelta(milliseconds=ms))
)


def as_row(at: str) -> datetime | None:
    row = {"identifiantFactureCPP": 1, "numeroFacture": "F-1", "statut": "DEPOSEE", "dateHeureEtatCourant": at}
    return parse_search({"codeRetour": 0, "listeFactures": [row]}).rows[0].since


@given(AROUND, AROUND)
def test_f40_a_moment_of_such_a_night_is_sent_and_read_as_the_same_moment(one: datetime, other: datetime) -> None:
    sent = [str(build_search(Search(changed_since=at), 1, 1)["periodeDateHeureEtatCourantDu"]) for at in (one, other)]
    read = [as_row(text) for text in sent]
    assert read == [one, other]
    assert all(at is not None and at.astimezone(PARIS).isoformat(timespec="milliseconds") in sent for at in read)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-10-25 01:59", "2026-10-24T23:59Z"),
        ("2026-10-25 02:30", "2026-10-25T00:30Z"),  # the first of two
        ("2026-10-25 03:00", "2026-10-25T02:00Z"),
        ("2026-03-29 02:30", "2026-03-29T01:30Z"),  # there is none: as if the clock had not been put forward
        ("2026-03-29", "2026-03-28T23:00Z"),
    ],
)
def test_f40_a_time_without_zone_that_exists_twice_or_never_is_a_moment_all_the_same(written: str, meant: str) -> None:
    assert as_row(written) == datetime.fromisoformat(meant)


@pytest.fixture
def alerting(world: World, acme: Company) -> World:
    world.set(
        ALERTER_RESPONSABLE_FACTURE="True",
        LISTE_ETATS_CHORUS_A_ALERTER="DEPOSEE;MANDATEE;COMPTABILISEE;MISE_EN_PAIEMENT",
        BATCH_LOG_FILE="nights",
    )
    return world


@pytest.mark.parametrize("night", [AUTUMN, SPRING], ids=["autumn", "spring"])
def test_f40_changes_and_runs_of_such_a_night_are_each_kept_once(
    alerting: World, acme: Company, claire: User, night: datetime, settings: Settings
) -> None:
    """A change and a run in each of the two hours, of which the clocks on the wall show one or none."""
    world, begins = alerting, night - DAY
    world.now = begins
    moved = world.deposit(acme, "F-1", manager=claire)
    changes = [("DEPOSEE", world.now)]
    with time_machine.travel(begins, tick=True) as traveller:
        world.run()
        for code, at in (("MANDATEE", night), ("COMPTABILISEE", night + HOUR), ("MISE_EN_PAIEMENT", night + 2 * HOUR)):
            world.store.set_status(moved, code, at)
            traveller.move_to(at + timedelta(seconds=1))
            assert world.run().exit_code == 0
            changes.append((code, at))
    assert list(StatusChange.objects.order_by("pk").values_list("new", "at")) == changes
    assert Watermark.objects.get().settled_until == night + HOUR + HOUR
    assert len(mail.outbox) == len(changes)
    beginnings = [str(run.started_at.astimezone(PARIS).isoformat(" ", "seconds")) for run in Run.objects.order_by("pk")]
    files = sorted((settings.LOG_ROOT / "nights").iterdir(), key=lambda file: file.stat().st_ino)
    texts = "".join(file.read_text(encoding="utf-8") for file in files)
    assert len(files) == len(set(beginnings)) == len(changes)
    assert all(f"{beginning} LOG" in texts for beginning in beginnings)


@pytest.mark.usefixtures("db")
def test_f40_the_database_has_the_times_of_such_a_night_in_utc(alerting: World) -> None:
    with time_machine.travel(AUTUMN + HOUR, tick=False):
        alerting.run()
    with connection.cursor() as cursor:
        cursor.execute("SELECT started_at FROM batches_run")
        (stored,) = cursor.fetchone()
    assert str(stored).startswith("2026-10-25 01:30:00")
    assert Run.objects.get().started_at == AUTUMN + HOUR


@pytest.mark.parametrize(
    ("deposited_on", "paid_at", "days"),
    [
        (date(2026, 10, 24), AUTUMN, 1),
        (date(2026, 10, 24), AUTUMN + HOUR, 1),
        (date(2026, 10, 25), datetime(2026, 10, 25, 22, 30, tzinfo=UTC), 0),  # 25 hours later it is the same day
        (date(2026, 10, 25), datetime(2026, 10, 25, 23, 0, tzinfo=UTC), 1),
        (date(2026, 3, 28), SPRING, 1),
        (date(2026, 3, 29), datetime(2026, 3, 29, 21, 30, tzinfo=UTC), 0),
    ],
)
def test_f40_days_until_payment_are_days_of_paris_also_across_such_a_night(
    acme: Company, deposited_on: date, paid_at: datetime, days: int
) -> None:
    Invoice.objects.create(
        company=acme, number="F-1", date=deposited_on, deposited_on=deposited_on, chorus_status_at=paid_at
    )
    assert Invoice.objects.annotate(days=DAYS).get().days == days


@dataclasses.dataclass(frozen=True, kw_only=True)
class ClockIsSet(Fault):
    """This machine's clock is set while the portal answers a search."""

    kind = "clock-is-set"
    paths = frozenset({paths.SEARCH})

    jump: Callable[[], None] = field(metadata=checked(lambda _value: None))

    def answered(self, reply: Response) -> Response:
        self.jump()
        return reply


STEPS = [HOUR, -HOUR, DAY, -DAY, 400 * DAY, -400 * DAY]


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_f40_a_clock_that_is_set_while_pages_are_read_changes_nothing(
    alerting: World, acme: Company, claire: User, step: timedelta
) -> None:
    world = alerting
    moved = [world.deposit(acme, f"F-{place}", manager=claire) for place in range(6)]
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        jump = ClockIsSet(after=1, times=1, jump=lambda: traveller.shift(step))
        world.portal.faults.add([PageCap(rows=2), jump])
        result = world.run()
        assert (result.exit_code, result.counts["changed"], result.counts["alerts"]) == (0, 6, 1)
        assert result.counts["requests"] == 1 + 3  # the token, which is not renewed, and each page once
        assert 0 < result.duration_s < 300
        world.portal.faults.clear()
        assert world.run().counts["changed"] == 0
        world.move(moved[0], "MANDATEE")
        assert world.run().counts["changed"] == 1
    assert len(mail.outbox) == 2
    assert StatusChange.objects.count() == 7


@pytest.mark.parametrize("offset", [-DAY, -14 * HOUR, -HOUR, HOUR, 14 * HOUR, DAY], ids=str)
def test_f40_a_portal_whose_clock_is_wrong_loses_nothing_and_alerts_once(
    alerting: World, acme: Company, claire: User, offset: timedelta
) -> None:
    world = alerting
    world.store.clock = PortalClock(start=datetime.now(UTC) + offset)
    world.now = world.store.clock.now()
    moved = world.deposit(acme, "F-1", manager=claire)
    world.store.clock.advance(timedelta(minutes=2))
    world.run()
    for code in ("MANDATEE", "COMPTABILISEE", "MISE_EN_PAIEMENT"):
        world.store.set_status(moved, code)
        assert world.run().counts["changed"] == 1
    assert list(StatusChange.objects.order_by("pk").values_list("new", flat=True)) == [
        *("DEPOSEE", "MANDATEE", "COMPTABILISEE", "MISE_EN_PAIEMENT")
    ]
    assert len(mail.outbox) == 4


class SettableClock(Clock):
    """One that shows what it is set to; what has passed does not depend on that."""

    def __init__(self) -> None:
        self.shown = datetime(2026, 11, 2, 8, tzinfo=UTC)

    def now(self) -> datetime:
        return self.shown


@pytest.fixture
def clock() -> SettableClock:
    return SettableClock()


@pytest.fixture
def pace(clock: SettableClock, tmp_path: Path) -> Pace:
    return Pace("an account", Limits(state_dir=tmp_path), clock, threading.Event())


@pytest.mark.parametrize("step", [HOUR, DAY, 400 * DAY], ids=str)
def test_f40_a_clock_that_is_set_back_makes_a_pause_begin_anew_and_no_longer(
    pace: Pace, clock: SettableClock, step: timedelta
) -> None:
    pace.hold(60)
    clock.shown -= step
    assert pace.held_for() == pytest.approx(60)
    clock.shown += timedelta(seconds=59)
    assert pace.held_for() == pytest.approx(1)
    clock.shown += timedelta(seconds=2)
    assert pace.held_for() == 0


@pytest.mark.parametrize("step", STEPS, ids=str)
def test_f40_a_clock_that_is_set_keeps_no_request_waiting(pace: Pace, clock: SettableClock, step: timedelta) -> None:
    for _ in range(3):
        with pace.turn():
            clock.shown += step


@pytest.mark.parametrize("text", ["", "nan nan", "-inf inf", "1e400 1", "1", "1 2 3", "x y", "0 1e18"])
def test_f40_a_pause_that_cannot_be_read_is_none(pace: Pace, tmp_path: Path, text: str) -> None:
    (tmp_path / "chorus-an account.hold").write_text(text)
    assert pace.held_for() == 0
