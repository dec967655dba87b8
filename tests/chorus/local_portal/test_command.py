import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from chorus.local_portal.server import LocalPortal
from tests.chorus.local_portal.client import HEALTH_CHECK, Client

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "manage.py", "local_chorus_pro"]
URL = re.compile(r"^Local Chorus Pro on (http://127\.0\.0\.1:\d+)$", re.MULTILINE)


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command on a free port; yield the process, and what it said up to its last line of introduction."""
    process = subprocess.Popen(
        [*COMMAND, "--port", "0", *arguments], cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        said = ""
        while "Ctrl+C" not in said:
            line = process.stdout.readline()
            assert line, process.communicate()[1]
            said += line
        yield process, said
    finally:
        process.kill()
        process.communicate()


def url_in(said: str) -> str:
    found = URL.search(said)
    assert found, said
    return found[1]


def test_it_says_at_start_what_it_is_where_it_is_and_who_may_call(tmp_path: Path) -> None:
    with running() as (_, said):
        url = url_in(said)
        assert requests.get(url + HEALTH_CHECK, timeout=10).status_code == 400
    assert said.startswith("This is NOT the State's portal")
    assert f"CHORUS_LOCAL_URL={url}\n" in said
    assert "local / local-secret\n" in said
    assert "TECH_1_00001@cpro.fr / local-password-1\n    supplier 33254021516357 ACME CONSEIL\n" in said


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    with running() as (process, _):
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=20)
    assert (process.returncode, stdout, stderr) == (0, "Local Chorus Pro stopped.\n", "")


def test_secrets_of_a_seed_file_are_not_printed(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text(
        '{"applications": [{"client_id": "app", "client_secret": "hidden"}],'
        ' "structures": [{"siret": "1", "name": "A", "kind": "supplier"}],'
        ' "accounts": [{"login": "TECH", "password": "hidden", "structures": ["1"]}]}',
        encoding="utf-8",
    )
    with running("--seed", str(seed)) as (_, said):
        assert "hidden" not in said
        assert f"TECH / its secret is in {seed}\n" in said


def test_a_port_that_is_taken_is_one_clear_sentence(portal: LocalPortal) -> None:
    port = portal.url.rpartition(":")[2]
    done = subprocess.run([*COMMAND, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"CommandError: Cannot listen on 127.0.0.1, port {port}: Address already in use."
        " Give another --port; 0 takes a free one.\n"
    )


def test_an_address_that_is_not_this_machine_s_is_refused() -> None:
    with pytest.raises(CommandError, match=r"Cannot listen on 192\.0\.2\.1, port 0: Cannot assign"):
        call_command("local_chorus_pro", "--host", "192.0.2.1", "--port", "0")


def test_a_bad_seed_is_refused_with_its_place(tmp_path: Path) -> None:
    seed = tmp_path / "seed.json"
    seed.write_text('{"invoices": [{"number": 1}]}', encoding="utf-8")
    with pytest.raises(CommandError, match=r"invoices\[0\]\.number: a text is due"):
        call_command("local_chorus_pro", port=0, seed=seed)


@pytest.mark.parametrize("arguments", [["--port", "65536"], ["--page-cap", "0"], ["--latency-ms", "-1"]])
def test_a_number_out_of_range_is_bad_usage(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="is not a whole number from"):
        call_command("local_chorus_pro", *arguments)


class Output(StringIO):
    """What the command says; `introduced` is set by its last line of introduction."""

    def __init__(self) -> None:
        super().__init__()
        self.introduced = threading.Event()

    def write(self, text: str) -> int:
        written = super().write(text)
        if "Ctrl+C" in text:
            self.introduced.set()
        return written


@pytest.fixture
def kept_signals() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("kept_signals")
def test_its_options_reach_the_portal() -> None:
    output, granted = Output(), []

    def call_and_stop() -> None:
        output.introduced.wait(20)
        try:
            found = Client(url_in(output.getvalue())).search()
            granted.append(found["parametresRetour"]["nbResultatsParPage"])
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    caller = threading.Thread(target=call_and_stop)
    caller.start()
    call_command("local_chorus_pro", "--port", "0", "--page-cap", "3", stdout=output)
    caller.join()
    assert granted == [3]


def test_requests_are_logged_only_when_asked_for() -> None:
    with running("-v", "2") as (process, said):
        requests.get(url_in(said) + HEALTH_CHECK, timeout=10)
        process.terminate()
        _, stderr = process.communicate(timeout=20)
    assert re.fullmatch(rf"GET '{HEALTH_CHECK}' 400 \d+\.\d ms\n", stderr)
