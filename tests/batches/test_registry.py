from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

from batches.registry import UnknownTemplateError, template, templates


def test_templates_are_found_by_code() -> None:
    assert list(templates()) == ["Practice"]
    assert template("Practice").label == "Practice"


def test_an_unknown_template_is_told_with_those_that_exist() -> None:
    with pytest.raises(UnknownTemplateError, match=r"“Nothing” does not exist\. Existing ones: Practice"):
        template("Nothing")


def test_a_template_declares_its_own_parameters_and_the_common_ones() -> None:
    declared = template("Practice").declared()
    assert {"HAPPENS", "TEXT", "BATCH_MAIL", "BATCH_PWD"} <= declared.keys()
    assert len(declared) == 14


@pytest.mark.parametrize("path", ["no.such.module", "tests.batches.templates.NoSuchClass"])
def test_batches_e001_tells_a_template_that_cannot_be_imported(settings: Any, path: str) -> None:
    settings.BATCH_TEMPLATES = [path]
    messages = [message for message in run_checks() if message.id == "batches.E001"]
    assert [path in message.msg for message in messages] == [True]


def test_templates_that_can_be_imported_pass_the_check() -> None:
    assert not [message for message in run_checks() if message.id == "batches.E001"]
