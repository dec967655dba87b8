"""rotate_secrets: the stored secrets get the newest key while everything goes on (S02, F39)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from akuiteo.rotating import Rotation, rotate
from akuiteo.secrets import Secret, SecretField
from batches.models import Batch, BatchParameter
from chorus.models import ChorusConnection

OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture(autouse=True)
def _old_key(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]


@pytest.fixture
def parameter(db: None) -> BatchParameter:
    batch = Batch.objects.create(code="CHORUS", label="Chorus", template="Sample")
    return BatchParameter.objects.create(batch=batch, code="BATCH_PWD", secret=Secret.of("canary-batch"))


@pytest.fixture
def chorus(db: None) -> ChorusConnection:
    return ChorusConnection.objects.create(
        environment="local", piste_client_secret=Secret.of("canary-piste"), technical_password=Secret.of("canary-tech")
    )


def test_f39_after_the_rotation_the_old_key_is_not_needed(
    settings: Any, parameter: BatchParameter, chorus: ChorusConnection
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert rotate() == Rotation(rewritten=3)
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    parameter.refresh_from_db()
    chorus.refresh_from_db()
    secrets = (parameter.secret, chorus.piste_client_secret, chorus.technical_password)
    assert [secret.reveal() for secret in secrets] == ["canary-batch", "canary-piste", "canary-tech"]


def test_f39_a_second_rotation_finds_nothing_left(settings: Any, parameter: BatchParameter) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert [rotate(), rotate()] == [Rotation(rewritten=1), Rotation(already_new=1)]


def test_f39_what_no_key_reads_is_named_and_the_rest_is_done(
    settings: Any, parameter: BatchParameter, chorus: ChorusConnection
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [LOST]
    ChorusConnection.objects.update(technical_password=Secret.of("canary-lost"))
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    assert rotate() == Rotation(2, 0, ["Chorus connection *****: technical account password"])


def test_f39_the_command_tells_what_it_did_and_ends_in_78_with_the_names_of_the_unreadable(
    settings: Any, parameter: BatchParameter, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    call_command("rotate_secrets")
    assert capsys.readouterr().out == "1 secret was encrypted with the newest key, 0 had it already.\n"
    settings.FIELD_ENCRYPTION_KEYS = [LOST]
    with pytest.raises(CommandError, match=r"(?s)FIELD_ENCRYPTION_KEYS.*Batch parameter CHORUS BATCH_PWD") as caught:
        call_command("rotate_secrets")
    assert caught.value.returncode == 78
    assert parameter.secret.ciphertext not in str(caught.value)


@contextmanager
def before_the_first_update(happens: Any) -> Iterator[None]:
    todo = [happens]

    def meanwhile(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith("UPDATE") and todo:
            todo.pop()()
        return execute(sql, *args)

    with connection.execute_wrapper(meanwhile):
        yield


@pytest.mark.parametrize("key", [OLD, NEW], ids=["old key", "new key"])
def test_s02_a_secret_that_is_entered_meanwhile_stays_whatever_its_key(
    settings: Any, parameter: BatchParameter, key: str
) -> None:
    """A site that was not started again yet encrypts with the old key: that secret is encrypted anew as well."""
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    entered = Secret(Fernet(key).encrypt(b"canary-entered").decode())
    with before_the_first_update(lambda: BatchParameter.objects.update(secret=entered)):
        rotate()
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    parameter.refresh_from_db()
    assert parameter.secret.reveal() == "canary-entered"


def test_a_secret_that_is_deleted_meanwhile_is_nobodys_concern(settings: Any, parameter: BatchParameter) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    with before_the_first_update(BatchParameter.objects.all().delete):
        assert rotate() == Rotation()


def test_the_history_does_not_tell_of_a_rotation(settings: Any, parameter: BatchParameter) -> None:
    versions = parameter.history.count()
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    rotate()
    assert parameter.history.count() == versions


def test_s02_no_history_keeps_a_secret() -> None:
    kept = [
        f"{model.__name__}.{field.name}"
        for model in apps.get_models()
        if model.__name__.startswith("Historical")
        for field in model._meta.get_fields()
        if isinstance(field, SecretField)
    ]
    assert kept == []
