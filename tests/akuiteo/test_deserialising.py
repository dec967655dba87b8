"""Data never becomes code (S19): nothing reads a form of data that can name functions, nor makes code of a text."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.architecture import Source, sources

ROOT = Path(__file__).resolve().parents[2]
MODULES = ("pickle", "marshal", "shelve", "dill", "jsonpickle", "yaml", "xmlrpc", "code", "codeop", "runpy")
FUNCTIONS = frozenset({"eval", "exec", "compile", "__import__", "os.system", "os.popen"})


def found(source: Source) -> Iterator[str]:
    """Yield what of a source can make code of data."""
    for name in source.imports():
        if name.partition(".")[0] in MODULES:
            yield f"{source.path} imports {name}"
    for call in source.calls():
        if ast.unparse(call.func) in FUNCTIONS:
            yield f"{source.path} calls {ast.unparse(call.func)} in line {call.lineno}"
        if any(keyword.arg == "shell" and ast.unparse(keyword.value) != "False" for keyword in call.keywords):
            yield f"{source.path} starts a shell in line {call.lineno}"


def test_s19_no_code_is_made_of_data() -> None:
    assert [what for source in sources(ROOT) for what in found(source)] == []


@pytest.mark.parametrize(
    "line", ["import pickle", "from yaml import load", "eval(text)", "os.system(text)", "subprocess.run(x, shell=True)"]
)
def test_s19_code_made_of_data_would_be_found(line: str) -> None:
    assert len(list(found(Source("x.py", ast.parse(line))))) == 1


def test_s19_sessions_are_json() -> None:
    assert settings.SESSION_SERIALIZER == "django.contrib.sessions.serializers.JSONSerializer"
