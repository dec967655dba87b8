"""docs/reliability.md: each fault and attack has its promise, and each promise a test that exists."""

from __future__ import annotations

import ast
import functools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reliability.md"
FAULTS = [f"F{number:02}" for number in range(1, 49)]
ATTACKS = [f"S{number:02}" for number in range(1, 23)]
ROW = re.compile(r"^\| ([FS]\d\d) \|(.*)\|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/.]+\.py)::(?:(\w+)::)?(test_\w+)`")
NUMBER = re.compile(r"(?<![a-z0-9])[fs]\d\d(?![0-9])")


def rows() -> dict[str, str]:
    return dict(ROW.findall(PAGE.read_text(encoding="utf-8")))


@functools.cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_every_fault_and_attack_has_one_row_in_order() -> None:
    found = [number for number, _rest in ROW.findall(PAGE.read_text(encoding="utf-8"))]
    assert found == FAULTS + ATTACKS


@pytest.mark.parametrize("number", FAULTS + ATTACKS)
def test_each_row_says_a_promise_and_names_tests_that_keep_it(number: str) -> None:
    what, promise, tests = (cell.strip() for cell in rows()[number].split(" | "))
    named = TEST.findall(tests)
    assert what
    assert promise
    assert named
    assert len(named) == tests.count("::test_"), "a test is not named as `path::test_name`"
    for path, _of_class, name in named:
        assert (ROOT / path).exists(), path
        assert name in functions_of(path), f"{path} has no {name}"
        assert number.lower() in NUMBER.findall(name), f"{name} does not bear the number {number}"
