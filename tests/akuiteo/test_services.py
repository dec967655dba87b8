"""The database's and the mail service's addresses."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from akuiteo.environment import BASE_DIR
from akuiteo.services import anymail, database, mail


def test_an_sqlite_file_is_relative_to_the_project(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert database("sqlite:///var/db.sqlite3")["NAME"] == str(BASE_DIR / "var/db.sqlite3")


def test_an_sqlite_file_with_a_fourth_slash_is_absolute_and_its_directory_is_made(tmp_path: Path) -> None:
    assert database(f"sqlite:///{tmp_path}/deep/a+b%20c.sqlite3")["NAME"] == str(tmp_path / "deep" / "a+b c.sqlite3")
    assert (tmp_path / "deep").is_dir()


def test_sqlite_writers_wait_for_their_turn() -> None:
    settings = database("sqlite://:memory:")
    assert settings["NAME"] == ":memory:"
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_f05_what_sqlite_has_committed_survives_a_power_cut(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "db.sqlite3")) as session:
        session.executescript(database("sqlite://:memory:")["OPTIONS"]["init_command"])
        assert session.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL: the disk has it before COMMIT returns


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match=r"DATABASE_URL: the directory .*/file/deep cannot be made: Not a"):
        database(f"sqlite:///{tmp_path}/file/deep/db.sqlite3")


def test_a_postgresql_address_is_taken_apart() -> None:
    settings = database("postgres://chorus:p%23%2F%40$w@db.example.org:5433/chorus?sslmode=require")
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert (settings["USER"], settings["PASSWORD"]) == ("chorus", "p#/@$w")
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example.org", 5433, "chorus")
    assert settings["OPTIONS"] == {"sslmode": "require"}


@pytest.mark.parametrize(
    "url",
    [
        "canary",
        "mysql://chorus:canary@db/chorus",
        "sqlite://canary.sqlite3",
        "sqlite:canary.sqlite3",
        "sqlite:///",
        "sqlite:///canary#1",
        "sqlite:///canary?mode=ro",
        "postgres://chorus:canary@db:port/chorus",
        "postgres://chorus:canary@db",
        "postgres://chorus:12/canary@db/chorus",
        "postgres://chorus:12?canary@db/chorus",
        "postgres://chorus:canary#1@db/chorus",
        "postgres://[canary/chorus",
    ],
)
def test_what_is_no_database_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is not usable: write sqlite:///FILE") as caught:
        database(url)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("scheme", "port", "tls", "ssl"),
    [("smtp", 25, False, False), ("smtp+tls", 587, True, False), ("smtp+ssl", 465, False, True)],
)
def test_a_mail_server_has_the_port_of_its_kind(scheme: str, port: int, tls: bool, ssl: bool) -> None:
    settings = mail(f"{scheme}://mail.example.org")
    assert (settings["EMAIL_HOST"], settings["EMAIL_PORT"]) == ("mail.example.org", port)
    assert (settings["EMAIL_USE_TLS"], settings["EMAIL_USE_SSL"]) == (tls, ssl)


def test_user_and_password_of_a_mail_server_are_decoded() -> None:
    settings = mail("smtp://chorus%40example.org:$p%23w%2F+@127.0.0.1:2525")
    assert (settings["EMAIL_HOST_USER"], settings["EMAIL_HOST_PASSWORD"]) == ("chorus@example.org", "$p#w/+")
    assert settings["EMAIL_PORT"] == 2525


def test_mails_may_become_files_or_lines_on_the_console() -> None:
    assert mail("filemail:///var/mail")["EMAIL_FILE_PATH"] == str(BASE_DIR / "var/mail")
    assert mail("filemail:////srv/mail")["EMAIL_FILE_PATH"] == "/srv/mail"
    assert mail("consolemail://")["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"


@pytest.mark.parametrize(
    "url",
    [
        "canary",
        "http://canary",
        "smtp://",
        "smtps://u:canary@mail.example.org:465",
        "smtp://u:canary/1@mail.example.org",
        "smtp://u:12/canary@mail.example.org",
        "smtp://u:12#canary@mail.example.org",
        "smtp://u:12?canary@mail.example.org",
        "smtp://[canary",
        "filemail://canary/mail",
        "filemail:///",
    ],
)
def test_what_is_no_mail_server_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL is not usable: write smtp://") as caught:
        mail(url)
    assert "canary" not in str(caught.value)


def test_a_service_of_anymail_gets_its_settings() -> None:
    assert anymail({"BACKEND": "Brevo", "BREVO_API_KEY": "key", "IGNORE_RECIPIENT_STATUS": "False"}) == {
        "EMAIL_BACKEND": "anymail.backends.brevo.EmailBackend",
        "ANYMAIL": {"BREVO_API_KEY": "key", "IGNORE_RECIPIENT_STATUS": False},
    }


@pytest.mark.parametrize("service", ["", "brevoo", "anymail.backends.brevo"])
def test_a_service_that_anymail_does_not_know_is_refused(service: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"ANYMAIL_BACKEND='{service}' is not a mail service"):
        anymail({"BACKEND": service, "BREVO_API_KEY": "canary"})


@pytest.mark.parametrize("secret", ["canary", "user:canary", ":canary-canary-canary", "us er:canary-canary-canary"])
def test_s17_a_secret_that_a_mail_service_cannot_send_or_anybody_can_guess_is_refused(secret: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="ANYMAIL_WEBHOOK_SECRET is not usable") as refusal:
        anymail({"BACKEND": "brevo", "WEBHOOK_SECRET": secret})
    assert "canary" not in str(refusal.value)
    good = {"WEBHOOK_SECRET": "brevo:canary-canary-canary"}
    assert anymail({"BACKEND": "brevo"} | good)["ANYMAIL"] == good
