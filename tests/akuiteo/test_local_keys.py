"""The keys of an installation that was given none."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from akuiteo import local_keys as module
from akuiteo.local_keys import local_keys


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "var" / "keys.env"


def test_they_are_made_once(file: Path) -> None:
    keys = local_keys(file)
    assert local_keys(file) == keys
    assert len(keys["SECRET_KEY"]) >= 50
    Fernet(keys["FIELD_ENCRYPTION_KEYS"])


def test_only_the_owner_may_read_them(file: Path) -> None:
    local_keys(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(file.parent.iterdir()) == [file]


def test_of_two_processes_that_make_them_at_once_the_first_one_wins(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = local_keys(file)
    monkeypatch.setattr(Path, "exists", lambda _path: False)
    module._make(file)
    assert local_keys(file) == first


def test_a_place_that_cannot_be_written_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    with pytest.raises(
        ImproperlyConfigured, match=r"keys\.env: .*\. Make it readable and writable, or give SECRET_KEY"
    ):
        local_keys(tmp_path / "var" / "keys.env")


def test_a_damaged_file_is_refused_and_not_replaced(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("SECRET_KEY=canary\n", encoding="utf-8")
    with pytest.raises(ImproperlyConfigured, match="put it back from a backup") as caught:
        local_keys(file)
    assert "canary" not in str(caught.value)
    assert file.read_text(encoding="utf-8") == "SECRET_KEY=canary\n"
