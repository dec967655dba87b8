from __future__ import annotations

import datetime
import smtplib
import ssl
import threading
import time
from typing import Any

import pytest
import time_machine
from anymail.exceptions import AnymailRecipientsRefused, AnymailRequestsAPIError
from anymail.message import AnymailStatus
from django.core.mail import BadHeaderError
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone
from requests import ConnectionError as RequestsConnectionError
from requests import Response

from batches import delivery
from batches.delivery import deliver_due
from batches.locks import LockedError, lock_outbox
from batches.mail_verdicts import Verdict, verdict
from batches.models import OutgoingEmail, Recipient
from batches.outbox import Message, queue
from batches.recipients import make_due_again
from tests.batches.smtp import SmtpServer, free_port

pytestmark = pytest.mark.django_db


def due(*to: str, subject: str = "subject") -> OutgoingEmail:
    return queue(None, to or ["a@example.org"], subject, "text", bcc=["b@example.org"])


def test_due_mail_is_sent_over_one_connection_and_the_rows_say_so(smtp: SmtpServer) -> None:
    first, second = due(), due("c@example.org")
    result = deliver_due()
    assert (result.sent, result.waiting, smtp.sessions) == (2, 0, 1)
    for row in (first, second):
        row.refresh_from_db()
        assert (row.status, row.attempts, row.sent_at is not None) == ("sent", 1, True)


def test_what_arrives_has_the_rows_message_id_and_no_bcc_header(smtp: SmtpServer) -> None:
    row = due()
    deliver_due()
    [mail], [envelope] = smtp.mails, smtp.envelopes
    assert (mail["Message-ID"], mail["Auto-Submitted"], mail["Bcc"]) == (row.message_id, "auto-generated", None)
    assert envelope.rcpt_tos == ["a@example.org", "b@example.org"]


def test_what_was_sent_is_not_sent_again(smtp: SmtpServer) -> None:
    due()
    deliver_due()
    assert deliver_due().sent == 0
    assert len(smtp.envelopes) == 1


def fates(mail: OutgoingEmail) -> dict[str, str]:
    return dict(mail.recipients.values_list("address", "status"))


def test_f32_a_recipient_refused_for_good_is_refused_and_the_others_get_theirs(smtp: SmtpServer) -> None:
    smtp.refusals = {"gone@example.org": "550 no such user", "b@example.org": "550 no such user"}
    gone, fine = due("gone@example.org"), due()
    result = deliver_due()
    gone.refresh_from_db()
    fine.refresh_from_db()
    assert (result.sent, result.given_up, gone.status, fine.status) == (1, 2, "refused", "refused")
    assert "no such user" in gone.last_error
    assert (fates(gone), fates(fine)) == (
        {"gone@example.org": "refused", "b@example.org": "refused"},
        {"a@example.org": "sent", "b@example.org": "refused"},
    )
    assert {each.detail for each in Recipient.objects.filter(status="refused")} == {"550 no such user"}


def test_f31_who_was_refused_for_now_alone_is_tried_again_with_the_same_headers(smtp: SmtpServer) -> None:
    smtp.refusals = {"b@example.org": "450 mailbox busy"}
    row = due("a@example.org", "c@example.org")
    result = deliver_due()
    assert (result.sent, result.waiting) == (1, 1)
    assert fates(row) == {"a@example.org": "sent", "c@example.org": "sent", "b@example.org": "due"}
    row.refresh_from_db()
    assert (row.status, row.last_error) == ("due", "450 mailbox busy")
    smtp.refusals = {}
    assert deliver_due().sent == 1
    assert [envelope.rcpt_tos for envelope in smtp.envelopes] == [["a@example.org", "c@example.org"], ["b@example.org"]]
    assert [mail["To"] for mail in smtp.mails] == ["a@example.org, c@example.org"] * 2
    assert len({mail["Message-ID"] for mail in smtp.mails}) == 1
    row.refresh_from_db()
    assert (row.status, row.last_error, row.attempts) == ("sent", "", 2)


