from __future__ import annotations

import os
import signal
import threading
import time

import pytest

from batches.stop import Stop


@pytest.mark.parametrize(("signum", "exit_code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_f04_a_signal_sets_it_and_is_remembered(signum: int, exit_code: int) -> None:
    stop = Stop()
    with stop.on_signals():
        os.kill(os.getpid(), signum)
        assert stop.wait(5)
    assert stop.exit_code == exit_code


def test_the_first_signal_gives_the_second_its_usual_effect() -> None:
    with Stop().on_signals():
        os.kill(os.getpid(), signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_the_handlers_before_are_put_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Stop().on_signals():
        assert signal.getsignal(signal.SIGINT) != before
    assert signal.getsignal(signal.SIGINT) == before


def test_a_thread_waits_for_it_like_for_any_event() -> None:
    stop = Stop()
    assert not stop.wait(0)
    threading.Timer(0.01, stop.set).start()
    assert stop.wait()


def test_waiting_ends_with_the_time_given() -> None:
    began = time.monotonic()
    assert not Stop().wait(0.05)
    assert time.monotonic() - began < 2


def test_a_thread_that_is_not_the_main_one_gets_no_signals_and_does_not_fail() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen = []

    def look() -> None:
        with Stop().on_signals():
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [before]
