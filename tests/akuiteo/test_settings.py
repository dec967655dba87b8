"""The settings as a process gets them, from nothing to production."""

from __future__ import annotations

import stat

import pytest

from tests.akuiteo.conftest import KEYS, Installation

PRODUCTION = {"DEBUG": "False", **KEYS, "SITE_URL": "https://chorus.example.org"}


def test_nothing_set_works_on_one_machine(installation: Installation) -> None:
    settings = installation.settings()
    var = installation.folder / "var"
    assert settings["DATABASES"]["default"]["NAME"] == str(var / "db.sqlite3")
    assert settings["EMAIL_FILE_PATH"] == str(var / "mail")
    assert settings["CHORUS_ENVIRONMENTS"]["local"]["token_url"] == "http://127.0.0.1:8100/api/oauth/token"
    assert settings["DEBUG"] is False
    assert stat.S_IMODE((var / "keys.env").stat().st_mode) == 0o600


def test_generated_keys_stay_the_same(installation: Installation) -> None:
    first, second = installation.settings(), installation.settings()
    assert first["FIELD_ENCRYPTION_KEYS"] == second["FIELD_ENCRYPTION_KEYS"]
    assert first["SECRET_KEY"] == second["SECRET_KEY"]


def test_two_processes_that_start_at_once_get_the_same_keys(installation: Installation) -> None:
    program = ("-c", "from akuiteo import settings; print(settings.FIELD_ENCRYPTION_KEYS, settings.SECRET_KEY)")
    processes = [installation.start(*program) for _ in range(2)]
    (first, errors), (second, other_errors) = (process.communicate(timeout=60) for process in processes)
    assert first == second != ""
    assert errors == other_errors == ""


def test_given_keys_are_used_and_none_are_made(installation: Installation) -> None:
    settings = installation.settings(**KEYS, CHORUS_LOCAL_URL="http://127.0.0.1:54321")
    assert settings["SECRET_KEY"] == KEYS["SECRET_KEY"]
    assert settings["FIELD_ENCRYPTION_KEYS"] == [KEYS["FIELD_ENCRYPTION_KEYS"]]
    assert settings["CHORUS_ENVIRONMENTS"]["local"]["api_url"] == "http://127.0.0.1:54321"
    assert not (installation.folder / "var" / "keys.env").exists()


def test_the_local_environment_works_on_any_port_of_this_machine(installation: Installation) -> None:
    ended = installation.manage("check", **KEYS, CHORUS_LOCAL_URL="http://127.0.0.1:54321")
    assert (ended.code, ended.stderr) == (0, "")


@pytest.mark.parametrize("words", [("check",), ("run_batch", "CHORUS"), ("migrate",)], ids=" ".join)
def test_debug_off_without_keys_refuses_to_start_and_names_all_that_is_missing(
    installation: Installation, words: tuple[str, ...]
) -> None:
    ended = installation.manage(*words, DEBUG="False")
    assert (ended.code, ended.stdout) == (78, "")
    assert "SECRET_KEY is missing" in ended.stderr
    assert "FIELD_ENCRYPTION_KEYS is missing" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (installation.folder / "var" / "keys.env").exists()


def test_all_wrong_variables_are_told_at_once_and_no_password_is_shown(installation: Installation) -> None:
    wrong = {
        "DEBUG": "Flase",
        "DATABASE_URL": "postgres://chorus:canary/1@db",
        "EMAIL_URL": "smtp://chorus:canary/1@mail.example.org",
        "SITE_URL": "chorus.example.org",
        "CHORUS_PAGE_SIZE": "many",
        "FIELD_ENCRYPTION_KEYS_FILE": "/no/such/file",
    }
    ended = installation.manage("run_batch", "CHORUS", **wrong)
    assert ended.code == 78
    assert [name for name in wrong if f"\n- {name}" not in ended.stderr] == []
    assert "canary" not in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_env_file_that_is_not_there_is_refused(installation: Installation) -> None:
    ended = installation.manage("check", ENV_FILE="nowhere.env")
    assert ended.code == 78
    assert ended.stderr == "The settings file nowhere.env cannot be read: No such file or directory.\n"


def test_the_env_file_of_the_installation_is_read(installation: Installation) -> None:
    (installation.folder / ".env").write_text("SITE_URL=https://a.example.org\nDEBUG=True\n", encoding="utf-8")
    settings = installation.settings(SITE_URL="https://b.example.org")
    assert settings["DEBUG"] is True
    assert settings["SITE_URL"] == "https://b.example.org"


def test_an_empty_env_file_keeps_that_of_the_installation_out(installation: Installation) -> None:
    (installation.folder / ".env").write_text("DEBUG=nonsense\n", encoding="utf-8")
    (installation.folder / "empty.env").touch()
    assert installation.settings(ENV_FILE="empty.env")["DEBUG"] is False


