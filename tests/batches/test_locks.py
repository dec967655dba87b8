from __future__ import annotations

import contextlib
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest
from django.db import connection

from batches.locks import LockedError, LockUnusableError, is_free, lock_batch, lock_outbox
from batches.models import Batch
from tests.batches.builders import make_batch

T = TypeVar("T")
sqlite_only = pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL needs no lock files")


@pytest.fixture(autouse=True)
def database(transactional_db: None) -> None:
    """Sessions of their own see the rows."""


@pytest.fixture
def batch() -> Batch:
    return make_batch()


@pytest.fixture
def elsewhere() -> Iterator[Callable[[Callable[[], T]], T]]:
    """Calls a function in another thread, which has a database session of its own."""
    with ThreadPoolExecutor(1) as pool:
        yield lambda function: pool.submit(function).result(10)
        pool.submit(lambda: connection.close()).result(10)


def can_lock(batch: Batch) -> bool:
    try:
        with lock_batch(batch):
            return True
    except LockedError:
        return False


def test_f28_a_batch_is_locked_for_everybody_else_until_it_is_released(batch: Batch, elsewhere: Any) -> None:
    with lock_batch(batch):
        assert not elsewhere(lambda: can_lock(batch))
    assert elsewhere(lambda: can_lock(batch))


def test_two_batches_do_not_block_each_other(batch: Batch, elsewhere: Any) -> None:
    other = make_batch("OTHER")
    with lock_batch(batch), lock_outbox():
        assert elsewhere(lambda: can_lock(other))


def test_a_lock_is_released_whatever_happens(batch: Batch, elsewhere: Any) -> None:
    with pytest.raises(ZeroDivisionError), lock_batch(batch):
        raise ZeroDivisionError
    assert elsewhere(lambda: can_lock(batch))


def test_the_outbox_has_one_lock(elsewhere: Any) -> None:
    def locked() -> bool:
        try:
            with lock_outbox():
                return False
        except LockedError:
            return True

    with lock_outbox():
        assert elsewhere(locked)
    assert not elsewhere(locked)


def test_a_lock_is_free_while_nobody_holds_it(batch: Batch, elsewhere: Any) -> None:
    assert is_free(batch)
    with lock_batch(batch):
        assert not elsewhere(lambda: is_free(batch))
    assert elsewhere(lambda: is_free(batch))


@pytest.mark.parametrize("dry_run", [False, True])
def test_the_lock_of_dry_runs_is_free_or_held_by_itself(batch: Batch, elsewhere: Any, dry_run: bool) -> None:
    with lock_batch(batch, dry_run=dry_run):
        assert not elsewhere(lambda: is_free(batch, dry_run=dry_run))
        assert elsewhere(lambda: is_free(batch, dry_run=not dry_run))


@sqlite_only
def test_who_holds_a_lock_for_an_instant_keeps_nobody_from_taking_it(batch: Batch) -> None:
    asked = contextlib.ExitStack()
    asked.enter_context(lock_batch(batch))

    class Instant(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            asked.close()
            return super().wait(0)

    with lock_batch(batch, stop=Instant()):
        assert not is_free(batch)


def test_waiting_gets_the_lock_when_it_becomes_free(batch: Batch, elsewhere: Any) -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with lock_batch(batch):
            held.set()
            release.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(10)
    threading.Timer(0.1, release.set).start()
    with lock_batch(batch, wait=10):
        assert release.is_set()
    holder.join()


def test_waiting_ends_when_the_time_is_over(batch: Batch, elsewhere: Any) -> None:
    def waited() -> float:
        began = time.monotonic()
        with pytest.raises(LockedError), lock_batch(batch, wait=0.3):
            pass
        return time.monotonic() - began

    with lock_batch(batch):
        assert 0.3 <= elsewhere(waited) < 5


def test_waiting_ends_when_it_is_stopped(batch: Batch, elsewhere: Any) -> None:
    stop = threading.Event()
    stop.set()

    def wait() -> None:
        with pytest.raises(LockedError), lock_batch(batch, wait=60, stop=stop):
            pass

    with lock_batch(batch):
        elsewhere(wait)


@sqlite_only
def test_two_databases_of_one_checkout_do_not_block_each_other(
    batch: Batch, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lock_batch(batch), monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", str(places / "other.sqlite3"))
        assert can_lock(batch)


@sqlite_only
def test_one_database_has_one_lock_however_its_path_is_written(
    batch: Batch, places: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(connection.settings_dict, "NAME", str(places / "a.sqlite3"))
        with lock_batch(batch):
            patch.setitem(connection.settings_dict, "NAME", str(places / "x" / ".." / "a.sqlite3"))
            assert not can_lock(batch)


@sqlite_only
def test_the_lock_file_of_a_killed_process_is_not_in_the_way(batch: Batch, places: Path) -> None:
    with lock_batch(batch):
        [path] = (places / "locks").iterdir()
    holding = f"import filelock, time; lock = filelock.FileLock({str(path)!r}); lock.acquire(); print(flush=True)"
    with subprocess.Popen([sys.executable, "-c", f"{holding}; time.sleep(60)"], stdout=subprocess.PIPE) as holder:
        assert holder.stdout
        holder.stdout.readline()
        locked = not can_lock(batch)
        holder.kill()
    assert locked
    assert can_lock(batch)


@sqlite_only
def test_a_lock_directory_that_cannot_be_made_is_told_with_its_name(batch: Batch, settings: Any, places: Path) -> None:
    (places / "file").write_text("")
    settings.LOCK_DIR = places / "file" / "locks"
    with pytest.raises(LockUnusableError, match="LOCK_DIR"), lock_batch(batch):
        pass
    assert not is_free(batch)
