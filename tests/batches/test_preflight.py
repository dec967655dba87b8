from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError

from batches import preflight

pytestmark = pytest.mark.django_db


def test_runs_may_begin_when_settings_and_database_are_right() -> None:
    assert preflight.refusal() is None


def test_wrong_settings_are_exit_78_with_what_to_correct(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["no key"]
    ending = preflight.refusal()
    assert ending
    assert ending.exit_code == 78
    assert "akuiteo.E001" in str(ending.errors[0])


def test_f41_unapplied_migrations_are_exit_78_with_the_command_to_type() -> None:
    MigrationRecorder.Migration.objects.filter(app="batches").delete()
    ending = preflight.refusal()
    assert ending
    assert ending.exit_code == 78
    assert "manage.py migrate" in str(ending.errors[0])


def test_f30_a_database_that_is_away_is_exit_69() -> None:
    def refuse(*_args: Any) -> Any:
        raise OperationalError("could not connect")

    with connection.execute_wrapper(refuse):
        ending = preflight.refusal()
    assert ending
    assert ending.exit_code == 69
