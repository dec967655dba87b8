"""Awkward JSON: any value, and the examples of this folder with some of their values changed."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from batches.plain_text import UNSTORABLE
from chorus.portal.reading import PARIS
from tests.chorus.portal.servers import example

Path = tuple[str | int, ...]

NUMBERS = (0, -1, 2**31, 2**63 - 1, 2**63, -(2**63), 10**400, 0.5, 1e308, float("inf"), float("nan"))
TEXTS = (
    *("", " ", "\x00", "\ud800", "\udfff\ud800", "a\x00b", "\n\r\x1b[2J", "\u202eabc", "\u2028", "😀" * 60, "é" * 101),
    *("0001-01-01", "0000-00-00", "9999-12-31T23:59:59.999Z", "9999-12-31", "0001-01-01T00:00:00+14:00", "2026-02-30"),
    *("2026-11-02T08:00:00+23:59", "2026-10-25 02:30", "2026-03-29 02:30", "20261102", "2026-W45-1", "1e5", "7", "NaN"),
    *("x" * 5000, "GDP_MSG_01.001", "TRA_MSG_00.015 - rien", "GFT_MSG_01.075", "invalid_client", "null", "OK", "KO"),
)
ANY_TEXT = st.text(st.characters(codec=None), max_size=20) | st.sampled_from(TEXTS)  # halves of characters too
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(NUMBERS) | ANY_TEXT
ANY_JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4), max_leaves=12
)
EXAMPLES = (
    *("search_one_invoice", "search_object_for_list", "search_empty_list", "search_no_result", "invoice", "history"),
    *("refused", "health_check", "token", "token_refused"),
)


def nested(depth: int) -> list[Any]:
    """Return lists in lists, so many."""
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@st.composite
def changed_example(draw: DrawFn, names: SearchStrategy[str] = st.sampled_from(EXAMPLES)) -> Any:  # noqa: B008
    """An answer of the portal, some of whose values are others, are missing, or stand in a list."""
    data = copy.deepcopy(example(draw(names)))
    for _ in range(draw(st.integers(1, 4))):
        places = sorted(_places(data), key=str)
        if not places:
            break
        _change(draw, data, draw(st.sampled_from(places)))
    return data


def _places(value: Any, path: Path = ()) -> Iterator[Path]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from _places(member, (*path, key))


def _change(draw: DrawFn, data: Any, path: Path) -> None:
    *way, last = path
    for step in way:
        data = data[step]
    how = draw(st.sampled_from(("replace", "replace", "replace", "remove", "list", "object")))
    if how == "remove":
        del data[last]
    elif how == "list":
        data[last] = [data[last]] * draw(st.integers(0, 3))
    elif how == "object":
        data[last] = {draw(ANY_TEXT): data[last]}
    else:
        data[last] = draw(ANY_JSON)


def assert_storable(value: object) -> None:
    """What was read can be stored by every database, shown in every zone, and reckoned with."""
    if isinstance(value, str):
        assert not UNSTORABLE.search(value)
    elif isinstance(value, datetime):
        for zone in (UTC, PARIS):
            assert value.astimezone(zone) - timedelta(days=400) < value < value.astimezone(zone) + timedelta(days=400)
    elif isinstance(value, int):
        assert 0 <= value < 2**63
    elif isinstance(value, list | tuple):
        for each in value:
            assert_storable(each)
    elif dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            assert_storable(getattr(value, field.name))
