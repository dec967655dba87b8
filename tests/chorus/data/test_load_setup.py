"""load_setup, as it is typed."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.chorus.data.conftest import SECRETS, SETUP, Shell


def rows(manage: Shell, sql: str) -> list[tuple[object, ...]]:
    database = sqlite3.connect(manage.folder / "db.sqlite3")
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def test_it_says_in_one_line_a_kind_what_was_done(manage: Shell) -> None:
    ended = manage("load_setup", manage.write("setup.toml", SETUP), **SECRETS)
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "Users: 2 created, 0 updated, 0 unchanged",
        "Companies: 1 created, 0 updated, 0 unchanged",
        "Chorus connections: 1 created, 0 updated, 0 unchanged",
        "Batches: 1 created, 0 updated, 0 unchanged",
    ]


def test_a_second_time_all_is_unchanged(set_up: Shell) -> None:
    ended = set_up("load_setup", "setup.toml", **SECRETS)
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.count("0 created, 0 updated") == 4


def test_check_writes_nothing_and_says_so(manage: Shell) -> None:
    ended = manage("load_setup", manage.write("setup.toml", SETUP), "--check", **SECRETS)
    assert ended.code == 0
    assert "nothing was written" in ended.stdout
    assert rows(manage, "SELECT * FROM chorus_company") == []


def test_all_problems_are_told_and_nothing_is_changed(manage: Shell) -> None:
    text = SETUP.replace("33254021516357", "123") + 'BATCH_LOG_LEVEL = "LOUD"\n'
    ended = manage("load_setup", manage.write("setup.toml", text), **(SECRETS | {"BATCH_PWD": ""}))
    assert (ended.code, ended.stdout) == (1, "")
    assert ended.stderr.splitlines()[0].endswith("setup.toml was not loaded, nothing was changed:")
    for named in ("siret “123”", "BATCH_PWD is not set", "BATCH_LOG_LEVEL=“LOUD”"):
        assert named in ended.stderr
    assert rows(manage, "SELECT * FROM akuiteo_user") == []


def test_secrets_are_neither_shown_nor_stored_in_clear(set_up: Shell) -> None:
    """S02, S22"""
    stored = (set_up.folder / "db.sqlite3").read_bytes() + b"".join(
        path.read_bytes() for path in set_up.folder.glob("db.sqlite3-*")
    )
    wrong = set_up.write("wrong.toml", SETUP.replace('"local"', '"prod"'))
    ended = set_up("load_setup", wrong, **SECRETS)
    for secret in SECRETS.values():
        assert secret.encode() not in stored
        assert secret not in ended.stdout + ended.stderr


def test_a_variable_of_the_env_file_is_found(manage: Shell) -> None:
    (manage.folder / "empty.env").write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()))
    assert manage("load_setup", manage.write("setup.toml", SETUP)).code == 0


def test_wrong_toml_is_refused_with_its_line(manage: Shell) -> None:
    ended = manage("load_setup", manage.write("setup.toml", "[[users]]\nlogin = batch\n"))
    assert ended.code == 1
    assert "at line 2" in ended.stderr


def test_a_missing_a_binary_file_and_a_directory_are_refused(manage: Shell) -> None:
    (manage.folder / "latin.toml").write_bytes(b"# \xe9\n")
    for path in ("nowhere.toml", "latin.toml", "."):
        ended = manage("load_setup", path)
        assert ended.code == 1
        assert path in ended.stderr


def test_encryption_keys_that_are_no_keys_stop_it(manage: Shell) -> None:
    ended = manage("load_setup", manage.write("setup.toml", SETUP), **SECRETS, FIELD_ENCRYPTION_KEYS="no-key")
    assert ended.code != 0
    assert "FIELD_ENCRYPTION_KEYS" in ended.stderr
    assert rows(manage, "SELECT * FROM akuiteo_user") == []


@pytest.mark.django_db
def test_keys_that_cannot_encrypt_give_78(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["no-key"]
    (tmp_path / "setup.toml").write_text(SETUP)
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CommandError, match="FIELD_ENCRYPTION_KEYS") as caught:
        call_command("load_setup", tmp_path / "setup.toml")
    assert caught.value.returncode == 78


def test_a_key_that_is_lost_is_healed_by_loading_again(set_up: Shell) -> None:
    ended = set_up("load_setup", "setup.toml", **SECRETS, FIELD_ENCRYPTION_KEYS="x" * 43 + "=")
    assert ended.code == 0
    assert "Chorus connections: 0 created, 1 updated" in ended.stdout