def test_f32_of_those_who_are_refused_each_has_its_own_answer(smtp: SmtpServer) -> None:
    smtp.refusals = {"a@example.org": "550 no such user", "b@example.org": "450 greylisted"}
    row = due()
    assert (deliver_due().waiting, fates(row)) == (1, {"a@example.org": "refused", "b@example.org": "due"})


def test_an_address_that_smtp_spells_otherwise_has_its_answer_too(smtp: SmtpServer) -> None:
    smtp.refusals = {"gone@xn--exmple-cua.org": "550 no such user"}
    row = queue(None, ["a@example.org"], "subject", "text", bcc=["gone@exämple.org"])
    deliver_due()
    assert fates(row) == {"gone@exämple.org": "refused", "a@example.org": "sent"}


def test_f31_a_mail_that_is_refused_for_now_is_tried_with_the_next_run_and_then_ever_later(smtp: SmtpServer) -> None:
    smtp.refusals = {"Subject: subject": "450 greylisted"}
    row, now = due(), timezone.now()
    pauses = []
    for _attempt in range(10):
        with time_machine.travel(now, tick=False):
            assert deliver_due().waiting == 1
            assert deliver_due(stop=None).waiting == (0 if row.attempts else 1)  # the second one is "the next run"
            row.refresh_from_db()
        assert row.next_attempt_at
        pauses.append((row.next_attempt_at - now).total_seconds() / 60)
        now = row.next_attempt_at
    assert pauses == [5, 10, 20, 40, 80, 160, 240, 240, 240, 240]


def test_f40_a_pause_that_a_wrong_clock_made_ends(smtp: SmtpServer) -> None:
    row = due()
    OutgoingEmail.objects.update(next_attempt_at=timezone.now() + datetime.timedelta(hours=3))
    assert deliver_due().sent == 0
    OutgoingEmail.objects.update(next_attempt_at=timezone.now() + datetime.timedelta(days=2000))
    assert deliver_due().sent == 1
    row.refresh_from_db()
    assert (row.status, row.next_attempt_at) == ("sent", None)


def test_a_mail_that_another_version_queued_without_recipients_is_sent_to_them(smtp: SmtpServer) -> None:
    row = due()
    row.recipients.all().delete()
    assert (deliver_due().sent, fates(row)) == (1, {"a@example.org": "sent", "b@example.org": "sent"})


@pytest.mark.parametrize("word", ["a@example.org", "Subject: subject"])
def test_f31_a_refusal_for_now_leaves_the_mail_due(smtp: SmtpServer, word: str) -> None:
    smtp.refusals = {word: "450 greylisted", "b@example.org": "450 greylisted"}
    row = due()
    result = deliver_due()
    row.refresh_from_db()
    assert (result.waiting, row.status, row.attempts) == (1, "due", 1)
    smtp.refusals = {}
    assert deliver_due().sent == 1


def test_a_content_refused_for_good_is_given_up(smtp: SmtpServer) -> None:
    smtp.refusals = {"Subject: subject": "554 looks like spam"}
    row = due()
    deliver_due()
    row.refresh_from_db()
    assert (row.status, "looks like spam" in row.last_error) == ("given up", True)


def test_a_server_that_wants_another_login_leaves_all_mail_due(smtp: SmtpServer, settings: Any) -> None:
    smtp.refusals = {settings.DEFAULT_FROM_EMAIL: "530 authentication required"}
    due()
    due()
    result = deliver_due()
    assert (result.waiting, result.given_up) == (2, 0)
    assert "authentication required" in result.problem


def test_f31_a_server_that_is_down_leaves_all_mail_due_with_the_reason(settings: Any) -> None:
    settings.EMAIL_BACKEND = "batches.smtp_backend.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    due()
    due()
    result = deliver_due()
    assert (result.sent, result.waiting) == (0, 2)
    assert list(OutgoingEmail.objects.values_list("status", "attempts")) == [("due", 1), ("due", 1)]
    assert all("refused" in error for error in OutgoingEmail.objects.values_list("last_error", flat=True))


def test_f31_a_server_that_hangs_costs_one_time_out(silent_server: int) -> None:
    for _ in range(5):
        due()
    began = time.monotonic()
    assert deliver_due().waiting == 5
    assert time.monotonic() - began < 3


