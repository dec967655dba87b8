"""Delivery by a mail service, and what it tells later: django-anymail's Mailgun against a server on loopback."""

from __future__ import annotations

import base64
import importlib
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import clear_url_caches, get_resolver

import akuiteo.urls
from akuiteo.models import User
from batches import mail_service_urls
from batches.delivery import deliver_due
from batches.models import OutgoingEmail
from batches.outbox import queue
from tests.batches.mailgun import API_KEY, SECRET, Mailgun, event, signed

pytestmark = pytest.mark.django_db
TRACKING = "/anymail/mailgun/tracking/"


@pytest.fixture
def mailgun(settings: Any) -> Iterator[Mailgun]:
    server = Mailgun()
    settings.EMAIL_BACKEND = "anymail.backends.mailgun.EmailBackend"
    settings.ANYMAIL = {
        "MAILGUN_API_KEY": API_KEY,
        "MAILGUN_SENDER_DOMAIN": "example.org",
        "MAILGUN_API_URL": server.url,
        "WEBHOOK_SECRET": SECRET,
    }
    yield server
    server.end()


@pytest.fixture
def webhook(mailgun: Mailgun, settings: Any) -> Iterator[None]:
    """The site as it starts with a secret."""
    _read_addresses_again()
    yield
    settings.ANYMAIL = {}
    _read_addresses_again()


def _read_addresses_again() -> None:
    importlib.reload(mail_service_urls)
    importlib.reload(akuiteo.urls)
    clear_url_caches()


def due(*to: str, bcc: list[str] | None = None) -> OutgoingEmail:
    return queue(None, to or ["a@example.org"], "subject", "text", bcc=bcc or [])


def fates(mail: OutgoingEmail) -> dict[str, str]:
    return dict(mail.recipients.values_list("address", "status"))


def sent(*to: str) -> OutgoingEmail:
    mail = due(*to)
    assert deliver_due().sent == 1
    return mail


def key_of(mail: OutgoingEmail) -> str:
    return mail.recipients.values_list("service_id", flat=True)[0]


def tell(body: str, secret: str | None = SECRET, **extra: Any) -> int:
    headers = {"authorization": f"Basic {base64.b64encode(secret.encode()).decode()}"} if secret else {}
    client = Client(enforce_csrf_checks=True)
    return client.post(TRACKING, body, content_type="application/json", headers=headers, **extra).status_code


def told(kind: str, mail: OutgoingEmail, address: str = "a@example.org", **fields: Any) -> int:
    return tell(signed(event(kind, key_of(mail), address, **fields)))


def test_a_service_takes_a_mail_with_our_message_id_and_its_key_is_kept(mailgun: Mailgun) -> None:
    mail = sent("a@example.org", "c@example.org")
    [form] = mailgun.forms
    assert (form["to"], form["h:Message-Id"]) == (["a@example.org", "c@example.org"], [mail.message_id])
    assert set(mail.recipients.values_list("status", "service_id")) == {("sent", "<1@mailgun.example>")}


@pytest.mark.parametrize("status", [401, 429, 500])
def test_f31_a_service_that_refuses_us_or_is_busy_is_asked_once_a_run(mailgun: Mailgun, status: int) -> None:
    mailgun.answers = [(status, "no")] * 3
    for _ in range(3):
        due()
    result = deliver_due()
    assert (result.waiting, len(mailgun.forms)) == (3, 1)
    assert str(status) in result.problem
    assert set(OutgoingEmail.objects.values_list("status", "next_attempt_at")) == {("due", None)}


def test_f31_a_service_that_hangs_costs_one_time_out(mailgun: Mailgun, settings: Any) -> None:
    assert settings.ANYMAIL_REQUESTS_TIMEOUT == 20
    settings.ANYMAIL_REQUESTS_TIMEOUT = 0.3
    mailgun.answers = [None]
    due()
    due()
    result = deliver_due()
    assert (result.waiting, len(mailgun.forms)) == (2, 1)
    assert "imed out" in result.problem


@pytest.mark.parametrize("answer", [(400, {"message": "to parameter is not a valid address"}), (200, "not JSON")])
def test_f31_a_mail_that_a_service_does_not_like_is_put_off_and_the_others_are_sent(
    mailgun: Mailgun, answer: tuple[int, Any]
) -> None:
    mailgun.answers = [answer] * 2
    bad, good = due(), due()
    mailgun.answers = [answer]
    assert (deliver_due().sent, fates(bad), fates(good)) == (1, {"a@example.org": "due"}, {"a@example.org": "sent"})


