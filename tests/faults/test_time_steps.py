"""Whatever this machine's clock shows and the portal's: nothing is lost, and no transition is alerted twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import hypothesis
import pytest
import time_machine
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pytest_django import Settings

from chorus.models import Company, StatusChange
from chorus.statuses import FINAL
from chorus.tracking.states import Rules
from tests.chorus.tracking.helpers import SIRET, follow, make_company
from tests.chorus.tracking.simulated_portal import BEGIN
from tests.chorus.tracking.test_nothing_is_lost import CODES, Story, forget_everything, manners, stored

ALERTING = Rules(frozenset(FINAL), alerting=frozenset(CODES))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OFFSETS = st.sampled_from((timedelta(0), HOUR, 14 * HOUR, DAY, 400 * DAY)) | st.timedeltas(timedelta(0), 3 * DAY)
STEPS = st.builds(lambda sign, step: sign * step, st.sampled_from((-1, 1)), OFFSETS)


class Clocks(Story):
    """A story during which this machine's clock is set again and again, also while pages are read."""

    traveller: time_machine.Traveller

    def set_clock(self) -> None:
        """The clock of this machine has nothing to do with the portal's."""
        self.traveller.move_to(BEGIN + self.data.draw(STEPS, label="this machine's clock"))

    def meddle(self) -> None:
        self.set_clock()
        super().meddle()

    def run(self, meddling: bool) -> None:
        self.set_clock()
        self.portal.between_pages = self.meddle if meddling else self.set_clock
        self.portal.tick(timedelta(seconds=30))
        before = time.monotonic()
        follow(self.portal, [self.company], ALERTING)
        assert time.monotonic() >= before


def alerted() -> dict[str, list[tuple[str, str]]]:
    """Return the transitions that somebody is to be alerted of, by invoice."""
    due: dict[str, list[tuple[str, str]]] = {}
    for number, old, new in (
        StatusChange.objects.filter(alert_due=True).order_by("pk").values_list("invoice__number", "old", "new")
    ):
        due.setdefault(number, []).append((old, new))
    return due


@pytest.fixture(autouse=True)
def small_pages(settings: Settings) -> None:
    settings.CHORUS_PAGE_SIZE = 5


@pytest.fixture
def company(db: None) -> Iterator[Company]:
    yield make_company("ACME", SIRET)
    forget_everything()


@examples(
    max_examples=max(15, hypothesis.settings().max_examples // 10),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data(), manners=manners)
def test_f40_clocks_lose_nothing_and_alert_nobody_twice(company: Company, data: DataObject, manners: object) -> None:
    forget_everything()
    with time_machine.travel(datetime.now(UTC), tick=True) as traveller:
        story = Clocks(data, company, manners)  # type: ignore[arg-type]
        story.traveller = traveller
        for _ in range(data.draw(st.integers(3, 8), label="deposits")):
            story.deposit()
        events = [story.move_some, story.move_many_together, story.change_zone, story.register_latecomers]
        for _ in range(data.draw(st.integers(1, 4), label="rounds")):
            story.run(meddling=data.draw(st.booleans(), label="meddling"))
            for event in data.draw(st.lists(st.sampled_from(events), max_size=2), label="events"):
                event()
        story.run(meddling=False)
        story.run(meddling=False)
    truth = story.truth()
    assert stored() == {number: truth[number] for number in stored()}
    for number, changes in alerted().items():
        assert changes[0][0] == ""
        assert changes[-1][1] == truth[number]
        assert all(one[1] == next_one[0] and next_one[0] != next_one[1] for one, next_one in pairwise(changes))
