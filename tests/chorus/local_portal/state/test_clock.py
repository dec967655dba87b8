import datetime

import pytest

from chorus.local_portal.state.clock import Clock

NOON = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


class Seconds:
    """A counter of seconds that a test turns."""

    def __init__(self) -> None:
        self.passed = 1000.0

    def __call__(self) -> float:
        return self.passed


@pytest.mark.parametrize(("speed", "seen"), [(1, MINUTE), (1440, datetime.timedelta(days=1)), (0.5, MINUTE / 2)])
def test_a_minute_of_ours_is_as_long_on_the_portal_as_its_speed_says(speed: float, seen: datetime.timedelta) -> None:
    seconds = Seconds()
    clock = Clock(speed, NOON, seconds)
    seconds.passed += 60
    assert clock.now() == NOON + seen


def test_without_a_start_it_is_the_time_of_this_machine_in_utc() -> None:
    before = datetime.datetime.now(datetime.UTC)
    told = Clock().now()
    assert before <= told <= datetime.datetime.now(datetime.UTC)
    assert told.utcoffset() == datetime.timedelta(0)


def test_it_can_be_put_forward_but_never_back() -> None:
    clock = Clock(1, NOON, Seconds())
    clock.advance(MINUTE)
    assert clock.now() == NOON + MINUTE
    with pytest.raises(ValueError, match="cannot go back by 0:01:00"):
        clock.advance(-MINUTE)


def test_it_catches_up_with_a_later_moment_and_ignores_an_earlier_one() -> None:
    clock = Clock(1, NOON, Seconds())
    clock.catch_up_with(NOON + MINUTE)
    clock.catch_up_with(NOON - MINUTE)
    assert clock.now() == NOON + MINUTE


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_that_is_not_above_0_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="give a number above 0"):
        Clock(speed)


def test_a_start_without_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        Clock(start=NOON.replace(tzinfo=None))