def test_an_api_key_stands_in_no_error(mailgun: Mailgun) -> None:
    mailgun.answers = [(401, f"wrong api_key={API_KEY}")]
    due()
    assert API_KEY not in deliver_due().problem


def test_f32_recipients_that_a_service_refuses_at_once_are_refused(mailgun: Mailgun, settings: Any) -> None:
    settings.EMAIL_BACKEND = "anymail.backends.mandrill.EmailBackend"
    settings.ANYMAIL = {"MANDRILL_API_KEY": API_KEY, "MANDRILL_API_URL": mailgun.url}
    mailgun.answers = [
        (
            200,
            [
                {"email": "anna@example.org", "status": "sent", "_id": "1"},
                {"email": "gone@example.org", "status": "rejected", "reject_reason": "hard-bounce", "_id": "2"},
            ],
        ),
        (200, [{"email": "gone@example.org", "status": "invalid", "_id": "3"}]),
    ]
    both, alone = due("Anna@Example.org", "gone@example.org"), due("gone@example.org")
    result = deliver_due()
    assert (result.sent, result.given_up) == (1, 2)
    assert (fates(both), fates(alone)) == (
        {"Anna@Example.org": "sent", "gone@example.org": "refused"},
        {"gone@example.org": "refused"},
    )
    assert list(both.recipients.values_list("service_id", flat=True)) == ["1", "2"]


def test_f31_who_has_a_mail_already_is_not_named_to_a_service_again(mailgun: Mailgun) -> None:
    mail = due("a@example.org", "c@example.org", bcc=["b@example.org", "d@example.org"])
    mail.recipients.filter(address__in=["a@example.org", "c@example.org"]).update(status="sent")
    deliver_due()
    [form] = mailgun.forms
    assert (form["to"], form["bcc"]) == (["b@example.org"], ["d@example.org"])


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("kind", "fields", "status"),
    [
        ("delivered", {}, "delivered"),
        ("failed", {"severity": "permanent", "delivery-status": {"message": "550 no such user"}}, "bounced"),
        ("failed", {"severity": "temporary", "delivery-status": {"message": "450 greylisted"}}, "sent"),
        ("rejected", {"reject": {"reason": "policy"}}, "refused"),
        ("complained", {}, "complained"),
        ("opened", {}, "sent"),
        ("something new", {}, "sent"),
    ],
)
def test_f32_what_a_service_tells_is_what_the_row_says(kind: str, fields: Any, status: str) -> None:
    mail = sent("a@example.org", "c@example.org")
    assert told(kind, mail, **fields) == 200
    mail.refresh_from_db()
    assert fates(mail) == {"a@example.org": status, "c@example.org": "sent"}
    assert mail.status == (status if status in {"bounced", "refused", "complained"} else "sent")
    said = mail.recipients.get(address="a@example.org").detail
    assert said == {"rejected": "policy"}.get(kind, fields.get("delivery-status", {}).get("message", ""))


@pytest.mark.usefixtures("webhook")
def test_f32_events_that_come_late_or_twice_change_nothing() -> None:
    mail = sent()
    for kind in ("delivered", "delivered", "failed", "delivered", "failed", "complained"):
        told(kind, mail, "A@Example.org")
    assert fates(mail) == {"a@example.org": "bounced"}


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    ("kind", "fields", "status"),
    [("delivered", {}, "delivered"), ("failed", {"severity": "temporary"}, "sent"), ("accepted", {}, "sent")],
)
def test_f31_a_mail_whose_answer_was_lost_is_not_sent_again_when_the_service_tells_of_it(
    mailgun: Mailgun, settings: Any, kind: str, fields: Any, status: str
) -> None:
    settings.ANYMAIL_REQUESTS_TIMEOUT = 0.3
    mailgun.answers = [None]
    mail = due()
    deliver_due()
    assert fates(mail) == {"a@example.org": "due"}
    tell(signed(event(kind, mail.message_id, "a@example.org", **fields)))
    mail.refresh_from_db()
    assert (mail.status, mail.sent_at is not None) == (status, True)
    assert (deliver_due().sent, len(mailgun.forms)) == (0, 1)


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("key", ["<other@mailgun.example>", "\x00", "x' OR 1=1 --", ""])
def test_s17_events_of_mails_that_are_not_ours_are_nobodys_business(key: str) -> None:
    mail = sent()
    assert tell(signed(event("failed", key, "a@example.org"))) == 200
    assert told("failed", mail, "somebody.else@example.org") == 200
    assert told("failed", mail, "") == 200
    assert fates(mail) == {"a@example.org": "sent"}


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize("secret", [None, "chorus:wrong", "chorus", ":", "None", SECRET.upper(), "é:é"])
def test_s17_who_does_not_know_the_secret_changes_nothing(secret: str | None) -> None:
    mail = sent()
    assert tell(signed(event("failed", key_of(mail), "a@example.org")), secret) == 400
    assert fates(mail) == {"a@example.org": "sent"}


