"""Every variable is in .env.example and in docs/settings.md, and what stands there is right."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tests.akuiteo.conftest import ROOT, Installation

EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
EXAMPLE_LINE = re.compile(r"^#([A-Z_]+)=(.*)$", re.MULTILINE)


def read_by_settings() -> Iterator[str]:
    """Yield the names of the variables; where all that begin with something are read, this beginning and a `*`."""
    for node in ast.walk(ast.parse((ROOT / "akuiteo" / "settings.py").read_text(encoding="utf-8"))):
        match node:
            case ast.Call(ast.Attribute(ast.Name("env"), "beginning_with"), [ast.Constant(str(prefix)), *_]):
                yield f"{prefix}*"
            case ast.Call(ast.Attribute(ast.Name("env"), _), [ast.Constant(str(name)), *_]):
                yield name


def in_groups(names: set[str]) -> set[str]:
    return {"ANYMAIL_*" if name.startswith("ANYMAIL_") else name for name in names}


def test_the_example_has_every_variable_and_no_other() -> None:
    assert in_groups({name for name, _value in EXAMPLE_LINE.findall(EXAMPLE)}) == set(read_by_settings())


def test_the_documentation_has_every_variable_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert in_groups(set(rows)) == {*read_by_settings(), "ENV_FILE"}


def test_the_example_changes_nothing_as_it_is(installation: Installation) -> None:
    without = installation.settings()
    (installation.folder / ".env").write_text(EXAMPLE, encoding="utf-8")
    assert installation.settings() == without


def test_the_defaults_in_the_example_are_those_of_the_settings(installation: Installation) -> None:
    examples = {"DEBUG", "ALLOWED_HOSTS", "DEFAULT_FROM_EMAIL"}
    lines = [f"{name}={value}" for name, value in EXAMPLE_LINE.findall(EXAMPLE) if name not in examples]
    without = installation.settings()
    (installation.folder / ".env").write_text(
        "\n".join(line for line in lines if not line.startswith("ANYMAIL_")), encoding="utf-8"
    )
    assert installation.settings() == without


def test_the_documented_defaults_are_those_of_the_example() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", page, re.MULTILINE))
    shown = dict(EXAMPLE_LINE.findall(EXAMPLE))
    differing = {name for name, default in documented.items() if shown.get(name, default) != default}
    assert differing == {"DEFAULT_FROM_EMAIL"}
