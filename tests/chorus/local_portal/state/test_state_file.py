import datetime
import sqlite3
from pathlib import Path

import pytest

from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.seed import DEFAULT_SEED, load_seed
from chorus.local_portal.state.store import Store
from chorus.local_portal.state.writing import StoreError

LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
LATER = datetime.datetime(2031, 5, 6, 7, 8, 9, tzinfo=datetime.UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "portal.sqlite3"


def test_a_state_file_keeps_everything_from_one_start_to_the_next(file: Path) -> None:
    with Store(file) as store:
        assert store.is_new
        load_seed(DEFAULT_SEED, store)
        store.set_status(4321008, "REJETEE", LATER, "Doublon")
        left = store.invoice(4321008), store.accounts(), store.status_changes(4321008)
    with Store(file) as store:
        assert not store.is_new
        assert (store.invoice(4321008), store.accounts(), store.status_changes(4321008)) == left


def test_the_clock_does_not_fall_behind_what_the_state_file_knows(file: Path) -> None:
    with Store(file, Clock(start=LONG_AGO)) as store:
        load_seed(DEFAULT_SEED, store)
        store.set_status(4321008, "MANDATEE", LATER)
    with Store(file, Clock(start=LONG_AGO)) as store:
        assert store.clock.now() >= LATER


def test_a_state_that_is_cleared_is_as_new(file: Path) -> None:
    with Store(file) as store:
        load_seed(DEFAULT_SEED, store)
        store.clear()
        assert store.applications() == store.accounts() == []
        load_seed(DEFAULT_SEED, store)
        assert store.invoice(4321008)["number"] == "ACME-2026-008"


def test_a_state_file_that_another_server_uses_is_refused(file: Path) -> None:
    with Store(file), pytest.raises(StoreError, match="is in use by another server; stop that one, or give another"):
        Store(file)


def test_a_file_that_is_something_else_is_refused_and_left_as_it_was(file: Path) -> None:
    file.write_text("Not a database, but a text that is long enough to be taken for one." * 20, encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be used: file is not a database"):
        Store(file)
    assert file.read_text(encoding="utf-8").startswith("Not a database")


def test_the_database_of_another_program_is_refused_and_left_as_it_was(file: Path) -> None:
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE precious (id INTEGER)")
    database.close()
    with pytest.raises(StoreError, match="is not a state file of this version; give the name of a new file"):
        Store(file)
    with sqlite3.connect(file) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("precious",)]
    database.close()


def test_a_directory_that_does_not_exist_is_one_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be used: unable to open database file"):
        Store(tmp_path / "missing" / "portal.sqlite3")
