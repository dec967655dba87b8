"""Starts of the command that cannot be."""

import os
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.chorus.local_portal.test_command import COMMAND, ROOT, write_seed


def ask_in_vain(*arguments: str, **environment: str) -> tuple[int, str, str]:
    """Return the exit code of a start that cannot be, and what it says on stdout and stderr."""
    done = subprocess.run(
        [*COMMAND, "--port", "0", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        (["--host", "api.piste.gouv.fr"], "--host names api.piste.gouv.fr"),
        (["--fault", "kind=redirect,to=https://api.piste.gouv.fr/"], "--fault cannot be used. redirect: to: api.piste"),
    ],
)
def test_it_refuses_whatever_names_the_state_s_platforms(arguments: list[str], place: str) -> None:
    code, stdout, stderr = ask_in_vain(*arguments)
    assert (code, stdout, stderr.count("\n")) == (78, "", 1)
    assert stderr.startswith(f"CommandError: {place}")
    assert "the State's" in stderr


def test_it_refuses_settings_that_name_the_state_s_platforms() -> None:
    code, stdout, stderr = ask_in_vain(CHORUS_LOCAL_URL="https://sandbox-api.piste.gouv.fr")
    assert (code, stdout) == (78, "")
    assert stderr == (
        "CommandError: CHORUS_LOCAL_URL names sandbox-api.piste.gouv.fr, which is the State's:"
        " the local Chorus Pro has nothing to do there.\n"
    )


def test_it_refuses_a_seed_that_names_the_state_s_platforms(tmp_path: Path) -> None:
    application = {"client_id": "https://portail.chorus-pro.gouv.fr", "client_secret": "x"}
    code, stdout, stderr = ask_in_vain("--seed", str(write_seed(tmp_path, applications=[application])))
    assert (code, stdout) == (78, "")
    assert stderr.startswith("CommandError: --seed names portail.chorus-pro.gouv.fr, which is the State's")


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--fault", "kind=chaos"], "--fault cannot be used. kind: 'chaos' is not one of latency, page-cap"),
        (["--record", "missing/record.jsonl"], "The record missing/record.jsonl cannot be written: No such file"),
        (["--record-secrets"], "--record-secrets is for a record: give --record FILE.jsonl as well."),
        (["--state", "manage.py"], "The state cannot be used. manage.py cannot be used: file is not a database"),
    ],
)
def test_an_option_that_cannot_be_used_is_one_clear_sentence(arguments: list[str], problem: str) -> None:
    code, stdout, stderr = ask_in_vain(*arguments)
    assert (code, stdout, stderr.count("\n")) == (1, "", 1)
    assert stderr.startswith(f"CommandError: {problem}")


@pytest.mark.parametrize("arguments", [["--speed", "0"], ["--speed", "nan"], ["--speed", "fast"], ["--speed", "inf"]])
def test_a_speed_that_is_none_is_bad_usage(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="is not a number above 0 and up to 1000000"):
        call_command("local_chorus_pro", *arguments)
