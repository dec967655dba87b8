"""System checks: settings that can be read but cannot be right (S08)."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import checks

from akuiteo.checks import check_chorus_addresses, check_encryption_keys
from akuiteo.environment import Environment

LOCAL = {"token_url": "http://127.0.0.1:8100/api/oauth/token", "api_url": "http://127.0.0.1:8100"}
STATE = {"token_url": "https://oauth.piste.gouv.fr/api/oauth/token", "api_url": "https://api.piste.gouv.fr"}


def addresses(settings: Any, environment: str, api_url: str) -> list[str | None]:
    settings.CHORUS_ENVIRONMENTS = {environment: STATE | {"api_url": api_url}}
    return [message.id for message in check_chorus_addresses()]


def test_the_settings_as_they_come_are_right() -> None:
    assert check_encryption_keys() == check_chorus_addresses() == []


def test_all_are_among_the_checks_that_every_command_makes() -> None:
    registered = checks.registry.registry.get_checks()
    assert check_encryption_keys in registered
    assert check_chorus_addresses in registered


def test_a_key_that_is_none_is_an_error_that_names_its_place_and_not_the_key(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode(), "canary", "clé"]
    first, second = check_encryption_keys()
    assert (first.id, first.msg) == ("akuiteo.E001", "Key 2 of FIELD_ENCRYPTION_KEYS is not a Fernet key.")
    assert "Fernet.generate_key()" in (first.hint or "")
    assert "Key 3" in second.msg


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "localhost", "[::1]"])
def test_s08_the_local_chorus_pro_is_on_this_machine(settings: Any, host: str) -> None:
    settings.CHORUS_ENVIRONMENTS = {"local": {"api_url": f"http://{host}:54321"}}
    assert check_chorus_addresses() == []


@pytest.mark.parametrize(
    "url",
    [
        "http://192.0.2.1:8100",
        "https://api.piste.gouv.fr",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://127.0.0.1@192.0.2.1",
        "http://0.0.0.0:8100",
        "http://169.254.169.254",
        "http://[::]:8100",
        "http://[fe80::1]",
        "http://[::ffff:192.0.2.1]",
        "http://2130706433",
        "http://0x7f000001",
        "http://127.1",
        "http://loc\N{LATIN SMALL LETTER A}lhost。",
    ],
)
def test_s08_another_machine_as_local_chorus_pro_is_an_error(settings: Any, url: str) -> None:
    settings.CHORUS_ENVIRONMENTS = {"local": {"api_url": url}}
    (error,) = check_chorus_addresses()
    assert (error.id, error.msg) == ("akuiteo.E002", f"CHORUS_LOCAL_URL={url} is not on this machine.")
    assert "127.0.0.1" in (error.hint or "")


@pytest.mark.parametrize("environment", ["qualification", "production"])
@pytest.mark.parametrize(
    "url", ["https://api.piste.gouv.fr", "https://sandbox-api.piste.gouv.fr", "http://127.0.0.1:9"]
)
def test_the_states_platforms_are_the_states_or_on_this_machine(settings: Any, environment: str, url: str) -> None:
    assert addresses(settings, environment, url) == []


@pytest.mark.parametrize("environment", ["qualification", "production"])
@pytest.mark.parametrize(
    "url",
    [
        "http://api.piste.gouv.fr",
        "https://api.piste.gouv.fr.example.org",
        "https://evilpiste.gouv.fr",
        "https://example.org/.piste.gouv.fr",
        "https://api.piste.gouv.fr@example.org",
        "http://192.0.2.1",
        "https://piste.gouv.fr.evil.org",
        "https://api.piste.gouv.fr:443@evil.org",
        "https://evil.org#.piste.gouv.fr",
        "https://evil.org?.piste.gouv.fr",
        "https://evil.org\\.piste.gouv.fr/",
        "https://api。piste。gouv。fr",
        "https://api.piste.gouv.fr.",
        "https://[2001:db8::1]",
        "https://3221225985",
        "ftp://api.piste.gouv.fr",
        "https://",
    ],
)
def test_s08_another_host_for_the_states_platforms_is_an_error(settings: Any, environment: str, url: str) -> None:
    assert addresses(settings, environment, url) == ["akuiteo.E003"]


@pytest.mark.parametrize(
    "url", ["https://anna:canary@api.piste.gouv.fr", "https://api。piste.gouv.fr", "https://evil.org\\.piste.gouv.fr"]
)
def test_s08_what_is_read_in_two_ways_is_no_address_at_all(variables: dict[str, str], url: str) -> None:
    variables["CHORUS_PRODUCTION_API_URL"] = url
    env = Environment()
    assert env.url("CHORUS_PRODUCTION_API_URL", STATE["api_url"]) == STATE["api_url"]
    assert len(env.problems) == 1
    assert "canary" not in env.problems[0]


def test_the_error_names_the_variable_and_what_to_do(settings: Any) -> None:
    settings.CHORUS_ENVIRONMENTS = {"qualification": STATE | {"token_url": "http://192.0.2.1"}}
    (error,) = check_chorus_addresses()
    assert error.msg.startswith("CHORUS_QUALIFICATION_TOKEN_URL=http://192.0.2.1 is not an https address of piste")
    assert "Leave the variable out" in (error.hint or "")