@pytest.mark.usefixtures("webhook")
@pytest.mark.parametrize(
    "forged",
    [
        lambda body: body.replace('"token": "token"', '"token": "other"'),
        lambda body: signed({"event": "failed"}, "another key"),
        lambda _body: "{}",
        lambda _body: "not JSON",
    ],
)
def test_s17_what_is_not_signed_changes_nothing(forged: Callable[[str], str]) -> None:
    mail = sent()
    assert tell(forged(signed(event("failed", key_of(mail), "a@example.org")))) == 400
    assert fates(mail) == {"a@example.org": "sent"}


@pytest.mark.usefixtures("webhook")
def test_s17_a_huge_body_is_not_read() -> None:
    assert tell(signed({"event": "failed", "filler": "x" * 3_000_000})) in {400, 413}
    assert tell("x" * 3_000_000, secret=None) == 400


@pytest.mark.usefixtures("webhook")
def test_s17_looking_at_the_address_does_nothing(client: Client) -> None:
    mail = sent()
    assert [client.get(TRACKING).status_code, client.head(TRACKING).status_code, client.put(TRACKING).status_code] == [
        405,
        200,
        405,
    ]
    assert fates(mail) == {"a@example.org": "sent"}


@pytest.mark.usefixtures("webhook")
def test_s06_s17_what_a_service_writes_breaks_no_line(caplog: pytest.LogCaptureFixture) -> None:
    mail = sent()
    nasty = "550 no\r\n2026-11-23 ERROR forged\x00\x1b[2J \u202e" + "x" * 2000
    with caplog.at_level(logging.DEBUG):
        fields: dict[str, Any] = {"delivery-status": {"message": nasty}}
        told("failed", mail, **fields)
    detail = mail.recipients.get().detail
    assert detail.startswith(r"550 no\r\n2026-11-23 ERROR forged\x00\x1b[2J \u202e")
    assert (detail.isprintable(), len(detail)) == (True, 500)
    assert "forged" not in caplog.text


def test_s17_without_a_secret_there_is_no_address(client: Client, settings: Any) -> None:
    assert client.post(TRACKING, "{}", content_type="application/json").status_code == 404
    assert not any("anymail" in str(pattern.pattern) for pattern in get_resolver().url_patterns)


@pytest.mark.usefixtures("webhook")
def test_s17_only_the_service_that_sends_the_mails_has_an_address(client: Client) -> None:
    patterns: list[Any] = get_resolver().url_patterns
    [included] = [pattern for pattern in patterns if str(pattern.pattern) == "anymail/"]
    assert [str(pattern.pattern) for pattern in included.url_patterns] == ["mailgun/tracking/"]


@pytest.mark.usefixtures("webhook")
def test_s13_s17_logging_in_opens_nothing_there(client: Client) -> None:
    client.force_login(User.objects.create(username="root", is_staff=True, is_superuser=True))
    assert client.post(TRACKING, "{}", content_type="application/json").status_code == 400


@pytest.mark.usefixtures("webhook")
def test_an_event_is_written_while_a_mail_is_sent_and_neither_is_lost(
    mailgun: Mailgun, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service may tell of a mail before its answer to us is written."""
    from akuiteo import fault_points

    mail = due("a@example.org", "c@example.org")

    def meanwhile(point: str) -> None:
        if point == "mail: accepted, row not written":
            tell(signed(event("failed", mail.message_id, "a@example.org")))

    monkeypatch.setattr(fault_points, "_listener", meanwhile)
    deliver_due()
    mail.refresh_from_db()
    assert (mail.status, fates(mail)) == ("bounced", {"a@example.org": "bounced", "c@example.org": "sent"})
