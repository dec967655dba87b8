"""The whole way as an operator goes it: commands in processes of their own, a portal over HTTP, mails in files."""

from __future__ import annotations

import datetime
import email
import email.policy
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Account, Application, Invoice, StatusChange, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.data.conftest import ROOT, SIRET, Ended, Shell, manage, migrated, process_variables  # noqa: F401 - fixtures

BUYER = "12345678200051"
INVOICES = 6
KEYS = [
    *("batch", "run", "outcome", "dry_run", "companies", "checked", "changed", "final", "missing", "alerts"),
    *("errors", "requests", "duration_s"),
]
SETUP = f"""
[[users]]
login = "batch"
password = "canary-batch"
roles = ["Operations"]

[[users]]
login = "viewer"
password = "canary-viewer"
roles = ["Viewer"]

[[users]]
login = "claire"
email = "claire@example.org"

[[companies]]
code = "ACME"
name = "Acme Conseil"
siret = "{SIRET[:3]} {SIRET[3:]}"
[companies.chorus]
environment = "local"
piste_client_id = "acme"
piste_client_secret = "canary-piste"
technical_login = "TECH_1@cpro.fr"
technical_password = "canary-technical"

[[batches]]
code = "CHORUS"
label = "Chorus statuses"
template = "CheckFacturesClientChorus"
[batches.parameters]
BATCH_USER = "batch"
BATCH_PWD = "canary-batch"
BATCH_MAIL = "support@example.org"
BATCH_MAIL_CCI = "hidden@example.org"
BATCH_LOG_FILE = "chorus"
BATCH_LOG_ID = "hourly"
BATCH_DEBUG_PARAMS = true
ALERTER_RESPONSABLE_FACTURE = true
LISTE_ETATS_CHORUS_A_ALERTER = "REJETEE"
"""


@pytest.fixture
def store() -> Iterator[Store]:
    with Store() as made:
        made.add_application(Application("acme", "canary-piste"))
        made.add_structure(Structure(SIRET, "Acme Conseil", "supplier"))
        made.add_structure(Structure(BUYER, "Mairie de Lyon", "recipient"))
        made.add_account(Account("TECH_1@cpro.fr", "canary-technical", [SIRET]))
        yield made


