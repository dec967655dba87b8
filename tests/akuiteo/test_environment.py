"""Typed variables: what is accepted, what is refused, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from akuiteo.environment import BASE_DIR, Environment, for_child_process, variable

Read = Callable[[Environment], Any]
READ: dict[str, Read] = {
    "text": lambda env: env.text("X", "default"),
    "texts": lambda env: env.texts("X", ["default"]),
    "codes": lambda env: env.codes("X", ["REJETEE"]),
    "hosts": lambda env: env.hosts("X", ["localhost"]),
    "boolean": lambda env: env.boolean("X"),
    "number": lambda env: env.number("X", 10, minimum=0.01),
    "integer": lambda env: env.integer("X", 3, minimum=1),
    "url": lambda env: env.url("X", "http://127.0.0.1:8000"),
    "sender": lambda env: env.sender("X", "chorus@localhost"),
    "folder": lambda env: env.folder("X", "var/logs"),
}


@pytest.fixture
def env(variables: dict[str, str]) -> Environment:
    return Environment()


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("text", " $ecret#1 ", "$ecret#1"),
        ("texts", "a, b,,", ["a", "b"]),
        ("codes", "Rejetee; SUSPENDUE", ["REJETEE", "SUSPENDUE"]),
        ("hosts", "chorus.example.org,.example.org,10.0.0.1,[::1],*", None),
        ("boolean", "true", True),
        ("boolean", "Vrai", True),
        ("boolean", "0", False),
        ("boolean", "OFF", False),
        ("number", "2.5", 2.5),
        ("integer", "250", 250),
        ("url", "https://chorus.example.org/", "https://chorus.example.org"),
        ("url", "http://127.0.0.1:54321", "http://127.0.0.1:54321"),
        ("url", "http://[::1]:8100/portal", "http://[::1]:8100/portal"),
        ("sender", "Suivi Chorus <chorus@example.org>", "Suivi Chorus <chorus@example.org>"),
        ("folder", "/srv/logs", Path("/srv/logs")),
        ("folder", "logs", BASE_DIR / "logs"),
    ],
)
def test_a_right_value_is_read(
    env: Environment, variables: dict[str, str], kind: str, value: str, expected: Any
) -> None:
    variables["X"] = value
    assert READ[kind](env) == (value.split(",") if expected is None else expected)
    assert env.problems == []


@pytest.mark.parametrize(
    ("kind", "default"),
    [
        ("text", "default"),
        ("texts", ["default"]),
        ("codes", ["REJETEE"]),
        ("hosts", ["localhost"]),
        ("boolean", None),
        ("number", 10),
        ("integer", 3),
        ("url", "http://127.0.0.1:8000"),
        ("sender", "chorus@localhost"),
        ("folder", BASE_DIR / "var/logs"),
    ],
)
def test_a_variable_that_is_not_given_or_empty_has_its_default(
    env: Environment, variables: dict[str, str], kind: str, default: Any
) -> None:
    assert READ[kind](env) == default
    variables["X"] = ""
    assert READ[kind](env) == default
    assert env.problems == []


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("codes", "REJETEE,SUSPENDUE"),
        ("hosts", "https://chorus.example.org"),
        ("hosts", "chorus.example.org:8000"),
        ("boolean", "Flase"),
        ("number", "fast"),
        ("number", "0"),
        ("number", "nan"),
        ("number", "inf"),
        ("integer", "0"),
        ("integer", "-1"),
        ("integer", "1.5"),
        ("integer", "1" * 10),
        ("url", "chorus.example.org"),
        ("url", "ftp://chorus.example.org"),
        ("url", "http://"),
        ("url", "http://host:99999"),
        ("url", "http://host:0"),
        ("url", "http://[::1"),
        ("url", "https://host/?page=1"),
        ("url", "https://evil.example\\.piste.gouv.fr"),
        ("sender", "nobody"),
        ("sender", "a@example.org\nBcc: b@example.org"),
    ],
)
def test_nonsense_is_refused_with_the_variable_and_its_value(
    env: Environment, variables: dict[str, str], kind: str, value: str
) -> None:
    variables["X"] = value
    READ[kind](env)
    (problem,) = env.problems
    assert problem.startswith("X")
    assert repr(value) in problem or value.split(",")[0] in problem


def test_an_address_with_a_password_is_refused_without_showing_it(env: Environment, variables: dict[str, str]) -> None:
    variables["X"] = "https://user:canary@api.piste.gouv.fr"
    assert env.url("X", "https://api.piste.gouv.fr") == "https://api.piste.gouv.fr"
    (problem,) = env.problems
    assert problem.startswith("X is not an address")
    assert "canary" not in problem


def test_all_problems_are_told_at_once(env: Environment, variables: dict[str, str]) -> None:
    variables |= {"DEBUG": "perhaps", "CHORUS_PAGE_SIZE": "many"}
    env.boolean("DEBUG")
    env.integer("CHORUS_PAGE_SIZE", 1000, minimum=1)
    with pytest.raises(ImproperlyConfigured, match=r"\n- DEBUG='perhaps'.*\n- CHORUS_PAGE_SIZE='many'"):
        env.refuse_problems()


def test_nothing_is_refused_where_nothing_is_wrong(env: Environment) -> None:
    env.refuse_problems()


def test_s03_a_secret_may_stand_in_a_file(env: Environment, variables: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("canary\n", encoding="utf-8")
    variables["SECRET_KEY_FILE"] = str(file)
    assert env.text("SECRET_KEY") == "canary"
    variables["SECRET_KEY"] = ""
    assert variable("SECRET_KEY") == "canary"


def test_a_variable_wins_over_its_file(variables: dict[str, str]) -> None:
    variables |= {"SECRET_KEY": "mine", "SECRET_KEY_FILE": "/no/such/file"}
    assert variable("SECRET_KEY") == "mine"


def test_a_missing_secret_file_is_a_problem_that_names_variable_and_file(
    env: Environment, variables: dict[str, str]
) -> None:
    variables["SECRET_KEY_FILE"] = "/no/such/file"
    assert env.text("SECRET_KEY") == ""
    assert env.problems == ["SECRET_KEY_FILE='/no/such/file' cannot be read: No such file or directory."]


def test_a_secret_file_that_is_no_text_is_a_problem(
    env: Environment, variables: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe")
    variables["SECRET_KEY_FILE"] = str(file)
    env.text("SECRET_KEY")
    assert "it is not UTF-8 text" in env.problems[0]


def test_a_value_that_is_no_utf8_is_a_problem(env: Environment, variables: dict[str, str]) -> None:
    variables["SECRET_KEY"] = b"caf\xe9".decode(errors="surrogateescape")
    env.text("SECRET_KEY")
    assert env.problems == ["SECRET_KEY is not UTF-8 text."]


def test_variables_with_a_prefix_are_read_also_from_files(
    env: Environment, variables: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "key"
    file.write_text("canary", encoding="utf-8")
    variables |= {"ANYMAIL_BACKEND": "brevo", "ANYMAIL_BREVO_API_KEY_FILE": str(file), "ANYMAIL_EMPTY": ""}
    assert env.beginning_with("ANYMAIL_") == {"BACKEND": "brevo", "BREVO_API_KEY": "canary"}


def test_a_child_process_has_the_same_variables_and_its_own(variables: dict[str, str]) -> None:
    variables["A"] = "1"
    assert for_child_process(B="2") == {"A": "1", "B": "2"}
    assert variables == {"A": "1"}
