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

manners = st.builds(
    Manners,
    page_cap=st.integers(1, 6),
    total_cap=st.none() | st.integers(2, 12),
    cap_before_sorting=st.booleans(),
    inclusive=st.booleans(),
    by_day=st.booleans(),
    clock_shift=st.sampled_from([timedelta(hours=hours) for hours in (0, -12, -2, -1, 1, 2, 14)]),
    tells_time=st.booleans(),
    order=st.sampled_from(["number", "oldest change", "newest change"]),
)
steps = st.sampled_from([timedelta(milliseconds=1), timedelta(seconds=30), timedelta(hours=3), timedelta(days=2)])


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
        self.portal.tick(self.data.draw(steps))
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
        """Move each row or not; to one moment or to several."""
        for chorus_id in list(self.portal.rows):
            if self.data.draw(st.integers(0, 2)) == 0:
                self.portal.tick(self.data.draw(steps))
                self.portal.move(chorus_id, self.data.draw(st.sampled_from(CODES)))

    def meddle(self) -> None:
        """Move a row while it is read."""
        if self.portal.rows and self.data.draw(st.integers(0, 3)) == 0:
            chorus_id = self.data.draw(st.sampled_from(sorted(self.portal.rows)))
            self.portal.tick(timedelta(milliseconds=300))
            self.portal.move(chorus_id, self.data.draw(st.sampled_from(CODES)))

    def run(self, meddling: bool) -> None:
        self.portal.between_pages = self.meddle if meddling else lambda: None
        follow(self.portal, [self.company])

    def truth(self) -> dict[str, str]:
        return {row.number: row.code for row in self.portal.rows.values()}


@pytest.fixture
def clean(company: Company) -> Iterator[Company]:
    yield company
    forget_everything()


@examples(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data(), manners=manners)
def test_l1_every_change_of_a_followed_invoice_is_seen_in_this_run_or_the_next(
    clean: Company, data: DataObject, manners: Manners
) -> None:
    forget_everything()
    story = Story(data, clean, manners)
    for _ in range(data.draw(st.integers(1, 14), label="deposits")):
        story.deposit()
    for _ in range(data.draw(st.integers(1, 3), label="rounds")):
        story.run(meddling=True)
        story.move_some()
        story.register_latecomers()
    story.run(meddling=True)
    story.run(meddling=False)
    truth = story.truth()
    assert stored() == {number: truth[number] for number in stored()}
