"""Whatever a set-up file says, it is loaded, or every problem is told and nothing is changed."""

from __future__ import annotations

import copy
import datetime as dt
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, given
from hypothesis import example as with_example
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from akuiteo.models import User
from batches.models import Batch, BatchParameter
from batches.plain_text import has_controls
from chorus.models import ChorusConnection, Company
from chorus.setup_file.loading import KEYS, SetupFileError, load, read
from tests.chorus.data.conftest import KEY, SECRETS, SETUP
from tests.chorus.portal.awkward import ANY_TEXT

pytestmark = pytest.mark.django_db
with_database = examples(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

GOOD = tomllib.loads(SETUP)
TEXTS = ANY_TEXT | st.sampled_from(("${", "${}", "${NOWHERE}", "${BATCH_PWD}", "ACME", "*****", "x" * 300, "REJETEE"))
DATES = st.dates() | st.datetimes() | st.times() | st.sampled_from((dt.date.min, dt.date.max))
VALUES = st.recursive(
    st.booleans() | st.integers() | st.just(2**63) | st.floats() | DATES | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
MODELS = (User, Group, Company, ChorusConnection, Batch, BatchParameter)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [KEY]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def everything() -> list[Any]:
    return [list(model._base_manager.order_by("pk").values()) for model in MODELS]


def problems_of(work: Callable[[], object]) -> list[str] | None:
    try:
        work()
    except SetupFileError as error:
        return error.problems
    return None


def load_or_tell(data: dict[str, Any]) -> None:
    before = everything()
    problems = problems_of(lambda: load(data))
    if problems is not None:
        assert problems
        assert not any(has_controls(problem) for problem in problems)
        assert everything() == before
    for model in (BatchParameter, Batch, ChorusConnection, Company, User):
        model._base_manager.all().delete()


def _places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from _places(member, (*path, key))


@st.composite
def changed_file(draw: DrawFn) -> dict[str, Any]:
    """A good file, some of whose values are others or are missing."""
    data: Any = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        *way, last = draw(st.sampled_from(sorted(_places(data), key=str)))
        table = data
        for step in way:
            table = table[step]
        if draw(st.integers(0, 3)):
            table[last] = draw(VALUES)
        else:
            del table[last]
    return dict(data)


@with_database
@given(changed_file() | st.dictionaries(st.sampled_from(KEYS) | TEXTS, VALUES, max_size=3))
def test_f36_any_tree_is_loaded_or_every_problem_is_told(data: dict[str, Any]) -> None:
    load_or_tell(data)


HALVES = st.integers(0, len(SETUP))


@with_database
@given(st.binary(max_size=100) | st.builds(lambda first, last: (SETUP[:first] + SETUP[last:]).encode(), HALVES, HALVES))
@with_example(b"a = " + b"[" * 5000 + b"]" * 5000)
@with_example(b"a = " + b"9" * 5000)
@with_example(b"a = 9999-99-99")
@with_example(b'a = "\\ud800"')
@with_example(b"a" + b".a" * 5000 + b" = 1")
@with_example(SETUP.replace("FACTURE = true", f"FACTURE = 0x{'f' * 5000}").encode())
def test_f36_any_bytes_are_a_file_or_a_problem(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "setup.toml"
    file.write_bytes(content)
    problems = problems_of(lambda: read(file))
    if problems is None:
        load_or_tell(read(file))
    else:
        assert len(problems) == 1