def test_the_time_out_is_20_seconds(settings: Any) -> None:
    assert settings.EMAIL_TIMEOUT == 20


def test_a_mail_is_tried_for_three_days(settings: Any) -> None:
    settings.EMAIL_BACKEND = "batches.smtp_backend.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    row = due()
    for days, status in ((2.9, "due"), (3.1, "given up")):
        with time_machine.travel(timezone.now() + datetime.timedelta(days=days)):
            deliver_due()
        row.refresh_from_db()
        assert row.status == status
    assert deliver_due().waiting == 0


def test_an_old_mail_that_is_refused_for_now_is_given_up(smtp: SmtpServer) -> None:
    smtp.refusals = {"a@example.org": "450 greylisted", "b@example.org": "450 greylisted"}
    row = due()
    with time_machine.travel(timezone.now() + datetime.timedelta(days=3.1)):
        assert deliver_due().given_up == 1
    row.refresh_from_db()
    assert row.status == "given up"


def test_a_mail_that_is_sent_again_has_three_days_of_its_own(smtp: SmtpServer) -> None:
    smtp.refusals = {"b@example.org": "550 mailbox disabled"}
    row = due()
    deliver_due()
    smtp.refusals = {"b@example.org": "450 greylisted"}
    later = timezone.now() + datetime.timedelta(days=10)
    with time_machine.travel(later):
        assert make_due_again(OutgoingEmail.objects.all()) == 1
        assert deliver_due().waiting == 1
    with time_machine.travel(later + datetime.timedelta(days=3.1)):
        assert deliver_due().given_up == 1
    assert fates(row) == {"a@example.org": "sent", "b@example.org": "given up"}
    assert [envelope.rcpt_tos for envelope in smtp.envelopes] == [["a@example.org"]]


@pytest.mark.parametrize("field", ["to", "cc", "bcc", "sender", "reply_to"])
def test_s04_an_address_with_a_line_break_brings_no_header_and_stops_no_other(smtp: SmtpServer, field: str) -> None:
    """Parameters are checked when they are saved and when a run starts; a row may have been written by hand."""
    nasty = "a@example.org\r\nBcc: spy@example.org"
    fields: dict[str, Any] = {"to": ["c@example.org"]} | {field: nasty if field in {"sender", "reply_to"} else [nasty]}
    bad = queue(None, subject="subject", text="text", **fields)
    due()
    assert deliver_due().sent == 1
    bad.refresh_from_db()
    assert bad.status == "given up"
    assert [envelope.rcpt_tos for envelope in smtp.envelopes] == [["a@example.org", "b@example.org"]]
    assert not any("spy" in mail.as_string() for mail in smtp.mails)


def test_a_message_that_cannot_be_built_is_given_up_and_stops_no_other(smtp: SmtpServer) -> None:
    bad = due("a@example.org\nBcc: spy@example.org")
    due()
    result = deliver_due()
    bad.refresh_from_db()
    assert (result.sent, bad.status) == (1, "given up")


def test_a_mail_without_recipients_is_not_sent(smtp: SmtpServer) -> None:
    row = queue(None, [], "subject", "text")
    assert deliver_due().problem == "it has no recipient"
    row.refresh_from_db()
    assert row.status == "given up"


