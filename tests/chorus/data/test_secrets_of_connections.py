"""What load_setup notes of the secrets of a Chorus connection."""

from __future__ import annotations

from datetime import date

from chorus.models import ChorusConnection
from chorus.setup_file.loading import load


def test_load_setup_notes_when_secrets_were_set_and_forgets_the_end_of_the_former_password(db: None) -> None:
    table = {
        "environment": "local",
        "piste_client_id": "acme",
        "piste_client_secret": "one",
        "technical_login": "TECH_1@cpro.fr",
        "technical_password": "two",
    }
    load({"chorus": table})
    first = ChorusConnection.objects.get()
    ChorusConnection.objects.update(technical_password_ends_on=date(2027, 1, 1))
    load({"chorus": table | {"technical_password": "three"}})
    second = ChorusConnection.objects.get()
    assert second.piste_client_secret_set_at == first.piste_client_secret_set_at is not None
    assert second.technical_password_set_at != first.technical_password_set_at is not None
    assert second.technical_password_ends_on is None
