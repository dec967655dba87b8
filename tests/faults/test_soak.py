"""A portal at its worst, for as long as you like: pytest -m faults tests/faults/test_soak.py --soak-seconds=600."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

import pytest
from pytest_django import Settings

from tests.faults.soak import play

pytestmark = pytest.mark.wrong_traffic

KEPT = [
    182184978,  # an invoice that the portal refused to tell of was not asked for again (a mistake made on purpose)
]
"""Seeds of stories that did not end well at first, and why: a soak that fails adds its own."""


@pytest.fixture
def told(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], int]:
    """Tells one story, and returns how many runs it took."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def tell(seed: int) -> int:
        try:
            return play(seed, monkeypatch)
        except BaseException as error:
            error.add_note(f"To have this story again: pytest tests/faults/test_soak.py -m faults --soak-seed={seed}")
            raise

    return tell


@pytest.mark.parametrize("seed", KEPT)
def test_f17_f26_a_story_that_ended_badly_once_ends_well(told: Callable[[int], int], seed: int) -> None:
    assert told(seed) > 2


@pytest.mark.faults
def test_f06_f07_f08_f09_f10_f11_f12_f13_f14_f15_f16_f17_f18_f19_s21_the_soak(
    told: Callable[[int], int], pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> None:
    first = seed = pytestconfig.getoption("--soak-seed")
    seeds = random.Random(first)  # noqa: S311 - no secret
    end = time.monotonic() + pytestconfig.getoption("--soak-seconds")
    stories = runs = 0
    while stories == 0 or time.monotonic() < end:
        record_property("soak", f"story {stories + 1} has the seed {seed}")
        runs += told(seed)
        stories += 1
        seed = seeds.randrange(2**31)
    record_property("soak", f"{stories} stories, {runs} runs, the first seed was {first}")