@pytest.fixture(scope="session")
def prepared(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811 - the fixture
    """A database with the set-up above and its invoices, made once by the commands and copied for each test."""
    folder = tmp_path_factory.mktemp("prepared")
    shutil.copy(migrated, folder)
    shell = Shell(folder, process_variables(folder))
    assert shell("load_setup", shell.write("setup.toml", SETUP)).code == 0
    lines = [f"ACME,F-{place},2026-11-01,Mairie de Lyon,claire" for place in range(INVOICES)]
    csv = shell.write("invoices.csv", "\n".join(["company,number,date,customer,manager", *lines]) + "\n")
    assert shell("import_invoices", csv).code == 0
    return folder / "db.sqlite3"


@pytest.fixture
def shell(manage: Shell, prepared: Path, store: Store) -> Shell:  # noqa: F811 - the fixture
    """A set-up with six rejected invoices of one manager, on both sides."""
    shutil.copy(prepared, manage.folder / "db.sqlite3")
    manage.variables["EMAIL_URL"] = f"filemail:///{manage.folder / 'mail'}"
    at = datetime.datetime(2026, 11, 2, 9, tzinfo=datetime.UTC)
    for place in range(INVOICES):
        history = [StatusChange("REJETEE", at + datetime.timedelta(minutes=place), "Doublon")]
        store.add_invoice(
            Invoice(number=f"F-{place}", supplier=SIRET, recipient=BUYER, date=at.date(), history=history)
        )
    return manage


@pytest.fixture
def portal(shell: Shell, store: Store) -> Iterator[LocalPortal]:
    with LocalPortal(store) as serving:
        shell.variables["CHORUS_LOCAL_URL"] = serving.url
        yield serving


def result(ended: Ended) -> dict[str, Any]:
    loaded = json.loads(ended.stdout)
    assert isinstance(loaded, dict)
    return loaded


def mails(shell: Shell) -> list[EmailMessage]:
    separator = "\n" + "-" * 79 + "\n"
    texts = [path.read_text(encoding="utf-8") for path in sorted((shell.folder / "mail").glob("*"))]
    parts = [part for text in texts for part in text.split(separator) if part.strip()]
    return [email.message_from_string(part.lstrip(), policy=email.policy.default) for part in parts]


def query(shell: Shell, sql: str) -> list[tuple[Any, ...]]:
    with sqlite3.connect(shell.folder / "db.sqlite3", timeout=20) as database:
        return database.execute(sql).fetchall()


def begin(shell: Shell, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *words],
        env={"PATH": os.environ["PATH"], **shell.variables},
        cwd=shell.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_run_says_one_sentence_and_is_silent_otherwise(shell: Shell, portal: LocalPortal) -> None:
    ended = shell("run_batch", "CHORUS")
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.count("\n") == 1
    assert "6 changed (6 final)" in ended.stdout


def test_json_has_exactly_the_agreed_keys(shell: Shell, portal: LocalPortal) -> None:
    told = result(shell("run_batch", "CHORUS", "--format", "json"))
    assert sorted(told) == sorted(KEYS)
    assert (told["outcome"], told["changed"], told["alerts"], told["errors"]) == ("succeeded", 6, 1, [])


def test_the_statuses_and_the_denial_are_stored(shell: Shell, portal: LocalPortal) -> None:
    shell("run_batch", "CHORUS")
    stored = query(shell, "SELECT chorus_status, dematerialization_status, chorus_comment FROM chorus_invoice")
    assert set(stored) == {("REJETEE", 3, "Doublon")}


def test_a_dry_run_shows_what_would_change_and_leaves_no_trace(shell: Shell, portal: LocalPortal) -> None:
    ended = shell("run_batch", "CHORUS", "--dry-run")
    assert ended.code == 0
    assert all(f"F-{place}" in ended.stdout for place in range(INVOICES))
    assert query(shell, "SELECT count(*) FROM batches_run") == [(0,)]
    assert not mails(shell)


@pytest.mark.slow
def test_a_portal_that_is_down_ends_in_69_and_mails_support_who_is_told_first_what_is_wrong(shell: Shell) -> None:
    shell.variables["CHORUS_LOCAL_URL"] = "http://127.0.0.1:9"  # nothing listens there
    ended = shell("run_batch", "CHORUS", "--format", "json")
    told = result(ended)
    assert (ended.code, told["outcome"], told["errors"][0]["company"]) == (69, "failed", "ACME")
    (mail,) = mails(shell)
    body = mail.get_body(("plain",))
    assert body is not None
    assert "ACME" in body.get_content().splitlines()[0]
    assert "hidden@example.org" not in str(mail.items())


def test_a_viewer_may_not_run_batches(shell: Shell, portal: LocalPortal) -> None:
    setup = SETUP.replace('BATCH_USER = "batch"', 'BATCH_USER = "viewer"').replace("canary-batch", "canary-viewer")
    shell("load_setup", shell.write("setup.toml", setup))
    ended = shell("run_batch", "CHORUS", "--format", "json")
    assert (ended.code, result(ended)["outcome"]) == (77, "refused")
    assert "viewer" in ended.stderr


def test_f39_a_changed_encryption_key_ends_in_78_without_a_call(shell: Shell, portal: LocalPortal) -> None:
    other = "Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy0hISE="
    ended = shell("run_batch", "CHORUS", "--format", "json", FIELD_ENCRYPTION_KEYS=other)
    assert (ended.code, result(ended)["requests"]) == (78, 0)
    assert "FIELD_ENCRYPTION_KEYS" in ended.stderr


def test_settings_that_cannot_be_read_end_in_78_and_one_json_object(shell: Shell) -> None:
    ended = shell("run_batch", "CHORUS", "--format", "json", CHORUS_PAGE_SIZE="many")
    told = result(ended)
    assert (ended.code, sorted(told), told["batch"]) == (78, sorted(KEYS), "CHORUS")
    assert "CHORUS_PAGE_SIZE" in told["errors"][0]["message"]


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [(["NOWHERE"], 2, "NOWHERE"), (["CHORUS", "--company", "NOBODY"], 2, "NOBODY"), ([], 2, "CODE")],
)
def test_bad_usage_names_what_is_wrong(
    shell: Shell, portal: LocalPortal, words: list[str], code: int, named: str
) -> None:
    ended = shell("run_batch", *words)
    assert ended.code == code
    assert named.lower() in ended.stderr.lower()


