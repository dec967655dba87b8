"""What must be recoverable is encrypted, and shows nothing of itself."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core import serializers
from django.db import connection, models

from akuiteo.masking import MASK, masker
from akuiteo.secrets import Secret, SecretField, SecretUnreadableError
from batches.models import Batch, BatchParameter

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture(autouse=True)
def _keys(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [OLD]


def stored(secret: Secret) -> BatchParameter:
    batch = Batch.objects.create(code="CHORUS", label="Chorus", template="Sample")
    return BatchParameter.objects.create(batch=batch, code="BATCH_PWD", secret=secret)


def test_a_secret_is_got_back() -> None:
    assert Secret.of("motdepassé $1").reveal() == "motdepassé $1"


def test_the_same_text_is_encrypted_differently_each_time() -> None:
    assert Secret.of("canary").ciphertext != Secret.of("canary").ciphertext


def test_an_empty_secret_stands_for_none() -> None:
    assert Secret.of("") == Secret()
    assert not Secret()
    assert (Secret().reveal(), str(Secret())) == ("", "")


def test_a_secret_shows_nothing_of_itself() -> None:
    secret = Secret.of("canary")
    shown = f"{secret} {secret!r} {[secret]}"
    assert "canary" not in shown
    assert secret.ciphertext not in shown
    assert str(secret) == MASK


@pytest.mark.parametrize("keys", [[NEW], [], ["no key"], ["clé"]], ids=["changed", "missing", "wrong", "not ASCII"])
def test_f39_without_its_key_a_secret_is_unreadable_and_the_message_names_the_setting(
    settings: Any, keys: list[str]
) -> None:
    secret = Secret.of("canary")
    settings.FIELD_ENCRYPTION_KEYS = keys
    with pytest.raises(SecretUnreadableError, match="FIELD_ENCRYPTION_KEYS") as caught:
        secret.reveal()
    assert secret.ciphertext not in repr(caught.value)


def test_without_a_key_nothing_is_encrypted(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["no key"]
    with pytest.raises(SecretUnreadableError, match="FIELD_ENCRYPTION_KEYS"):
        Secret.of("canary")


@pytest.mark.parametrize("ciphertext", ["clear text", "motdepassé"])
def test_what_is_no_ciphertext_is_never_taken_for_the_secret(ciphertext: str) -> None:
    with pytest.raises(SecretUnreadableError):
        Secret(ciphertext).reveal()


def test_a_new_key_before_the_old_one_reads_what_either_wrote(settings: Any) -> None:
    written_with_old = Secret.of("canary")
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    written_with_new = Secret.of("canary")
    assert written_with_old.reveal() == written_with_new.reveal() == "canary"
    settings.FIELD_ENCRYPTION_KEYS = [NEW]
    assert written_with_new.reveal() == "canary"


def test_the_old_key_alone_does_not_read_what_the_new_one_wrote(settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [NEW, OLD]
    secret = Secret.of("canary")
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    with pytest.raises(SecretUnreadableError):
        secret.reveal()


def test_a_secret_that_was_read_is_masked_from_then_on() -> None:
    ciphertext = Fernet(OLD).encrypt(b"never-seen-before").decode()
    assert masker.mask("never-seen-before") == "never-seen-before"
    Secret(ciphertext).reveal()
    assert masker.mask("never-seen-before") == MASK


def test_s02_the_database_has_no_clear_text(db: None) -> None:
    row = stored(Secret.of("canary"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT value, secret FROM batches_batchparameter")
        columns = cursor.fetchall()
    assert "canary" not in str(columns)
    row.refresh_from_db()
    assert row.secret.reveal() == "canary"


def test_s22_a_backup_of_the_rows_has_no_clear_text_and_can_be_loaded(db: None) -> None:
    backup = serializers.serialize("json", [stored(Secret.of("canary"))])
    assert "canary" not in backup
    BatchParameter.objects.all().delete()
    for row in serializers.deserialize("json", backup):
        row.save()
    assert BatchParameter.objects.get().secret.reveal() == "canary"


def test_a_text_cannot_be_stored_by_mistake(db: None) -> None:
    with pytest.raises(TypeError, match=r"write Secret\.of\(text\)") as caught:
        stored("canary")  # type: ignore[arg-type]
    assert "canary" not in str(caught.value)


def test_rows_without_a_secret_can_be_looked_for(db: None) -> None:
    stored(Secret())
    assert BatchParameter.objects.filter(secret="").count() == 1


def test_no_form_is_made_of_the_field() -> None:
    field = BatchParameter._meta.get_field("secret")
    assert isinstance(field, SecretField)
    assert isinstance(field, models.Field)
    assert field.editable is False


def test_a_secret_may_be_handed_to_another_process() -> None:
    secret = Secret.of("canary")
    assert pickle.loads(pickle.dumps(secret)) == secret  # noqa: S301 - our own
