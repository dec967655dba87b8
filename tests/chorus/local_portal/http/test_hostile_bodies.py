"""Whatever stands in a request, an operation answers or refuses: it never fails."""

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from chorus.local_portal.checks import MalformedError
from chorus.local_portal.http.recorder import Recorder
from chorus.local_portal.operations import OPERATIONS, Call, RefusedError
from chorus.local_portal.searches.search import Caps
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import BUYER_LOGIN, PASSWORDS, SUPPLIER_LOGIN
from tests.chorus.local_portal.operations.every_operation import run
from tests.chorus.local_portal.operations.test_every_operation import session_with

HOSTILE: tuple[Any, ...] = (
    *(None, True, 0, -1, 1, 2**31, 2**63 - 1, -(2**63), 2**64, 1e308, float("inf"), 0.1),
    *("", " ", "\x00", "\ud800", "'; DROP TABLE invoices; --", "%_*[", "é" * 100, "x" * 10_000, "日本"),
    *("0001-01-01", "9999-12-31", "2026-02-30", "Descendant", "FR", "../../etc/passwd"),
    *([], {}, [[]], [{}], [None], {"": ""}),
)


@pytest.fixture
def bodies(store: Store, tmp_path: Path) -> list[tuple[str, Any]]:
    """The paths and bodies of a session that calls every operation."""
    file = tmp_path / "exchanges.jsonl"
    with Recorder(file) as recorder, LocalPortal(store, recorder=recorder) as portal:
        run(session_with(store, portal))
    exchanges = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    return [(each["path"], each["request_body"]) for each in exchanges if each["path"] in OPERATIONS]


def changed(body: Any) -> Iterator[Any]:
    """Yield the body with each of its values, at any depth, in turn replaced by each hostile one."""
    for steps in places(body):
        for value in HOSTILE:
            yield replaced(body, steps, value)


def places(value: Any, *steps: Any) -> Iterator[tuple[Any, ...]]:
    yield steps
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in items:
        yield from places(inner, *steps, step)


def replaced(body: Any, steps: tuple[Any, ...], value: Any) -> Any:
    if not steps:
        return value
    new = copy.copy(body)
    new[steps[0]] = replaced(body[steps[0]], steps[1:], value)
    return new


@pytest.mark.wrong_traffic
def test_no_operation_fails_whatever_stands_in_its_body(store: Store, bodies: list[tuple[str, Any]]) -> None:
    callers = [store.caller(login, PASSWORDS[login]) for login in (SUPPLIER_LOGIN, BUYER_LOGIN)]
    seen: set[tuple[str, str]] = set()
    for path, body in bodies:
        shape = str(sorted(map(str, places(body))))
        if (path, shape) in seen:
            continue
        seen.add((path, shape))
        for hostile in changed(body):
            for caller in callers:
                assert caller is not None
                answered(path, Call(store, caller, hostile, Caps()))
    assert {path for path, _ in seen} == set(OPERATIONS)


def answered(path: str, call: Call) -> None:
    """Answer a call as the gateway does; what it does not expect is raised, with the path and the body."""
    try:
        OPERATIONS[path].check(call.body)
        json.dumps(OPERATIONS[path].answer(call), allow_nan=False)
    except (MalformedError, RefusedError, RequestEntityTooLarge):
        pass
    except Exception as error:
        raise AssertionError(f"{path} fails on {str(call.body)[:2000]!r}: {error!r}") from error