def test_values_that_begin_with_a_dollar_are_taken_as_they_are(installation: Installation) -> None:
    variables = {"SECRET_KEY": "$HOME" + "x" * 50, "EMAIL_URL": "smtp://u:$p%23w@127.0.0.1:2525"}
    settings = installation.settings(**variables)
    assert settings["SECRET_KEY"] == variables["SECRET_KEY"]
    assert settings["EMAIL_HOST_PASSWORD"] == "$p#w"


def test_mails_are_sent_by_a_service_where_one_is_named(installation: Installation) -> None:
    settings = installation.settings(ANYMAIL_BACKEND="brevo", ANYMAIL_BREVO_API_KEY="key")
    assert settings["EMAIL_BACKEND"] == "anymail.backends.brevo.EmailBackend"
    assert settings["ANYMAIL"] == {"BREVO_API_KEY": "key"}


def test_two_ways_to_send_mails_are_refused(installation: Installation) -> None:
    ended = installation.manage("check", EMAIL_URL="smtp://127.0.0.1", ANYMAIL_BACKEND="brevo")
    assert ended.code == 78
    assert "EMAIL_URL and ANYMAIL_* are both given" in ended.stderr


def test_s17_the_secret_of_a_mail_service_does_not_travel_in_clear(installation: Installation) -> None:
    service = {"ANYMAIL_BACKEND": "brevo", "ANYMAIL_WEBHOOK_SECRET": "brevo:canary-canary-canary"}
    ended = installation.manage("check", DEBUG="False", SITE_URL="http://chorus.example.org", **service)
    assert (ended.code, "ANYMAIL_WEBHOOK_SECRET would travel in clear" in ended.stderr) == (78, True)
    ended = installation.manage("check", DEBUG="False", SITE_URL="https://chorus.example.org", **service)
    assert "ANYMAIL_WEBHOOK_SECRET" not in ended.stderr


def test_s17_nor_where_debug_is_left_out(installation: Installation) -> None:
    service = {"ANYMAIL_BACKEND": "brevo", "ANYMAIL_WEBHOOK_SECRET": "brevo:canary-canary-canary"}
    assert installation.manage("check", SITE_URL="http://chorus.example.org", **service).code == 78
    assert installation.manage("check", SITE_URL="http://127.0.0.1:8000", **service).code == 0


def test_s08_the_site_does_not_start_with_an_address_that_no_portal_has(installation: Installation) -> None:
    ended = installation.python("-c", "import akuiteo.wsgi", CHORUS_PRODUCTION_API_URL="https://evil.example.org")
    assert ended.code == 1
    assert "CHORUS_PRODUCTION_API_URL=https://evil.example.org is not an https address of piste.gouv.fr" in ended.stderr
    assert installation.python("-c", "import akuiteo.wsgi").code == 0


def test_the_site_answers_on_its_own_address_and_takes_forms_from_there(installation: Installation) -> None:
    settings = installation.settings(SITE_URL="https://Chorus.example.org:8443")
    assert settings["ALLOWED_HOSTS"] == ["chorus.example.org", "localhost", "127.0.0.1", "[::1]"]
    assert settings["CSRF_TRUSTED_ORIGINS"] == ["https://chorus.example.org:8443"]


def test_s14_cookies_leave_an_https_site_by_https_only(installation: Installation) -> None:
    secure, local = installation.settings(**PRODUCTION), installation.settings()
    assert (secure["SESSION_COOKIE_SECURE"], secure["CSRF_COOKIE_SECURE"]) == (True, True)
    assert (local["SESSION_COOKIE_SECURE"], local["SECURE_HSTS_SECONDS"]) == (False, 0)


def test_encryption_keys_that_are_no_keys_stop_a_run(installation: Installation) -> None:
    installation.manage("migrate", "--verbosity", "0")
    ended = installation.manage("run_batch", "CHORUS", SECRET_KEY=KEYS["SECRET_KEY"], FIELD_ENCRYPTION_KEYS="canary")
    assert ended.code == 78
    assert "Key 1 of FIELD_ENCRYPTION_KEYS is not a Fernet key" in ended.stdout + ended.stderr
    assert "canary" not in ended.stdout + ended.stderr


def test_s08_a_portal_that_is_not_the_states_stops_a_run(installation: Installation) -> None:
    ended = installation.manage("run_batch", "CHORUS", CHORUS_PRODUCTION_API_URL="http://api.piste.gouv.fr")
    assert ended.code == 78
    assert "akuiteo.E003 CHORUS_PRODUCTION_API_URL=http://api.piste.gouv.fr" in ended.stdout + ended.stderr


def test_the_log_of_a_process_masks_secrets_whatever_debug_says(installation: Installation) -> None:
    program = (
        "import django, logging; django.setup()\n"
        "logging.getLogger('django.request').error('password=%s', 'canary')\n"
        "logging.getLogger('django').info('not shown')"
    )
    for debug in ("True", "False"):
        ended = installation.python("-c", program, DJANGO_SETTINGS_MODULE="akuiteo.settings", DEBUG=debug, **KEYS)
        assert ended.stderr.endswith("ERROR django.request password=********\n")
        assert ended.stderr.count("\n") == 1
