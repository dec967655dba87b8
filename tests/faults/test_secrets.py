"""Canary secrets through everything with every logger at DEBUG: none comes out, in whatever spelling (S01)."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg
import pytest
from django.db import connection

from tests.batches.processes import ROOT, environment
from tests.batches.smtp import SmtpServer, free_port
from tests.chorus.portal.servers import INVOICE, SEARCH, TOKEN, Handler, Portal, Reply, answer, example, portal_server
from tests.faults.canaries import SECRET, leaks
from tests.faults.crash.databases import Database, made

pytestmark = pytest.mark.wrong_traffic
SETUP = """
[[users]]
login = "admin"
password = "${USER_PASSWORD}"
roles = ["Administrator", "Operations", "Accounting"]

[[users]]
login = "batch"
password = "${BATCH_PWD}"
roles = ["Operations"]

[[companies]]
code = "ACME"
name = "Acme Conseil"
siret = "33254021516357"
[companies.chorus]
environment = "local"
piste_client_id = "acme"
piste_client_secret = "${PISTE_SECRET}"
technical_login = "TECH_1@cpro.fr"
technical_password = "${TECHNICAL_PASSWORD}"

[[batches]]
code = "CHORUS"
label = "Chorus statuses"
template = "CheckFacturesClientChorus"
[batches.parameters]
BATCH_USER = "batch"
BATCH_PWD = "${BATCH_PWD}"
BATCH_MAIL = "support@example.org"
BATCH_DEBUG_PARAMS = true
BATCH_LOG_CONSOLE = true
BATCH_LOG_FILE = "chorus"
BATCH_LOG_LEVEL = "DEBUG;LOG;WARN;ERROR"
"""


def echo(status: int) -> Reply:
    """Answer with all that was asked, in all the spellings that a gateway may use for it."""

    def reply(handler: Handler) -> None:
        asked = handler.server.requests[-1]
        text = f"{asked.headers} {asked.body} {json.dumps(asked.headers)} {SECRET['TechnicalPassword']}"
        text = f"<html><pre>{text}</pre>{base64.b64encode(asked.body.encode()).decode()}</html>"
        location = quote(f"/elsewhere?{asked.body}&{asked.headers.get('authorization')}")
        answer(text.encode(), status, {"Location": location, "WWW-Authenticate": f"Bearer {asked.headers}"})(handler)

    return reply


def refusal(handler: Handler) -> None:
    """HTTP 200 with an error of the application, whose words repeat what was sent."""
    asked = handler.server.requests[-1]
    answer({"codeRetour": 20, "libelle": f"refused: {asked.headers} {SECRET['PisteSecret']}"})(handler)


@dataclass
class House:
    """An installation in which every secret is a canary."""

    folder: Path
    database: Database
    portal: Portal
    variables: dict[str, str]
    said: str = ""

    def manage(self, *words: str, code: int | None = None, **variables: str) -> None:
        self.python(str(ROOT / "manage.py"), *words, code=code, **variables)

    def python(self, *words: str, code: int | None = None, **variables: str) -> None:
        done = subprocess.run(
            [sys.executable, *words],
            cwd=self.folder,
            env={name: value for name, value in (self.variables | variables).items() if value},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        self.said += done.stdout + done.stderr
        assert code in (None, done.returncode), (done.returncode, done.stdout[-500:], done.stderr[-1500:])

    def everything(self) -> str:
        """Return all that was said, written to files, or stored."""
        own = {self.folder / "setup.toml", Path(self.database.name)}
        files = [path for path in self.folder.rglob("*") if path.is_file() and path not in own]
        assert any(path.suffix == ".log" for path in files)
        return self.said + "".join(path.read_text("utf-8", "replace") for path in files) + self.stored()

    def stored(self) -> str:
        """Return what somebody reads who gets hold of the database: the file, or every row of every table."""
        if connection.vendor == "sqlite":
            files = Path(self.database.name).parent.glob(f"{Path(self.database.name).name}*")
            return "".join(path.read_bytes().decode("latin-1") + path.read_text("utf-8", "replace") for path in files)
        tables = self.database.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return "".join(str(self.database.query(f'SELECT t::text FROM "{table}" t')) for (table,) in tables)  # noqa: S608


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with made(tmp_path, "canary") as database, portal_server() as portal:
        portal.say(TOKEN, answer(example("token") | {"access_token": SECRET["AccessToken"]}))
        variables = environment(tmp_path, with_password(database.url)) | {
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "tests.faults.canary_settings",
            "CHORUS_LOCAL_URL": portal.url,
            "CHORUS_MAX_REQUESTS_PER_SECOND": "1000",
            "SECRET_KEY": SECRET["SecretKey"],
            "FIELD_ENCRYPTION_KEYS": SECRET["FernetKey"],
            "BATCH_PWD": SECRET["BatchPwd"],
            "USER_PASSWORD": SECRET["UserPassword"],
            "PISTE_SECRET": SECRET["PisteSecret"],
            "TECHNICAL_PASSWORD": SECRET["TechnicalPassword"],
        }
        made_house = House(tmp_path, database, portal, variables)
        (tmp_path / "setup.toml").write_text(SETUP, encoding="utf-8")
        (tmp_path / "invoices.csv").write_text("company,number,date\nACME,F-2026-042,2026-10-07\n", encoding="utf-8")
        made_house.manage("migrate", "--verbosity=0", code=0, DJANGO_SETTINGS_MODULE="akuiteo.settings")
        made_house.manage("load_setup", "setup.toml", code=0)
        yield made_house


def with_password(url: str) -> str:
    """Put the canary into the address of a PostgreSQL server that takes any password, as one on this machine may."""
    parts = urlsplit(url)
    if parts.scheme != "postgres":
        return url
    attempt = parts._replace(
        netloc=f"{parts.username}:{quote(SECRET['DatabasePassword'], safe='')}@{parts.hostname}:{parts.port}"
    )
    with contextlib.suppress(psycopg.Error):
        psycopg.connect(attempt._replace(scheme="postgresql").geturl()).close()
        return attempt.geturl()
    return url


@pytest.mark.faults
def test_s01_a_portal_that_repeats_what_it_was_sent_tells_no_secret(house: House) -> None:
    house.portal.say(SEARCH, echo(403))
    house.manage("import_invoices", "invoices.csv", code=0)
    house.manage("run_batch", "CHORUS", code=69)
    assert leaks(house.everything()) == []
    assert "F-2026-042" in house.everything()


@pytest.mark.faults
def test_s01_whatever_happens_no_secret_comes_out(house: House) -> None:
    run = ("run_batch", "CHORUS")
    house.manage("import_invoices", "invoices.csv", code=0)
    house.portal.say(INVOICE, refusal)
    house.manage(*run, "--dry-run", code=0)
    house.manage(*run, "--format", "json", code=0)
    house.manage("check_chorus")
    house.manage("import_invoices", "invoices.csv", code=0)
    house.manage("reopen_tracking", "--company", "ACME", "F-2026-042", code=0)
    for reply in (echo(401), echo(302), echo(500), echo(200), refusal):
        house.portal.say(SEARCH, reply)
        house.manage(*run)
        house.manage("check_chorus")
    for reply in (echo(400), echo(302), answer({"error": "invalid_client", "error_description": str(SECRET)}, 400)):
        house.portal.say(TOKEN, reply)
        house.manage(*run)
    house.manage(*run, code=1, CRASH="yes")
    house.manage("check_chorus", code=1, CRASH="yes")
    assert "Traceback" in house.said
    house.manage("rotate_secrets", code=0)
    house.manage("export_invoices", code=0)
    assert leaks(house.everything()) == []
    assert "BATCH_PWD" in house.everything()


@pytest.mark.faults
def test_s01_s02_no_page_shows_a_secret_be_it_of_a_failure(house: House) -> None:
    house.manage("run_batch", "CHORUS", code=0)
    pages = house.folder / "pages"
    pages.mkdir()
    house.python("-m", "tests.faults.canary_pages", str(pages), code=0)
    assert len(list(pages.iterdir())) > 30
    assert "crash with" in "".join(path.read_text("utf-8", "replace") for path in pages.iterdir())
    assert leaks(house.everything()) == []


@pytest.mark.faults
def test_s01_a_mail_server_or_service_or_database_that_refuses_us_tells_no_secret(house: House) -> None:
    house.portal.say(SEARCH, echo(403))  # so that there is an error mail
    house.portal.say("/v3/smtp/email", echo(401))
    house.manage("import_invoices", "invoices.csv", code=0)
    smtp = SmtpServer()
    smtp.start()
    password = quote(SECRET["MailPassword"], safe="")
    try:
        house.manage("run_batch", "CHORUS", code=69, EMAIL_URL=f"smtp://chorus:{password}@127.0.0.1:{smtp.port}")
    finally:
        smtp.stop()
    house.manage("run_batch", "CHORUS", code=69, EMAIL_URL=f"smtp://chorus:{password}@127.0.0.1:{free_port()}")
    house.manage(
        "run_batch",
        "CHORUS",
        code=69,
        EMAIL_URL="",
        ANYMAIL_BACKEND="brevo",
        ANYMAIL_BREVO_API_KEY=SECRET["MailServiceKey"],
        ANYMAIL_BREVO_API_URL=f"{house.portal.url}/v3/",
    )
    assert house.portal.asked("/v3/smtp/email")
    login = f"chorus:{quote(SECRET['DatabasePassword'], safe='')}@127.0.0.1"
    house.manage("run_batch", "CHORUS", code=69, DATABASE_URL=f"postgres://{login}:{free_port()}/none")
    house.manage("load_setup", "setup.toml", code=1, DATABASE_URL=f"postgres://{login}:{free_port()}/none")
    house.manage("run_batch", "CHORUS", code=78, DATABASE_URL=f"mysql://{login}/none", EMAIL_URL=f"imap://{login}")
    assert leaks(house.everything()) == []


def test_s01_a_canary_that_comes_out_is_seen() -> None:
    """In any spelling that a log, a page or an address may have."""
    for secret in SECRET.values():
        for text in (
            secret,
            quote(secret),
            json.dumps(secret),
            repr(secret),
            base64.b64encode(f"x{secret}".encode()).decode(),
        ):
            assert leaks(f"before {text} after")
    assert leaks("nothing of the kind") == []
