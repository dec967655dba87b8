from __future__ import annotations

import gc
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from chorus.portal.clock import Clock
from chorus.portal.connection import Limits
from chorus.portal.errors import Stopped
from chorus.portal.pace import Pace
from tests.chorus.portal.servers import FakeClock


def pace(
    clock: Clock, state_dir: Path | None, account: str = "a", stop: threading.Event | None = None, **limits: float
) -> Pace:
    return Pace(account, Limits(state_dir=state_dir, **limits), clock, stop or threading.Event())  # type: ignore[arg-type]


def take(pace: Pace, times: int) -> None:
    for _ in range(times):
        with pace.turn():
            pass


def test_no_more_requests_than_allowed_are_sent_in_a_second(tmp_path: Path) -> None:
    clock = FakeClock()
    took = pace(clock, tmp_path, requests_per_second=5)
    started = clock.monotonic()
    take(took, 5)
    assert clock.waits == []
    take(took, 6)
    assert clock.monotonic() - started > 2


def test_less_than_one_request_a_second_is_possible(tmp_path: Path) -> None:
    clock = FakeClock()
    take(pace(clock, tmp_path, requests_per_second=0.5), 2)
    assert 1.5 < sum(clock.waits) < 2.1


def test_the_pace_is_that_of_the_account_whoever_asks(tmp_path: Path) -> None:
    clock = FakeClock()
    take(pace(clock, tmp_path, requests_per_second=2), 2)
    take(pace(clock, tmp_path, account="b", requests_per_second=2), 2)
    assert clock.waits == []
    take(pace(clock, tmp_path, requests_per_second=2), 1)
    assert sum(clock.waits) > 0.5


def test_without_a_state_directory_the_pace_holds_within_the_process() -> None:
    clock = FakeClock()
    for _ in range(2):
        take(pace(clock, None, account="in this process", requests_per_second=1), 1)
    assert sum(clock.waits) > 0.5


def test_f40_a_clock_that_is_set_back_does_not_block_the_account(tmp_path: Path) -> None:
    clock = FakeClock(skipped=3600)
    take(pace(clock, tmp_path, requests_per_second=1), 1)
    clock.skipped = 0
    take(pace(clock, tmp_path, requests_per_second=1), 1)
    assert clock.waits == []


def test_processes_share_the_pace(tmp_path: Path) -> None:
    script = f"""
import threading
from pathlib import Path
from chorus.portal.clock import Clock
from chorus.portal.connection import Limits
from chorus.portal.pace import Pace
pace = Pace("a", Limits(requests_per_second=4, state_dir=Path({str(tmp_path)!r})), Clock(), threading.Event())
for _ in range(4):
    with pace.turn():
        pass
"""
    started = time.monotonic()
    processes = [subprocess.Popen([sys.executable, "-c", script]) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert time.monotonic() - started > 2


def test_no_more_than_the_allowed_number_have_a_turn_at_a_time(tmp_path: Path) -> None:
    stop = threading.Event()
    first, second = pace(Clock(), tmp_path, concurrency=2), pace(Clock(), tmp_path, concurrency=2)
    third = pace(Clock(), tmp_path, stop=stop, concurrency=2)
    threading.Timer(0.2, stop.set).start()
    with first.turn(), second.turn(), pytest.raises(Stopped), third.turn():
        pytest.fail("a third one had a turn")


def test_a_turn_that_ended_with_an_error_is_free_again(tmp_path: Path) -> None:
    account = pace(FakeClock(), tmp_path)
    with pytest.raises(KeyError), account.turn():
        raise KeyError
    take(account, 1)


def test_a_slot_of_a_killed_process_is_free_at_once(tmp_path: Path) -> None:
    script = f"""
import sys, threading, time
from pathlib import Path
from chorus.portal.clock import Clock
from chorus.portal.connection import Limits
from chorus.portal.pace import Pace
with Pace("a", Limits(state_dir=Path({str(tmp_path)!r})), Clock(), threading.Event()).turn():
    print("mine", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.kill()
    clock = FakeClock()
    take(pace(clock, tmp_path), 1)
    assert clock.waits == []


def test_an_account_may_be_dropped_while_another_client_of_it_has_the_lock(tmp_path: Path) -> None:
    dropped = pace(FakeClock(), tmp_path)
    take(dropped, 1)
    with FileLock(next(tmp_path.glob("*.sqlite.lock"))):
        del dropped
        gc.collect()
    take(pace(FakeClock(), tmp_path), 1)


def test_waiting_for_a_turn_can_be_stopped(tmp_path: Path) -> None:
    stop = threading.Event()
    account = pace(Clock(), tmp_path, stop=stop, requests_per_second=0.01)
    take(account, 1)
    threading.Timer(0.2, stop.set).start()
    started = time.monotonic()
    with pytest.raises(Stopped):
        take(account, 1)
    assert time.monotonic() - started < 2


def test_an_account_is_held_for_everybody_until_its_time(tmp_path: Path) -> None:
    clock = FakeClock()
    tmp_path.mkdir(exist_ok=True)
    pace(clock, tmp_path).hold(60)
    assert 59 < pace(clock, tmp_path).held_for() <= 60.001
    assert pace(clock, tmp_path, account="b").held_for() == 0
    clock.skipped += 61
    assert pace(clock, tmp_path).held_for() == 0


def test_f40_a_hold_that_cannot_be_true_is_ignored(tmp_path: Path) -> None:
    account = pace(FakeClock(), tmp_path)
    account.hold(10 * 86400)
    assert account.held_for() == 0


def test_a_hold_that_cannot_be_read_is_ignored(tmp_path: Path) -> None:
    account = pace(FakeClock(), tmp_path)
    account.hold(60)
    (path,) = tmp_path.glob("*.hold")
    path.write_text("soon")
    assert account.held_for() == 0


def test_f10_the_gap_between_requests_doubles_up_to_eight_seconds(tmp_path: Path) -> None:
    clock = FakeClock()
    account = pace(clock, tmp_path, requests_per_second=1)
    for _ in range(9):
        account.slow_down()
    take(account, 2)
    assert sum(clock.waits) == pytest.approx(8, abs=0.5)


def test_f10_a_pause_after_a_failure_is_part_of_the_gap(tmp_path: Path) -> None:
    clock = FakeClock()
    account = pace(clock, tmp_path, requests_per_second=1)
    take(account, 1)
    for _ in range(9):
        account.slow_down()
    clock.skipped += 7
    take(account, 1)
    assert sum(clock.waits) == pytest.approx(1, abs=0.5)
