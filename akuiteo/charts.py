"""Measures of charts, as percentages of their place: they are drawn as inline SVG, beside a table with the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

Number = Decimal | float


@dataclass(frozen=True)
class Segment:
    """A part of a stacked bar. `start` and `length` are percentages as SVG spells them."""

    start: str
    length: str
    label: str
    tone: str


def length(value: Number, longest: Number) -> str:
    """Return how long the bar of a value is, beside the longest; what is below zero has none."""
    return _percent(max(Decimal(value), Decimal(0)), Decimal(longest))


def stacked(parts: Iterable[tuple[Number, str, str]]) -> Sequence[Segment]:
    """Return the segments of a stacked bar, from its values, their labels and tones; empty ones are left out."""
    wanted = [(Decimal(value), label, tone) for value, label, tone in parts if value > 0]
    whole = sum((value for value, _label, _tone in wanted), Decimal(0))
    segments, before = [], Decimal(0)
    for value, label, tone in wanted:
        segments.append(Segment(_percent(before, whole), _percent(value, whole), label, tone))
        before += value
    return segments


def _percent(value: Decimal, whole: Decimal) -> str:
    """Return a percentage with a decimal point, whatever the reader's language."""
    return f"{100 * value / whole:.2f}%" if whole > 0 else "0%"
