"""Delivery to a mail server at its worst: it hangs or hangs up at any point, and takes so many mails at a time."""

from __future__ import annotations

import datetime
import resource
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from batches.delivery import deliver_due
from batches.models import OutgoingEmail
from batches.outbox import queue
from tests.batches.rough_smtp import CONTENT, DROP, GREETING, HANG, TAKE_AND_DROP, RoughServer
from tests.batches.smtp import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def rough(settings: Any) -> Iterator[RoughServer]:
    server = RoughServer()
    settings.EMAIL_BACKEND = "batches.smtp_backend.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.end()


def due(count: int) -> list[OutgoingEmail]:
    return [queue(None, [f"m{number}@example.org"], f"mail {number}", "text") for number in range(count)]


def statuses() -> list[str]:
    return list(OutgoingEmail.objects.order_by("pk").values_list("status", flat=True))


def put_off() -> list[bool]:
    return [mail.next_attempt_at is not None for mail in OutgoingEmail.objects.order_by("pk")]


@pytest.mark.parametrize("point", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", CONTENT])
def test_f31_a_server_that_hangs_at_any_point_costs_two_time_outs_at_most(
    rough: RoughServer, settings: Any, point: str
) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    rough.at(point, HANG)
    due(5)
    result = deliver_due()
    assert (result.sent, result.waiting, rough.connections <= 2) == (0, 5, True)
    assert set(OutgoingEmail.objects.values_list("status", "attempts")) == {("due", 1)}
    assert all("timed out" in error for error in OutgoingEmail.objects.values_list("last_error", flat=True))
    rough.at("", "")
    settings.EMAIL_TIMEOUT = 20
    assert (deliver_due().sent, len(rough.taken)) == (5, 5)


def test_f31_a_server_that_hangs_after_each_mail_does_not_hold_the_run(rough: RoughServer, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 1
    rough.happens = lambda point, mails: HANG if point == "MAIL" and mails else ""
    due(9)
    assert (deliver_due().waiting, rough.connections) == (7, 2)


@pytest.mark.parametrize("point", [GREETING, "EHLO", "MAIL", "RCPT", "DATA", CONTENT])
def test_f31_a_server_that_hangs_up_at_any_point_is_not_hammered(rough: RoughServer, point: str) -> None:
    rough.at(point, DROP)
    due(5)
    result = deliver_due()
    assert (result.sent, result.waiting, rough.connections <= 2) == (0, 5, True)
    rough.at("", "")
    assert deliver_due().sent == 5


@pytest.mark.parametrize("answer", ["421 too many mails", DROP])
def test_f31_a_server_that_takes_so_many_mails_a_connection_gets_them_all(rough: RoughServer, answer: str) -> None:
    rough.happens = lambda point, mails: answer if point == "MAIL" and mails == 3 else ""
    due(10)
    result = deliver_due()
    assert (result.sent, rough.connections) == (10, 4)
    assert [taken.recipients for taken in rough.taken] == [(f"m{number}@example.org",) for number in range(10)]
    assert set(OutgoingEmail.objects.values_list("attempts", flat=True)) == {1}


def test_f31_a_server_that_lets_nobody_in_again_leaves_the_rest_due(rough: RoughServer) -> None:
    def one_connection(point: str, mails: int) -> str:
        if point == GREETING and rough.connections > 1:
            return "421 one is enough"
        return "421 enough" if point == "MAIL" and mails == 2 else ""

    rough.happens = one_connection
    due(4)
    result = deliver_due()
    assert (result.sent, result.waiting, rough.connections) == (2, 2, 2)
    assert "one is enough" in result.problem


def test_f03_f31_a_mail_whose_answer_never_came_is_sent_again_with_its_message_id(rough: RoughServer) -> None:
    rough.happens = lambda point, _mails: TAKE_AND_DROP if point == CONTENT and rough.connections == 1 else ""
    first, second = due(2)
    result = deliver_due()
    assert (result.sent, result.waiting, statuses()) == (1, 1, ["due", "sent"])
    assert deliver_due().sent == 1
    assert [taken.message["Message-ID"] for taken in rough.taken] == [
        first.message_id,
        second.message_id,
        first.message_id,
    ]


def test_f31_a_mail_that_costs_the_connection_each_time_holds_up_no_other(rough: RoughServer) -> None:
    """A scanner may die of one mail; its turn comes ever later, so that it is not always the first."""
    due(3)

    def dies_of_the_first(point: str, _mails: int) -> str:
        return DROP if point == "RCPT" and rough.connections % 2 else ""

    rough.happens = dies_of_the_first
    assert deliver_due().sent == 2
    assert (statuses(), put_off()) == (["due", "sent", "sent"], [False] * 3)
    rough.connections = 0
    deliver_due()
    assert put_off() == [True, False, False]


def test_a_refused_data_command_leaves_no_mail_half_begun(rough: RoughServer) -> None:
    """smtplib does not reset the conversation then, and a server takes the next MAIL for one within the first."""
    points: list[str] = []

    def strict(point: str, _mails: int) -> str:
        points.append(point)
        if points[-2:] == ["DATA", "MAIL"]:
            return "503 nested MAIL"
        return "451 later" if point == "DATA" and points.count("DATA") == 1 else ""

    rough.happens = strict
    due(2)
    assert (deliver_due().sent, statuses()) == (1, ["due", "sent"])


@pytest.mark.parametrize("goodbye", [DROP, "554 never come back", "nonsense"])
def test_however_a_server_says_good_bye_what_it_took_is_sent(rough: RoughServer, goodbye: str) -> None:
    rough.at("QUIT", goodbye)
    due(2)
    assert (deliver_due().sent, statuses()) == (2, ["sent", "sent"])


def test_f32_a_server_that_refuses_a_content_and_hangs_up_has_refused_it(rough: RoughServer) -> None:
    rough.happens = lambda point, _mails: (
        {CONTENT: "554 spam", "RSET": DROP}.get(point, "") if rough.connections == 1 else ""
    )
    due(2)
    result = deliver_due()
    assert (result.sent, result.given_up, statuses()) == (1, 1, ["given up", "sent"])


def test_f31_a_server_that_is_down_for_a_day_costs_no_mail_and_no_pause(rough: RoughServer, settings: Any) -> None:
    start = timezone.now()
    due(3)
    settings.EMAIL_PORT = free_port()
    for hour in range(24):
        with time_machine.travel(start + datetime.timedelta(hours=hour)):
            assert deliver_due().waiting == 3
    settings.EMAIL_PORT = rough.port
    with time_machine.travel(start + datetime.timedelta(hours=24)):
        assert deliver_due().sent == 3
    assert [mail.attempts for mail in OutgoingEmail.objects.all()] == [25] * 3


def test_f31_a_wrong_password_is_everybodys_problem_and_nobodys_fault(rough: RoughServer, settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "chorus", "canary"
    rough.happens = lambda point, _mails: {"EHLO": "250-rough\r\n250 AUTH PLAIN", "AUTH": "535 wrong password"}.get(
        point, ""
    )
    due(3)
    result = deliver_due()
    assert (result.waiting, result.given_up, rough.connections, put_off()) == (3, 0, 1, [False] * 3)
    assert "wrong password" in result.problem


@pytest.mark.parametrize(
    ("offered", "reason"), [("250 rough", "STARTTLS extension not supported"), ("250-rough\r\n250 STARTTLS", "SSL")]
)
def test_f31_a_server_that_cannot_encrypt_gets_no_mail_in_clear(
    rough: RoughServer, settings: Any, offered: str, reason: str
) -> None:
    settings.EMAIL_USE_TLS = True
    rough.happens = lambda point, _mails: {"EHLO": offered, "STARTTLS": "220 go on"}.get(point, "")
    due(2)
    result = deliver_due()
    assert (result.waiting, rough.connections, rough.taken) == (2, 1, [])
    assert reason in result.problem


def test_f31_a_password_that_smtp_cannot_spell_leaves_all_mail_due(rough: RoughServer, settings: Any) -> None:
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "chorus", "motdepassé"
    rough.at("EHLO", "250-rough\r\n250 AUTH PLAIN")
    due(2)
    assert (deliver_due().waiting, statuses()) == (2, ["due", "due"])


@pytest.mark.faults
def test_f31_five_thousand_alerts_go_out_over_a_server_that_takes_a_hundred_at_a_time(rough: RoughServer) -> None:
    enough = "421 4.7.0 enough for one connection"
    rough.happens = lambda point, mails: enough if point == "MAIL" and mails == 100 else ""
    rough.keeps_content = False
    due(5000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert deliver_due().sent == 5000
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert (len({taken.recipients for taken in rough.taken}), rough.connections) == (5000, 50)
    assert grown < 50 * 1024  # kilobytes
