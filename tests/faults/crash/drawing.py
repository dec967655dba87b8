"""Moments that nobody has chosen. The seed belongs into the message of whatever fails."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def drawn(population: Sequence[T], count: int) -> tuple[int, list[T]]:
    """Return the seed of the draw, and so many of the population, each at most once."""
    seed = random.randrange(2**32)  # noqa: S311 - no secret
    return seed, random.Random(seed).sample(population, count)  # noqa: S311
