"""The arithmetic of windows: where the next one begins, and how a capped one is narrowed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from chorus.tracking.seen import Seen
from chorus.tracking.windows import WIDEST_OVERLAP, Progress, Window, surely_past, witnessed
from tests.chorus.tracking.builders import row

NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def test_a_row_at_or_before_the_settled_date_proves_that_the_window_reaches_back() -> None:
    progress = Progress(changed_since=NOON - HOUR, settled_until=NOON)
    assert witnessed(progress, NOON)
    assert not witnessed(progress, NOON + SECOND)
    assert not witnessed(progress, None)


def test_the_wide_window_is_wider_than_a_day_and_any_time_zone() -> None:
    assert timedelta(days=1) + timedelta(hours=26) < WIDEST_OVERLAP
    assert Progress(NOON - HOUR, NOON).wide_window() == Window(since=NOON - WIDEST_OVERLAP)


def test_a_window_that_is_wide_already_is_not_widened() -> None:
    assert Progress(NOON - WIDEST_OVERLAP, NOON).wide_window() is None
    assert Progress().wide_window() is None


def test_parts_overlap_and_leave_nothing_out() -> None:
    older, newer = Window().parts(NOON, NOON + HOUR, SECOND)
    assert (older.since, newer.until) == (None, None)
    assert older.until is not None
    assert newer.since is not None
    assert older.until - newer.since == 2 * SECOND


def test_rows_of_one_moment_are_a_part_of_their_own() -> None:
    before, core, after = Window().parts(NOON, NOON, SECOND)
    assert (before.until, after.since) == (NOON - SECOND, NOON + SECOND)
    assert (core.since, core.until) == (NOON - 2 * SECOND, NOON + 2 * SECOND)


@pytest.mark.parametrize(
    "window",
    [
        Window(NOON - 2 * SECOND, NOON + 2 * SECOND),  # nothing but these rows is left
        Window(NOON + HOUR, NOON + 2 * HOUR),  # the portal answers the whole day
    ],
)
def test_what_cannot_be_narrowed_has_no_parts(window: Window) -> None:
    assert window.parts(NOON, NOON, SECOND) == []


def test_a_window_without_dates_has_no_parts() -> None:
    assert Window().parts(None, None, SECOND) == []


def seen_at(*hours: int) -> Seen:
    seen = Seen()
    seen.add_rows([row(chorus_id=place, since=NOON + hour * HOUR) for place, hour in enumerate(hours)], reading=1)
    return seen


def test_the_overlap_holds_as_many_of_the_newest_rows_as_fit() -> None:
    with seen_at(1, 2, 3, 4, 5) as seen:
        assert seen.start_of_newest(2, floor=NOON) == NOON + 4 * HOUR


def test_the_overlap_never_holds_a_part_of_the_rows_of_one_moment() -> None:
    with seen_at(1, 3, 3, 5) as seen:
        assert seen.start_of_newest(2, floor=NOON) == NOON + 5 * HOUR


def test_the_overlap_holds_the_newest_moment_whatever_its_rows() -> None:
    with seen_at(1, 5, 5, 5) as seen:
        assert seen.start_of_newest(2, floor=NOON) == NOON + 5 * HOUR


def test_the_overlap_begins_at_its_floor_where_all_rows_fit() -> None:
    with seen_at(1, 2) as seen:
        assert seen.start_of_newest(5, floor=NOON) == NOON


def test_a_gap_is_found_near_the_median() -> None:
    with seen_at(1, 2, 3, 9) as seen:
        assert seen.gap_in_the_middle(1) == NOON + 2.5 * HOUR


def test_a_gap_is_found_after_many_rows_of_the_first_moment() -> None:
    with seen_at(1, 1, 1, 3) as seen:
        assert seen.gap_in_the_middle(1) == NOON + 2 * HOUR


def test_rows_of_one_moment_have_no_gap() -> None:
    with seen_at(1, 1) as seen:
        assert seen.gap_in_the_middle(1) is None


@pytest.mark.parametrize(
    ("written", "past"),
    [
        ("2026-11-16T12:30:15.123Z", "2026-11-16T12:30:16.123Z"),
        ("2026-11-16T12:30:15Z", "2026-11-16T12:30:17Z"),  # may be cut to the second
        ("2026-11-16T12:30:00Z", "2026-11-16T12:32:00Z"),  # to the minute
        ("2026-11-16T00:00:00Z", "2026-11-17T02:00:00Z"),  # to the day, which may have 25 hours
        ("2026-11-15T23:00:00Z", "2026-11-17T01:00:00Z"),  # to the day in Paris
    ],
)
def test_a_date_is_past_after_all_that_it_may_have_been_cut_to(written: str, past: str) -> None:
    assert surely_past(datetime.fromisoformat(written)) == datetime.fromisoformat(past)
