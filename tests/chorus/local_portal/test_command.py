import datetime
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
import requests
from django.core.management import CommandError, call_command

from chorus.local_portal.server import LocalPortal
from tests.chorus.local_portal.client import BUYER_LOGIN, HEALTH_CHECK, TREAT, Client

ROOT = Path(__file__).resolve().parents[3]
COMMAND = [sys.executable, "manage.py", "local_chorus_pro"]
URL = re.compile(r"^Local Chorus Pro on (http://[\d.]+:\d+)$", re.MULTILINE)
START = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


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


def write_seed(folder: Path, **lists: object) -> Path:
    seed = folder / "seed.json"
    seed.write_text(json.dumps(lists), encoding="utf-8")
    return seed


def test_faults_of_the_command_line_are_in_force_and_what_is_random_can_be_repeated() -> None:
    with running("--fault", "kind=latency,ms=1", "--fault", "kind=unknown-keys,rate=0.5") as (_, said):
        shown = requests.get(url_in(said) + "/admin/faults", timeout=10).json()
    assert [fault["kind"] for fault in shown["faults"]] == ["latency", "unknown-keys"]
    assert "Faults in force: 2\n" in said
    assert f"this repeats them: --fault-seed {shown['seed']}\n" in said
    with running("--fault-seed", "7", "--fault", "kind=latency,ms=1") as (_, said):
        assert requests.get(url_in(said) + "/admin/faults", timeout=10).json()["seed"] == 7
    assert "--fault-seed" not in said


def test_a_state_file_is_kept_and_a_reset_goes_back_to_the_seed(tmp_path: Path) -> None:
    state = tmp_path / "state.sqlite3"
    with running("--state", str(state)) as (process, said):
        treated = Client(url_in(said), BUYER_LOGIN).post(TREAT, {"idFacture": 4321008, "nouveauStatut": "MANDATEE"})
        assert treated.json()["nouveauStatut"] == "MANDATEE"
        process.terminate()
        process.wait(timeout=20)
    assert said.startswith("This is NOT the State's portal: its invoices are invented, and kept in its state file.")
    with running("--state", str(state)) as (_, said):
        client = Client(url_in(said))
        assert f"It goes on with {state}. The seed is for a reset only.\n" in said
        assert "local / local-secret\n" in said
        assert status_of(client) == "MANDATEE"
        assert requests.post(client.url + "/admin/reset", json={}, timeout=10).status_code == 200
        assert status_of(client) == "MISE_A_DISPOSITION"


def status_of(client: Client) -> str:
    (row,) = client.search(numeroFacture="ACME-2026-008")["listeFactures"]
    return str(row["statut"])


def test_secrets_that_a_state_file_has_from_a_seed_are_not_printed_later(tmp_path: Path) -> None:
    seed = write_seed(tmp_path, applications=[{"client_id": "app", "client_secret": "canary-7"}])
    state = tmp_path / "state.sqlite3"
    for arguments in (["--seed", str(seed), "--state", str(state)], ["--state", str(state)]):
        with running(*arguments) as (process, said):
            connect = requests.get(url_in(said) + "/connect", timeout=10)
            process.terminate()
            process.wait(timeout=20)
        assert connect.status_code == 200
        assert "canary-7" not in said + connect.text
        assert f"app / its secret is in {arguments[-1] if len(arguments) == 2 else seed}\n" in said


def test_a_seed_that_cannot_be_used_does_not_spoil_a_new_state_file(tmp_path: Path) -> None:
    seed = write_seed(tmp_path, applications=[{"client_id": "app"}])
    state = tmp_path / "state.sqlite3"
    with pytest.raises(CommandError, match="client_secret: missing"):
        call_command("local_chorus_pro", port=0, seed=seed, state=state)
    with running("--state", str(state)) as (_, said):
        assert "TECH_1_00001@cpro.fr / local-password-1\n" in said


def test_every_exchange_is_recorded_with_its_secrets_only_where_they_are_asked_for(tmp_path: Path) -> None:
    files = tmp_path / "masked.jsonl", tmp_path / "open.jsonl"
    for file, arguments in zip(files, ([], ["--record-secrets"]), strict=True):
        with running("--record", str(file), *arguments) as (_, said):
            Client(url_in(said)).search()
    masked, shown = (file.read_text(encoding="ascii") for file in files)
    assert (len(masked.splitlines()), "local-secret" in masked) == (2, False)
    assert (len(shown.splitlines()), "local-secret" in shown) == (2, True)


def test_on_a_fast_clock_buyers_treat_invoices_by_a_scenario() -> None:
    with running("--speed", "1000000", "--scenario", "steady", "--scenario-seed", "3") as (_, said):
        client, paid, deadline = Client(url_in(said)), list[object](), time.monotonic() + 60
        while not paid and time.monotonic() < deadline:
            found = client.search(statutCourant=["MISE_EN_PAIEMENT"], periodeDateHeureEtatCourantDu=START)
            paid = found["listeFactures"]
    assert paid


def test_whoever_can_reach_it_is_told_of_where_that_is_not_this_machine_alone() -> None:
    with running("--host", "0.0.0.0") as (_, said):  # noqa: S104 - that is the case
        assert "Other machines can reach it" in said
    with running() as (_, said):
        assert "Other machines" not in said


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
