"""Law L7: which row of the portal is which invoice."""

from __future__ import annotations

from chorus.tracking.matching import match
from tests.chorus.tracking.builders import row, state


def test_l7_a_row_is_matched_by_supplier_and_number() -> None:
    assert match([state()], [row()]).pairs == [(state(), row())]


def test_l7_another_suppliers_row_with_the_same_number_does_not_fit() -> None:
    matches = match([state()], [row(supplier="11111111111111")])
    assert not matches.pairs
    assert not matches.ambiguous


def test_l7_the_chorus_id_wins_over_the_number() -> None:
    stored = state(chorus_id=100, number="OTHER")
    by_id, by_number = row(chorus_id=100, number="F-9"), row(chorus_id=200, number="OTHER")
    assert match([stored], [by_id, by_number]).pairs == [(stored, by_id)]


def test_l7_an_invoice_with_a_chorus_id_is_not_matched_by_number() -> None:
    assert not match([state(chorus_id=999)], [row(chorus_id=100)]).pairs


def test_l7_a_flow_number_decides_between_twins() -> None:
    stored = state(flow_number="CPP2")
    twins = [row(chorus_id=1, flow_number="CPP1"), row(chorus_id=2, flow_number="CPP2")]
    assert match([stored], twins).pairs == [(stored, twins[1])]


def test_l7_twins_that_nothing_tells_apart_are_ambiguous() -> None:
    twins = [row(chorus_id=1, flow_number="CPP1"), row(chorus_id=2, flow_number="CPP2")]
    matches = match([state()], twins)
    assert not matches.pairs
    assert matches.ambiguous == [(state(), twins)]


def test_l7_a_row_of_another_flow_fits_only_where_the_portal_has_no_other() -> None:
    stored, only = state(flow_number="CPP1"), row(flow_number="CPP2")
    assert not match([stored], [only]).pairs
    assert match([stored], [only], all_rows=True).pairs == [(stored, only)]


def test_l7_one_row_twice_on_a_page_is_one_row_the_later_one() -> None:
    earlier, later = row(code="MANDATEE"), row(code="COMPTABILISEE")
    assert match([state()], [earlier, later]).pairs == [(state(), later)]


def test_l7_a_row_that_two_companies_claim_is_ambiguous_for_both() -> None:
    matches = match([state(pk=1, company="A"), state(pk=2, company="B")], [row()])
    assert not matches.pairs
    assert [stored.pk for stored, _ in matches.ambiguous] == [1, 2]


def test_l7_a_row_that_belongs_to_an_invoice_by_id_is_not_offered_to_another_by_number() -> None:
    mine, other = state(pk=1, chorus_id=100), state(pk=2, company="B")
    matches = match([mine, other], [row(chorus_id=100)])
    assert matches.pairs == [(mine, row(chorus_id=100))]
    assert not matches.ambiguous
