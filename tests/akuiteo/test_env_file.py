"""The .env file: what is in it counts, unless the environment says otherwise; nothing in it is passed over."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from akuiteo.environment import read_env_file


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / ".env"


def test_its_lines_become_variables(file: Path, variables: dict[str, str]) -> None:
    file.write_text("# a comment\n\nA=1\nexport B='two words'\n  C=$ecret#=x\n", encoding="utf-8")
    read_env_file(file, required=True)
    assert variables == {"A": "1", "B": "two words", "C": "$ecret#=x"}


def test_a_variable_that_exists_wins(file: Path, variables: dict[str, str]) -> None:
    variables["A"] = "mine"
    file.write_text("A=theirs\n", encoding="utf-8")
    read_env_file(file, required=True)
    assert variables == {"A": "mine"}


def test_it_may_be_empty_and_may_begin_with_a_byte_order_mark(file: Path, variables: dict[str, str]) -> None:
    file.write_text("", encoding="utf-8")
    read_env_file(file, required=True)
    file.write_text("A=1", encoding="utf-8-sig")
    read_env_file(file, required=True)
    assert variables == {"A": "1"}


def test_it_may_be_left_out(file: Path, variables: dict[str, str]) -> None:
    read_env_file(file, required=False)
    assert variables == {}


def test_a_file_that_was_asked_for_must_be_there(file: Path, variables: dict[str, str]) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"\.env cannot be read: No such file or directory"):
        read_env_file(file, required=True)


def test_a_file_that_is_no_text_is_refused(file: Path, variables: dict[str, str]) -> None:
    file.write_bytes(b"A=caf\xe9\n")
    with pytest.raises(ImproperlyConfigured, match="it is not UTF-8 text"):
        read_env_file(file, required=True)


def test_lines_that_say_nothing_are_refused_by_number_and_not_shown(
    file: Path, variables: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_text("A=1\nDEBUG = False\nSECRET KEY=canary\n", encoding="utf-8")
    with pytest.raises(ImproperlyConfigured, match="wrong in line 2, 3") as caught:
        read_env_file(file, required=True)
    assert "canary" not in str(caught.value) + capsys.readouterr().err
    assert variables == {}
