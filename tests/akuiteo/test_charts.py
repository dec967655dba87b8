"""Measures of charts are percentages as SVG spells them."""

from __future__ import annotations

from decimal import Decimal

from django.utils import translation

from akuiteo.charts import length, stacked


def test_the_longest_bar_fills_its_place() -> None:
    assert length(7, 7) == "100.00%"
    assert length(Decimal("1.75"), 7) == "25.00%"


def test_where_nothing_is_drawn_no_bar_has_a_length() -> None:
    assert length(0, 0) == "0%"
    assert length(-3, 7) == "0.00%"


def test_a_length_has_a_decimal_point_in_every_language() -> None:
    with translation.override("fr"):
        assert length(1, 8) == "12.50%"


def test_segments_stand_one_after_the_other_and_fill_the_bar() -> None:
    first, second = stacked([(Decimal(30), "young", "good"), (Decimal(10), "old", "bad")])
    assert (first.start, first.length, first.label) == ("0.00%", "75.00%", "young")
    assert (second.start, second.length, second.tone) == ("75.00%", "25.00%", "bad")


def test_an_empty_part_has_no_segment() -> None:
    (segment,) = stacked([(0, "none", "good"), (5, "all", "bad")])
    assert segment.length == "100.00%"
    assert not stacked([])
