from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from akuiteo.models import User
from batches.models import Batch, Run
from tests.batches.builders import make_batch


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def call(*args: str, screen: type[io.StringIO] = io.StringIO) -> tuple[str, str, int]:
    """What stands on stdout and stderr, and the exit code."""
    stdout, stderr = io.StringIO(), screen()
    try:
        call_command("run_batch", *args, stdout=stdout, stderr=stderr)
    except SystemExit as ended:
        return stdout.getvalue(), stderr.getvalue(), int(ended.code or 0)
    return stdout.getvalue(), stderr.getvalue(), 0


def test_a_run_is_silent_but_for_its_sentence(batch: Batch) -> None:
    assert call("TEST") == ("Batch TEST: 1 done.\n", "", 0)


def test_json_is_one_object_with_the_template_counts(batch: Batch) -> None:
    stdout, _, code = call("TEST", "--format", "json")
    told = json.loads(stdout)
    assert 0 <= told.pop("duration_s") < 30
    assert told == {
        "batch": "TEST",
        "run": Run.objects.get().pk,
        "outcome": "succeeded",
        "dry_run": False,
        "done": 1,
        "requests": 2,
        "errors": [],
    }
    assert code == 0


def test_errors_are_objects_in_json_and_lines_on_stderr(user: User) -> None:
    make_batch(HAPPENS="ERROR")
    stdout, stderr, code = call("TEST", "--format", "json")
    told = json.loads(stdout)
    assert told["errors"] == [{"company": "ACME", "invoice": "F-1", "message": "the portal does not answer"}]
    assert "ERROR ACME F-1: the portal does not answer" in stderr
    assert (told["outcome"], code) == ("partial", 3)


@pytest.mark.parametrize(
    ("parameters", "outcome", "code"),
    [({"HAPPENS": "NOTHING_WORKED"}, "failed", 69), ({"HAPPENS": "X"}, "refused", 78)],
)
def test_json_is_complete_when_a_run_fails_or_is_refused(
    user: User, parameters: dict[str, str], outcome: str, code: int
) -> None:
    make_batch(**parameters)
    stdout, stderr, ended = call("TEST", "--format", "json")
    told = json.loads(stdout)
    assert (told["outcome"], ended, told["run"]) == (outcome, code, Run.objects.get().pk)
    assert {"done", "requests", "errors", "duration_s"} <= told.keys()
    assert stderr


def test_json_is_one_object_before_a_run_begins_too(batch: Batch, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["no key"]
    stdout, stderr, code = call("TEST", "--format", "json")
    told = json.loads(stdout)
    assert (told["run"], told["outcome"], told["done"], code) == (None, "refused", 0, 78)
    assert "akuiteo.E001" in stderr


def test_a_template_that_cannot_be_imported_is_wrong_settings(batch: Batch, settings: Any) -> None:
    settings.BATCH_TEMPLATES = ["no.such.Template"]
    stdout, stderr, code = call("TEST")
    assert (code, stdout.count("\n")) == (78, 1)
    assert "no.such.Template" in stderr


def test_an_unknown_batch_is_named_on_stderr(batch: Batch) -> None:
    _, stderr, code = call("NOTHING")
    assert code == 2
    assert stderr == "The batch “NOTHING” does not exist. Existing ones: TEST.\n"


def test_a_dry_run_shows_what_would_change(batch: Batch) -> None:
    stdout, stderr, code = call("TEST", "--dry-run")
    assert stdout.splitlines() == [
        "ACME F-1: -> DEPOSEE",
        "Dry run, nothing was written or sent. Batch TEST: 1 done.",
    ]
    assert (stderr, code) == ("", 0)


def test_a_dry_run_in_json_shows_on_stderr(batch: Batch) -> None:
    stdout, stderr, _ = call("TEST", "--dry-run", "--format", "json")
    assert json.loads(stdout)["dry_run"] is True
    assert stderr == "ACME F-1: -> DEPOSEE\n"


def test_companies_reach_the_template(batch: Batch) -> None:
    assert call("TEST", "--company", "ACME")[2] == 0
    _, stderr, code = call("TEST", "--company", "ACME", "--company", "NOBODY")
    assert code == 2
    assert "NOBODY" in stderr


def test_a_terminal_shows_progress_and_clears_it(batch: Batch) -> None:
    _, stderr, _ = call("TEST", screen=Screen)
    assert stderr == "\r\x1b[Khalf of it\r\x1b[K"


def test_json_has_no_progress(batch: Batch) -> None:
    assert call("TEST", "--format", "json", screen=Screen)[1] == ""


@pytest.mark.parametrize(
    "arguments",
    [[], ["TEST", "--format", "xml"], ["TEST", "--wait", "-1"], ["TEST", "--wait", "nan"], ["TEST", "--wait", "soon"]],
)
def test_bad_usage_is_refused(batch: Batch, arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="Error:"):
        call(*arguments)
