"""How secrets come in: never as a word of a command line; users' passwords are stored as Argon2 hashes (S02, S03)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.hashers import identify_hasher
from django.core.management import get_commands, load_command_class

from akuiteo.forms import SecretInput, set_or_not
from akuiteo.models import User
from akuiteo.secrets import Secret

OUR_FLOORS = ("akuiteo", "batches", "chorus")
COMMANDS = sorted(name for name, app in get_commands().items() if app in OUR_FLOORS)
SECRET_WORDS = re.compile("pwd|pass|secret|token|key|credential", re.IGNORECASE)
OTHER_KEY = "Zm9yLXRlc3RzLW9ubHktMzItYnl0ZXMtbG9uZy0hISE="


@pytest.mark.parametrize("name", COMMANDS)
def test_s03_no_command_takes_a_secret_as_an_argument(name: str) -> None:
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    taking_a_value = [action for action in parser._actions if action.nargs != 0]
    words = [word for action in taking_a_value for word in (action.dest, *action.option_strings)]
    assert [word for word in words if SECRET_WORDS.search(word)] == []


def test_s03_all_our_commands_were_looked_at() -> None:
    assert {"run_batch", "load_setup", "check_chorus", "rotate_secrets"} <= set(COMMANDS)


def test_s02_a_users_password_is_stored_as_an_argon2_hash() -> None:
    user = User(username="anna")
    user.set_password("canary-of-anna")
    assert identify_hasher(user.password).algorithm == "argon2"
    assert "canary" not in user.password


def test_f39_s02_a_form_says_that_the_key_of_a_stored_secret_was_lost(settings: Any) -> None:
    secret, field = Secret.of("canary"), SecretInput()
    settings.FIELD_ENCRYPTION_KEYS = [OTHER_KEY]
    field.tell_stored(secret)
    assert "cannot be read with FIELD_ENCRYPTION_KEYS" in str(field.help_text)
    assert "cannot be read with FIELD_ENCRYPTION_KEYS" in set_or_not(secret)
