"""Whatever the portal says, it is read or refused in our words: it crashes nothing, and can be stored."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example as with_example
from hypothesis import given
from hypothesis import strategies as st

from chorus.portal import auth, messages, structures
from chorus.portal.answers import LONGEST_RETRY_AFTER, judge_api, judge_token, parse_retry_after
from chorus.portal.errors import PortalError
from chorus.portal.exchange import Answer
from chorus.portal.retry import Failure
from tests.chorus.portal.awkward import ANY_JSON, ANY_TEXT, EXAMPLES, assert_storable, changed_example
from tests.chorus.portal.servers import EXAMPLES as FOLDER

CORPUS = sorted((Path(__file__).parent / "corpus").iterdir())
NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
PARSERS: dict[str, Callable[[dict[str, Any]], object]] = {
    "search": messages.parse_search,
    "invoice": messages.parse_invoice,
    "history": messages.parse_history,
    "health": messages.check_health,
    "structures": lambda data: structures.parse_found(data, "33254021516357"),
    "structure": structures.parse_password_end,
    "token": lambda data: auth.parse_token(data, asked_at=0.0).usable_until and None,
}
BODIES = [*(path.read_bytes() for path in CORPUS), *((FOLDER / f"{name}.json").read_bytes() for name in EXAMPLES)]
HEADERS = st.dictionaries(st.sampled_from(("Retry-After", "Location", "WWW-Authenticate", "Date")), ANY_TEXT)
STATUSES = st.sampled_from((200, 201, 204, 301, 400, 401, 403, 404, 408, 429, 500, 503, 599)) | st.integers(100, 999)


def read(data: dict[str, Any]) -> None:
    """Read an object with each parser: it gives something that can be stored, or one of our errors."""
    for parse in PARSERS.values():
        told = told_or_refused(parse, data)
        if isinstance(told, PortalError):
            assert str(told).isprintable()
        else:
            assert_storable(told)


def told_or_refused(parse: Callable[[dict[str, Any]], object], data: dict[str, Any]) -> object:
    try:
        return parse(data)
    except PortalError as error:
        return error


@st.composite
def changed_bytes(draw: st.DrawFn) -> bytes:
    """A body that was cut, or some of whose bytes were changed, added or taken out."""
    body = bytearray(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(body)))
        body[place : place + draw(st.integers(0, 5))] = draw(st.binary(max_size=5))
    return bytes(body[: draw(st.none() | st.integers(0, len(body)))])


@given(ANY_JSON | changed_example())
def test_f16_f26_any_json_is_read_or_refused_in_our_words(data: Any) -> None:
    if isinstance(data, dict):
        read(data)


@given(changed_bytes() | st.binary(max_size=100), STATUSES, HEADERS)
def test_f16_any_bytes_of_an_answer_are_judged(body: bytes, status: int, headers: dict[str, str]) -> None:
    answer = Answer(status, headers, body)
    assert_storable(answer.date())
    for judge in (judge_api, judge_token):
        judged = judge(answer, str, NOW)
        if isinstance(judged, Failure):
            assert judged.words.isprintable()
            assert judged.retry_after is None or 0 < judged.retry_after <= LONGEST_RETRY_AFTER
        else:
            read(judged)


@given(ANY_TEXT | st.integers().map(str) | st.floats().map(str))
@with_example("9" * 5000)
@with_example("Fri, 31 Dec 9999 23:59:59 -2359")
@with_example("Mon, 01 Jan 0001 00:00:00 +2359")
@with_example("Mon, 01 Jan 2026 00:00:00 +99999999999999999999")
def test_f10_any_retry_after_and_date_are_a_moment_or_none(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0 < seconds <= LONGEST_RETRY_AFTER
    assert_storable(Answer(200, {"Date": value}, b"").date())


@given(st.none() | st.integers() | st.floats() | ANY_TEXT | st.integers().map(str) | st.floats().map(str))
@with_example(10**400)
@with_example(-3600)
@with_example("NaN")
def test_f06_a_lifetime_that_makes_no_sense_is_the_usual_one(lifetime: object) -> None:
    token = auth.parse_token({"access_token": "abc", "expires_in": lifetime}, asked_at=100.0)
    assert 100.0 < token.usable_until < math.inf


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.name)
def test_f16_f26_the_corpus_is_read_as_its_names_say(path: Path) -> None:
    """`search-…`: its row F-GOOD is read, whatever stands beside it; `unreadable-…`: no answer; others: our errors."""
    judged = judge_api(Answer(200, {}, path.read_bytes()), str, NOW)
    kind = path.name.partition("-")[0]
    assert isinstance(judged, Failure) is (kind == "unreadable")
    if isinstance(judged, Failure):
        return
    read(judged)
    if kind == "search":
        page = messages.parse_search(judged)
        assert "F-GOOD" in [row.number for row in page.rows]
        assert all(sentence.isprintable() for sentence in page.unreadable)
    else:
        with pytest.raises(PortalError):
            PARSERS[kind](judged)


def test_the_corpus_is_small() -> None:
    assert CORPUS
    assert sum(path.stat().st_size for path in CORPUS) < 200_000
    assert json.loads(BODIES[-1])
