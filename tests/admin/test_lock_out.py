"""Logging in: who guesses passwords is kept out for a while (S14), and what ends a session."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core import serializers
from django.test import Client, RequestFactory
from django.utils import timezone

from akuiteo.lock_out import client_address
from akuiteo.models import User
from tests.admin.builders import page, told, url

PASSWORD = "right-password"
TOO_MANY = 429


@pytest.fixture(autouse=True)
def anna(db: None) -> User:
    user = User.objects.create_user("anna", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="Viewer"))
    return user


def log_in(password: str = PASSWORD, login: str = "anna", address: str = "192.0.2.1", **headers: str) -> Any:
    browser = Client(REMOTE_ADDR=address)
    return browser.post(url("login"), {"username": login, "password": password}, headers=headers)


def guess(times: int, **attempt: str) -> list[int]:
    return [log_in("wrong", **attempt).status_code for _attempt in range(times)]


def test_s14_the_fifth_wrong_password_locks_the_login_out_and_the_right_one_does_not_help() -> None:
    assert guess(5) == [200, 200, 200, 200, TOO_MANY]
    assert log_in().status_code == TOO_MANY


def test_s14_another_browser_is_no_way_round() -> None:
    for number in range(5):
        log_in("wrong", **{"User-Agent": f"browser {number}"})
    assert log_in().status_code == TOO_MANY


def test_s14_other_logins_and_other_addresses_are_not_concerned() -> None:
    User.objects.create_user("claire", password=PASSWORD, is_staff=True)
    guess(5)
    assert log_in(login="claire").status_code == 302
    assert log_in(address="192.0.2.2").status_code == 302


def test_s14_an_unknown_login_is_answered_as_a_known_one() -> None:
    assert guess(5, login="nobody") == guess(5)


def test_s14_the_right_password_in_time_forgets_the_wrong_ones() -> None:
    guess(4)
    assert log_in().status_code == 302
    assert guess(4) == [200] * 4


def test_s14_after_a_quarter_of_an_hour_the_login_works_again_whatever_was_tried_meanwhile() -> None:
    with time_machine.travel("2026-11-22 08:00Z", tick=False) as clock:
        guess(5)
        clock.shift(timedelta(minutes=14))
        assert log_in().status_code == TOO_MANY
        clock.shift(timedelta(minutes=2))
        assert log_in().status_code == 302


@pytest.mark.parametrize(
    ("language", "title", "until"),
    [
        ("en", "Too many wrong passwords", "no password is accepted before 09:16"),
        ("fr", "Trop de mots de passe erronés", "aucun mot de passe n'est accepté avant 09:16"),
    ],
)
def test_s14_the_page_says_what_happened_until_when_and_what_to_do(language: str, title: str, until: str) -> None:
    with time_machine.travel("2026-11-22 08:00:30Z", tick=False):
        guess(5)
        answer = log_in(**{"Accept-Language": language})
    text = answer.content.decode()
    assert answer.headers["Retry-After"] == "900"
    assert "no-store" in answer.headers["Cache-Control"]
    assert f"<h1>{title}</h1>" in text
    assert until in text.replace("&#x27;", "'")
    assert url("index") in text


def test_s14_who_may_change_users_unlocks_a_login(administrator: Client, anna: User) -> None:
    guess(5)
    chosen = {"action": "unlock", "_selected_action": anna.pk}
    answer = administrator.post(url("akuiteo_user_changelist"), chosen, follow=True)
    assert told(answer) == ["The wrong passwords of 1 user are forgotten: the login works again."]
    assert log_in().status_code == 302


def test_s14_who_may_not_change_users_unlocks_nobody(operations: Client, anna: User) -> None:
    guess(5)
    operations.post(url("akuiteo_user_changelist"), {"action": "unlock", "_selected_action": anna.pk})
    assert log_in().status_code == TOO_MANY


def test_s14_a_batch_logs_in_whatever_was_guessed_and_locks_nobody_out(anna: User) -> None:
    guess(5)
    assert authenticate(username="anna", password=PASSWORD) == anna
    for _attempt in range(6):
        assert authenticate(username="claire", password="wrong") is None
    assert not AccessAttempt.objects.filter(username="claire").exists()


def test_s01_s14_no_password_is_stored_or_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        for _attempt in range(6):
            log_in("canary-password")
    kept = serializers.serialize("json", [*AccessAttempt.objects.all(), *AccessLog.objects.all()])
    fields = json.loads(kept)[0]["fields"]
    assert (fields["username"], fields["post_data"], fields["get_data"]) == ("anna", "", "")
    assert "canary" not in kept + caplog.text


def test_s14_what_is_stored_of_guesses_is_forgotten_with_the_next_login() -> None:
    with time_machine.travel(timezone.now() - timedelta(minutes=16)):
        guess(3)
        guess(3, login="nobody")
    log_in()
    stored = (AccessAttempt, AccessLog, AccessFailureLog)
    assert [model.objects.count() for model in stored] == [0, 0, 0]


def test_s14_a_lock_out_is_a_line_in_the_log_of_the_process(caplog: pytest.LogCaptureFixture) -> None:
    guess(5)
    assert "Login anna is locked out from 192.0.2.1 after too many wrong passwords." in caplog.messages


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.7, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, "nonsense", "192.0.2.1"),
    ],
)
def test_s14_of_forwarded_addresses_only_that_of_a_trusted_proxy_is_believed(
    settings: Any, proxies: int, forwarded: str, address: str
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})
    assert client_address(request) == address


@pytest.mark.parametrize(
    ("connection", "address"),
    [
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", None),
    ],
)
def test_s14_an_address_is_one_that_the_database_takes(connection: str, address: str | None) -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=connection)) == address
    assert guess(5, address=connection)[-1] == TOO_MANY


def test_s14_a_session_is_that_of_a_working_day(settings: Any) -> None:
    assert settings.SESSION_COOKIE_AGE == 8 * 3600
    cookie = log_in().cookies["sessionid"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 8 * 3600)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda user: user.set_password("another"), id="another password"),
        pytest.param(lambda user: setattr(user, "is_active", False), id="deactivated"),
    ],
)
def test_s14_a_changed_password_and_a_deactivated_user_end_sessions(
    client_of: Callable[[str], Client], change: Callable[[User], None]
) -> None:
    browser = client_of("Viewer")
    page(browser.get(url("index")))
    user = User.objects.get(username="viewer")
    change(user)
    user.save()
    assert browser.get(url("index")).status_code == 302
