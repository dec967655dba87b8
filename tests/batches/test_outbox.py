from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import get_connection

from batches.models import OutgoingEmail
from batches.outbox import message, queue

pytestmark = pytest.mark.django_db


def test_a_queued_mail_is_a_row_that_is_due_and_nothing_is_sent(mailoutbox: list[Any]) -> None:
    queue(None, ["a@example.org"], "subject", "text", cc=["c@example.org"], sender="me@example.org")
    row = OutgoingEmail.objects.get()
    assert (row.status, row.to, row.cc, row.bcc, row.sender) == (
        "due",
        ["a@example.org"],
        ["c@example.org"],
        [],
        "me@example.org",
    )
    assert mailoutbox == []


def test_the_message_id_is_made_with_the_row_on_the_senders_domain(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Chorus <chorus@acme.example>"
    first, second = (queue(None, ["a@example.org"], "subject", "text") for _ in range(2))
    assert first.message_id.endswith("@acme.example>")
    assert first.message_id != second.message_id


def test_a_sender_without_domain_leaves_a_valid_message_id(settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = ""
    assert queue(None, ["a@example.org"], "subject", "text").message_id.endswith("@localhost>")


def test_f03_a_message_is_the_same_each_time_it_is_made() -> None:
    row = queue(None, ["a@example.org"], "subject", "text")
    again = OutgoingEmail.objects.get(pk=row.pk)
    first, second = (message(each, get_connection()).message() for each in (row, again))
    assert first["Message-ID"] == second["Message-ID"] == row.message_id
    assert first["Auto-Submitted"] == "auto-generated"


def test_s04_a_subject_has_no_control_characters_and_is_short() -> None:
    row = queue(None, ["a@example.org"], "F-1\r\nBcc: spy@example.org" + "x" * 900, "text")
    assert row.subject.startswith(r"F-1\r\nBcc: spy@example.org")
    assert len(row.subject) == 200


def test_a_message_has_its_html_its_attachment_and_its_reply_address() -> None:
    row = queue(
        None,
        ["a@example.org"],
        "subject",
        "text",
        "<p>text</p>",
        reply_to="r@example.org",
        attachment_name="run.log",
        attachment="é\n",
    )
    built = message(row, get_connection())
    assert tuple(built.alternatives[0]) == ("<p>text</p>", "text/html")
    assert [attachment.filename for attachment in built.attachments] == ["run.log"]
    assert built.reply_to == ["r@example.org"]


def test_what_no_database_can_hold_is_replaced() -> None:
    row = queue(None, ["a@example.org"], "subject", "a\x00b\ud800\n", "<p>\x00</p>")
    row.refresh_from_db()
    assert (row.text, row.html) == ("a\ufffdb\ufffd\n", "<p>\ufffd</p>")


def test_s04_bcc_is_in_no_header() -> None:
    row = queue(None, ["a@example.org"], "subject", "text", bcc=["b@example.org"])
    built = message(row, get_connection())
    assert "b@example.org" not in built.message().as_string()
    assert built.recipients() == ["a@example.org", "b@example.org"]