def test_s01_no_secret_is_in_any_output_log_or_mail(shell: Shell, portal: LocalPortal) -> None:
    outputs = [shell("run_batch", "CHORUS", *words) for words in ([], ["--dry-run"], ["--format", "json"])]
    outputs.append(shell("check_chorus"))
    written = "".join(ended.stdout + ended.stderr for ended in outputs)
    written += "".join(path.read_text(encoding="utf-8") for path in shell.folder.rglob("*.log"))
    written += str(query(shell, "SELECT text FROM batches_runlogline"))
    written += str(query(shell, "SELECT parameters, summary FROM batches_run"))
    assert "BATCH_PWD" in written
    assert "canary" not in written
    assert b"canary" not in (shell.folder / "db.sqlite3").read_bytes()


def test_the_log_file_lies_where_the_parameters_say(shell: Shell, portal: LocalPortal) -> None:
    shell("run_batch", "CHORUS")
    (file,) = (shell.folder / "logs" / "chorus").iterdir()
    assert "hourly" in file.name
    assert "F-0: - -> REJETEE" in file.read_text(encoding="utf-8")


def test_f01_a_killed_run_keeps_what_it_committed_and_the_next_one_resumes_without_a_second_mail(
    shell: Shell, store: Store
) -> None:
    with LocalPortal(store, latency_ms=250, page_cap=1) as slow:
        shell.variables["CHORUS_LOCAL_URL"] = slow.url
        killed = begin(shell, "run_batch", "CHORUS")
        wait_until(lambda: query(shell, "SELECT count(*) FROM chorus_statuschange") > [(1,)])
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
    kept = query(shell, "SELECT count(*) FROM chorus_statuschange")[0][0]
    assert 2 <= kept < INVOICES
    with LocalPortal(store) as healthy:
        shell.variables["CHORUS_LOCAL_URL"] = healthy.url
        told = result(shell("run_batch", "CHORUS", "--format", "json"))
        shell("run_batch", "CHORUS")
    assert told["changed"] == INVOICES - kept
    assert query(shell, "SELECT outcome FROM batches_run ORDER BY id")[0] == ("interrupted",)
    (alert,) = mails(shell)
    assert all(f"F-{place}" in str(alert) for place in range(INVOICES))


def test_f04_a_run_that_is_terminated_stops_after_the_page_in_hand(shell: Shell, store: Store) -> None:
    with LocalPortal(store, latency_ms=250, page_cap=1) as slow:
        shell.variables["CHORUS_LOCAL_URL"] = slow.url
        stopped = begin(shell, "run_batch", "CHORUS", "--format", "json")
        wait_until(lambda: query(shell, "SELECT count(*) FROM chorus_statuschange") > [(1,)])
        stopped.terminate()
        stdout, _ = stopped.communicate(timeout=60)
    told = json.loads(stdout)
    assert (stopped.returncode, told["outcome"]) == (143, "stopped")
    assert told["requests"] > 2
    assert query(shell, "SELECT outcome FROM batches_run") == [("stopped",)]


@pytest.mark.slow
def test_f27_of_two_starters_one_runs_and_the_other_says_so(shell: Shell, store: Store) -> None:
    with LocalPortal(store, latency_ms=1000, page_cap=1) as slow:
        shell.variables["CHORUS_LOCAL_URL"] = slow.url
        first = begin(shell, "run_batch", "CHORUS")
        wait_until(lambda: query(shell, "SELECT count(*) FROM batches_run") == [(1,)])
        second = shell("run_batch", "CHORUS")
        first.communicate(timeout=60)
    assert (first.returncode, second.code) == (0, 75)
    assert "already running" in second.stdout + second.stderr
    assert len([mail for mail in mails(shell) if mail["to"] == "claire@example.org"]) == 1