class TakesNothing(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        return 0


def test_a_mail_that_a_backend_drops_in_silence_stays_due(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.batches.test_delivery.TakesNothing"
    row = due()
    assert deliver_due().problem == "the mail backend did not take it"
    assert set(fates(row).values()) == {"due"}


@pytest.mark.parametrize("backend", ["no.such.Backend", "anymail.backends.brevo.EmailBackend"])
def test_a_backend_that_is_not_set_up_leaves_all_mail_due(settings: Any, backend: str) -> None:
    settings.EMAIL_BACKEND = backend
    settings.ANYMAIL = {}
    due()
    result = deliver_due()
    assert (result.waiting, bool(result.problem)) == (1, True)


def test_delivery_ends_when_it_is_stopped(smtp: SmtpServer) -> None:
    stop = threading.Event()
    smtp.on_data = stop.set
    due()
    due()
    assert deliver_due(stop).sent == 1
    assert deliver_due(stop).sent == 0
    assert OutgoingEmail.objects.filter(status="due").count() == 1


def test_somebody_elses_delivery_is_left_to_them(smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    due()

    def locked() -> Any:
        raise LockedError

    monkeypatch.setattr(delivery, "lock_outbox", locked)
    result = deliver_due()
    assert (result.sent, result.waiting, result.problem) == (0, 0, "")


def test_a_mail_that_became_due_while_the_lock_was_let_go_is_not_left_behind(
    smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another run queues its mail after our last look, finds the lock taken, and leaves the mail to us."""
    due()
    looks = iter([False, True])

    class AndThenOneMore:
        def __enter__(self) -> None:
            self.lock = lock_outbox()
            self.lock.__enter__()

        def __exit__(self, *args: Any) -> None:
            if not next(looks):
                due("late@example.org")
            self.lock.__exit__(*args)

    monkeypatch.setattr(delivery, "lock_outbox", AndThenOneMore)
    assert deliver_due().sent == 2


def test_a_secret_in_an_error_is_masked(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.batches.test_delivery.Leaking"
    due()
    assert "hunter2" not in deliver_due().problem


class Leaking(EmailBackend):
    def send_messages(self, messages: Any) -> int:
        raise RuntimeError("api_key=hunter2 refused")


class Watching(EmailBackend):
    in_transaction: list[bool] = []

    def send_messages(self, messages: Any) -> int:
        self.in_transaction.append(connection.in_atomic_block)
        return super().send_messages(messages)


@pytest.mark.django_db(transaction=True)
def test_no_mail_is_sent_inside_a_transaction(settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.batches.test_delivery.Watching"
    due()
    deliver_due()
    assert Watching.in_transaction == [False]


def answer(status: int) -> AnymailRequestsAPIError:
    response = Response()
    response.status_code = status
    return AnymailRequestsAPIError(response=response)


def mail_with(*statuses: str) -> Message:
    mail = Message("subject", "text", to=["a@example.org"])
    mail.anymail_status = AnymailStatus()  # type: ignore[attr-defined]
    mail.anymail_status.status = set(statuses)  # type: ignore[attr-defined]
    return mail


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no"), "b": (551, b"no")}), Verdict.REFUSED),
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no"), "b": (450, b"later")}), Verdict.LATER),
        (smtplib.SMTPSenderRefused(553, b"no", "me"), Verdict.REFUSED),
        (smtplib.SMTPSenderRefused(530, b"log in", "me"), Verdict.UNREACHABLE),
        (smtplib.SMTPDataError(451, b"later"), Verdict.LATER),
        (smtplib.SMTPNotSupportedError("SMTPUTF8"), Verdict.REFUSED),
        (smtplib.SMTPServerDisconnected("closed"), Verdict.UNREACHABLE),
        (smtplib.SMTPAuthenticationError(535, b"no"), Verdict.UNREACHABLE),
        (TimeoutError("timed out"), Verdict.UNREACHABLE),
        (ssl.SSLCertVerificationError("expired"), Verdict.UNREACHABLE),
        (BadHeaderError("newline"), Verdict.REFUSED),
        (RuntimeError("something else"), Verdict.LATER),
        (answer(401), Verdict.UNREACHABLE),
        (answer(429), Verdict.UNREACHABLE),
        (answer(503), Verdict.UNREACHABLE),
        (answer(400), Verdict.LATER),
        (RequestsConnectionError("no route"), Verdict.UNREACHABLE),
    ],
    ids=lambda value: value.name if isinstance(value, Verdict) else repr(value),
)
def test_an_error_says_what_can_be_done_with_the_mail_and_with_the_others(error: Exception, expected: Verdict) -> None:
    assert verdict(error, Message()) is expected


def test_f32_a_service_that_refuses_all_recipients_is_believed() -> None:
    error = AnymailRecipientsRefused()
    assert verdict(error, mail_with("rejected", "invalid")) is Verdict.REFUSED
    assert verdict(error, mail_with("rejected", "queued")) is Verdict.LATER
