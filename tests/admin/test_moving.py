"""Setup > Special parameters > Chorus connections > Move to another company."""

from __future__ import annotations

import pytest
from django.test import Client

from chorus.models import ChorusConnection
from chorus.moving import TargetTakenError, move
from tests.admin.builders import make_company, make_connection, page, told, url

STORED = ("stored-piste-secret", "stored-technical-password")


def secrets(connection: ChorusConnection) -> tuple[str, str]:
    connection.refresh_from_db()
    return connection.piste_client_secret.reveal(), connection.technical_password.reveal()


def test_a_connection_moves_with_its_secrets_and_its_source_is_left_without(administrator: Client) -> None:
    source, target = make_company("FROM"), make_company("TO")
    connection = make_connection(source)
    address = url("chorus_chorusconnection_move", connection.pk)
    response = administrator.post(address, {"to": target.pk}, follow=True)
    assert told(response) == ["The connection of FROM is now that of TO; FROM has none of its own any more."]
    assert secrets(connection) == STORED
    assert connection.company == target
    assert not ChorusConnection.objects.filter(company=source).exists()


def test_a_move_is_in_the_history_and_shows_no_secret(administrator: Client) -> None:
    connection = make_connection(make_company("FROM"))
    target = make_company("TO")
    administrator.post(url("chorus_chorusconnection_move", connection.pk), {"to": target.pk})
    text = page(administrator.get(url("chorus_chorusconnection_history", connection.pk)))
    assert "<del>FROM</del>" in text
    assert not any(secret in text for secret in STORED)


def test_a_connection_moves_to_all_companies(administrator: Client) -> None:
    connection = make_connection(make_company("FROM"))
    administrator.post(url("chorus_chorusconnection_move", connection.pk), {"to": "*****"})
    connection.refresh_from_db()
    assert connection.company is None


def test_a_connection_moves_only_where_there_is_none(administrator: Client) -> None:
    connection = make_connection(make_company("FROM"))
    taken = make_company("TAKEN")
    for other in (make_connection(taken), make_connection()):
        response = administrator.post(
            url("chorus_chorusconnection_move", connection.pk), {"to": other.company_id or "*****"}
        )
        assert "to" in response.context["form"].errors
    connection.refresh_from_db()
    assert str(connection) == "FROM"


def test_a_target_that_was_taken_meanwhile_is_refused(db: None) -> None:
    connection = make_connection(make_company("FROM"))
    target = make_company("TO")
    make_connection(target)
    with pytest.raises(TargetTakenError):
        move(connection, target)
    connection.refresh_from_db()
    assert str(connection) == "FROM"


def test_where_no_company_is_free_the_page_says_what_to_do(administrator: Client) -> None:
    make_connection()
    connection = make_connection(make_company("ONLY"))
    assert "Delete the one of the company" in page(
        administrator.get(url("chorus_chorusconnection_move", connection.pk))
    )
