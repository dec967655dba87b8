"""F46: a portal that is down for long does not flood support. Real runs, a real portal, a real mail server."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import time_machine

from akuiteo.models import User
from batches.models import Run
from chorus.models import Company
from chorus.portal import transport
from tests.batches.smtp import SmtpServer, free_port
from tests.chorus.batch.conftest import World, acme, fast_passwords, world  # noqa: F401 - fixtures
from tests.chorus.portal.servers import FakeClock

EVENING = datetime.datetime(2026, 11, 23, 17, tzinfo=datetime.UTC)
pytestmark = pytest.mark.wrong_traffic


@pytest.fixture
def smtp(settings: Any) -> Iterator[SmtpServer]:
    server = SmtpServer()
    server.start()
    settings.EMAIL_BACKEND = "batches.smtp_backend.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.stop()


@pytest.fixture
def night(world: World, acme: Company, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:  # noqa: F811
    monkeypatch.setattr(transport, "Clock", FakeClock)
    world.deposit(acme, "F-1")
    with time_machine.travel(EVENING) as clock:
        yield Night(world, clock, settings)


class Night:
    """Runs of the batch one after the other, in what is wrong at the time."""

    def __init__(self, world: World, clock: time_machine.Traveller, settings: Any) -> None:  # noqa: F811
        self.world = world
        self.clock = clock
        self.settings = settings
        self.addresses = dict(settings.CHORUS_ENVIRONMENTS)
        self.runs = 0

    def run(self, times: int, every: datetime.timedelta, before: Callable[[int], None] = lambda _place: None) -> None:
        for place in range(times):
            before(place)
            self.clock.move_to(EVENING + self.runs * every)
            self.world.run()
            self.runs += 1

    def portal_is_away(self) -> None:
        nowhere = f"http://127.0.0.1:{free_port()}"
        self.settings.CHORUS_ENVIRONMENTS = {
            **self.addresses,
            "local": {"token_url": f"{nowhere}/api/oauth/token", "api_url": nowhere},
        }

    def portal_is_back(self) -> None:
        self.settings.CHORUS_ENVIRONMENTS = self.addresses

    def password_is_wrong(self) -> None:
        User.objects.filter(username="batch").update(is_active=False)

    def password_is_right(self) -> None:
        User.objects.filter(username="batch").update(is_active=True)


def subjects(smtp: SmtpServer) -> list[str]:
    return [str(mail["Subject"]).strip() for mail in smtp.mails]  # folded where it is long


@pytest.mark.parametrize(
    ("every", "times"),
    [
        (datetime.timedelta(hours=2), 26),
        pytest.param(datetime.timedelta(minutes=5), 14 * 12, marks=pytest.mark.faults),
    ],
)
def test_f46_a_portal_that_is_down_is_told_once_reminded_daily_and_told_when_it_is_back(
    night: Night, smtp: SmtpServer, every: datetime.timedelta, times: int
) -> None:
    night.portal_is_away()
    night.run(times, every)
    reminders = int(every * (times - 1) / datetime.timedelta(days=1))
    first, *reminded = subjects(smtp)
    assert first.startswith("Batch CHORUS failed: ACME: Connection of ACME")
    assert len(reminded) == reminders
    assert all(subject.startswith("Reminder: Batch CHORUS failed: ") for subject in reminded)
    night.portal_is_back()
    night.run(3, every)
    assert subjects(smtp)[1 + reminders :] == ["Batch CHORUS is back to normal"]
    over = smtp.mails[-1].get_body(("plain",))
    assert over is not None
    assert f"in {times} runs in a row" in over.get_content()
    assert "since 2026-11-23 18:00" in over.get_content()
    assert Run.objects.filter(outcome="failed").count() == times


def test_f46_two_failures_that_alternate_are_told_once_each(night: Night, smtp: SmtpServer) -> None:
    def alternate(place: int) -> None:
        (night.password_is_wrong, night.password_is_right)[place % 2]()
        (night.portal_is_back, night.portal_is_away)[place % 2]()

    night.run(12, datetime.timedelta(minutes=5), alternate)
    assert [subject.split(":")[0] for subject in subjects(smtp)] == ["Batch CHORUS was refused", "Batch CHORUS failed"]
    second = smtp.mails[1].get_body(("plain",))
    assert second is not None
    assert "What stands here is new." in second.get_content()
    assert "since 2026-11-23 18:00" in second.get_content()


def test_f46_f31_what_support_is_told_waits_for_a_mail_server_that_is_down_too(night: Night, smtp: SmtpServer) -> None:
    night.settings.EMAIL_PORT = free_port()
    night.portal_is_away()
    night.run(4, datetime.timedelta(minutes=5))
    night.settings.EMAIL_PORT = smtp.port
    night.portal_is_back()
    night.run(2, datetime.timedelta(minutes=5))
    assert [subject[:21] for subject in subjects(smtp)] == ["Batch CHORUS failed: ", "Batch CHORUS is back "]
