"""Law L1, with portals as awkward as they may be: what a run did not see, the next one sees."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.strategies import DataObject
from pytest_django import Settings

from chorus.models import Company, Invoice, Watermark
from tests.chorus.tracking.helpers import SIRET, follow, make_company, make_invoice
from tests.chorus.tracking.simulated_portal import Manners, SimulatedPortal

CODES = ["DEPOSEE", "MISE_A_DISPOSITION", "MANDATEE", "COMPTABILISEE", "SERVICE_FAIT", "NEW_CODE"]

caps = st.none() | st.integers(2, 12)
shifts = st.just(timedelta(0)) | st.sampled_from([timedelta(hours=hours) for hours in (-12, -2, -1, 1, 2, 14)])
manners = st.builds(
    Manners,
    page_cap=st.integers(1, 6),
    total_cap=caps,
    cap_before_sorting=st.booleans(),
    inclusive=st.booleans(),
    by_day=st.booleans(),
    clock_shift=shifts,
    tells_time=st.booleans(),
    dates_cut_to=st.sampled_from([timedelta(milliseconds=1), timedelta(seconds=1), timedelta(days=1)]),
    order=st.sampled_from(["number", "oldest change", "newest change"]),
)
short_steps = st.sampled_from([timedelta(0), timedelta(milliseconds=1)])
steps = short_steps | st.sampled_from(
    [timedelta(milliseconds=300), timedelta(seconds=30), timedelta(hours=3), timedelta(days=2)]
)


@pytest.fixture
def company(db: None) -> Company:
    return make_company("ACME", SIRET)


@pytest.fixture(autouse=True)
def small_pages(settings: Settings) -> None:
    settings.CHORUS_PAGE_SIZE = 5


def forget_everything() -> None:
    Watermark.objects.all().delete()
    Invoice.objects.all().delete()


def stored() -> dict[str, str]:
    return dict(Invoice.objects.values_list("number", "chorus_status"))


class Story:
    """What happens to a company's invoices, on the portal and here."""

    def __init__(self, data: DataObject, company: Company, manners: Manners) -> None:
        self.data = data
        self.company = company
        self.portal = SimulatedPortal(manners)

    def deposit(self) -> None:
        number = f"F-{len(self.portal.rows):03}"
        self.portal.step = self.data.draw(steps)
        self.portal.deposit(number, SIRET)
        if self.data.draw(st.booleans()):
            self.register(number)

    def register(self, number: str) -> None:
        """Import an invoice, at once or long after its deposit."""
        make_invoice(self.company, number)

    def register_latecomers(self) -> None:
        known = set(stored())
        for row in self.portal.rows.values():
            if row.number not in known and self.data.draw(st.booleans()):
                self.register(row.number)

    def move_some(self) -> None:
        """Move each row or not."""
        for chorus_id in list(self.portal.rows):
            if self.data.draw(st.integers(0, 2)) == 0:
                self.move(chorus_id, self.data.draw(steps))

    def move_many_together(self) -> None:
        """Move many rows to one moment, and perhaps some of them again in that same moment."""
        ids = st.lists(st.sampled_from(sorted(self.portal.rows)), min_size=3, unique=True)
        self.portal.step = self.data.draw(steps)
        self.portal.move_together(self.data.draw(ids | st.just(list(self.portal.rows))), "MANDATEE")

    def move(self, chorus_id: int, step: timedelta) -> None:
        self.portal.step = step
        self.portal.move(chorus_id, self.data.draw(st.sampled_from(CODES)))

    def change_cap(self) -> None:
        """Cap the results, cap them otherwise, or cap them no more."""
        self.portal.manners.total_cap = self.data.draw(caps, label="cap")

    def change_zone(self) -> None:
        """Read bounds in another zone from now on, as when summer time ends."""
        self.portal.manners.clock_shift = self.data.draw(shifts, label="zone")

    def meddle(self) -> None:
        """Move a row while it is read; to read a page takes longer than a millisecond."""
        if self.portal.rows and self.data.draw(st.integers(0, 3)) == 0:
            self.move(self.data.draw(st.sampled_from(sorted(self.portal.rows))), self.data.draw(short_steps))

    def run(self, meddling: bool) -> None:
        self.portal.tick(self.data.draw(steps, label="before the run"))
        self.portal.between_pages = self.meddle if meddling else lambda: None
        follow(self.portal, [self.company])

    def truth(self) -> dict[str, str]:
        return {row.number: row.code for row in self.portal.rows.values()}


@pytest.fixture
def clean(company: Company) -> Iterator[Company]:
    yield company
    forget_everything()


@examples(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), manners=manners)
def test_l1_every_change_of_a_followed_invoice_is_seen_in_this_run_or_the_next(
    clean: Company, data: DataObject, manners: Manners
) -> None:
    live_a_story(clean, data, manners)


@pytest.mark.slow
@examples(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), manners=manners)
def test_l1_every_change_is_seen_in_many_stories(clean: Company, data: DataObject, manners: Manners) -> None:
    live_a_story(clean, data, manners)


def live_a_story(clean: Company, data: DataObject, manners: Manners) -> None:
    forget_everything()
    story = Story(data, clean, manners)
    for _ in range(data.draw(st.integers(3, 14), label="deposits")):
        story.deposit()
    moves = [story.move_some, story.move_many_together]
    events = [*moves, *moves, story.change_cap, story.change_zone, story.register_latecomers]
    for _ in range(data.draw(st.integers(1, 6), label="rounds")):
        story.run(meddling=data.draw(st.booleans(), label="meddling"))
        for event in data.draw(st.lists(st.sampled_from(events), max_size=3), label="events"):
            event()
    story.run(meddling=True)
    story.run(meddling=False)
    truth = story.truth()
    assert stored() == {number: truth[number] for number in stored()}
