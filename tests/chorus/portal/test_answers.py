from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chorus.portal.answers import json_object, judge_api, judge_token, message_code, parse_retry_after
from chorus.portal.exchange import Answer
from chorus.portal.retry import Failure, Kind
from chorus.portal.wording import mask_for
from tests.chorus.portal.servers import CREDENTIALS

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MASK = mask_for(CREDENTIALS)


def judged(
    status: int, body: bytes = b"", judge: Callable[..., object] = judge_api, **headers: str
) -> tuple[Kind, str, str, float | None]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    failure = judge(Answer(status, named, body), MASK, NOW)
    assert isinstance(failure, Failure)
    return failure.kind, failure.words, failure.code, failure.retry_after


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Kind.UNTRUSTED),
        (400, Kind.REQUEST_REFUSED),
        (401, Kind.ACCOUNT_REFUSED),
        (403, Kind.FORBIDDEN),
        (404, Kind.REQUEST_REFUSED),
        (408, Kind.DOWN),
        (413, Kind.REQUEST_REFUSED),
        (415, Kind.REQUEST_REFUSED),
        (429, Kind.BUSY),
        (500, Kind.DOWN),
        (502, Kind.DOWN),
        (503, Kind.DOWN),
        (504, Kind.DOWN),
    ],
)
def test_what_a_status_says_about_the_portal(status: int, kind: Kind) -> None:
    assert judged(status)[0] is kind
    assert judged(status)[2] == f"HTTP {status}"


def test_a_503_that_names_a_moment_is_busy() -> None:
    kind, _words, _code, retry_after = judged(503, Retry_After="7")
    assert (kind, retry_after) == (Kind.BUSY, 7)


def test_an_answer_is_a_json_object() -> None:
    assert judge_api(Answer(200, {}, b'\xef\xbb\xbf{"codeRetour": 0}'), MASK, NOW) == {"codeRetour": 0}


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b"{", b"\xff{}", b"[" * 100_000, b'{"a":' + b"9" * 9999]
)
def test_anything_else_is_unreadable(body: bytes) -> None:
    assert json_object(body) is None
    assert judged(200, body)[0] is Kind.DOWN


def test_an_unreadable_answer_shows_its_first_characters_escaped_on_one_line() -> None:
    words = judged(200, b"<html>\r\n\x1b[31mMaintenance" + b"x" * 500)[1]
    assert "it begins with “<html> \\x1b[31mMaintenance" in words
    assert len(words) < 300


def test_megabytes_of_nonsense_are_put_into_words_at_once() -> None:
    started = time.monotonic()
    judged(200, b"x" * 10_000_000)
    judged(200, b'{"codeRetour": 1, "libelle": "' + b"x" * 10_000_000 + b'"', judge=judge_token)
    assert time.monotonic() - started < 5


def test_an_empty_answer_is_called_so() -> None:
    assert judged(204)[1] == "empty answer"


def test_a_refused_request_carries_the_portals_code_and_words() -> None:
    body = '{"codeRetour": 20003, "libelle": "GCU_MSG_01_002 - Paramètre invalide"}'.encode()
    assert judged(400, body)[1:3] == ("GCU_MSG_01_002 - Paramètre invalide", "GCU_MSG_01_002")


def test_a_refused_request_without_code_carries_the_http_status() -> None:
    assert judged(404, b"nope")[1:3] == ("the portal refuses the request (nope)", "HTTP 404")


def test_a_401_speaks_of_the_technical_account_and_quotes_the_gateway() -> None:
    challenge = 'Bearer realm="PISTE",error="Unauthorized",error_description="login or password incorrects"'
    words = judged(401, WWW_Authenticate=challenge)[1]
    assert words.startswith("the login or password of the technical account is not accepted")
    assert "login or password incorrects" in words


def test_a_403_names_the_rights_that_are_usually_missing() -> None:
    words = judged(403)[1]
    assert "subscription" in words
    assert "CGU" in words


def test_a_redirect_names_the_host_only() -> None:
    targets = {
        "https://evil.example/x?y=z": "evil.example",
        "/other": "another path",
        "http://[": "an unreadable address",
    }
    for location, shown in targets.items():
        assert judged(302, Location=location)[1].startswith(f"redirect to {shown} refused")
        assert "x?y" not in judged(302, Location=location)[1]


@pytest.mark.parametrize("status", [400, 401])
def test_invalid_client_speaks_of_the_piste_application(status: int) -> None:
    kind, words, code, _retry_after = judged(status, b'{"error": "invalid_client"}', judge=judge_token)
    assert (kind, code) == (Kind.CLIENT_REFUSED, "invalid_client")
    assert "client id or the client secret" in words


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [(400, b'{"error": "invalid_scope"}', "invalid_scope"), (403, b"", "HTTP 403"), (400, b"<html>", "HTTP 400")],
)
def test_a_token_that_is_not_granted_is_a_matter_of_set_up(status: int, body: bytes, code: str) -> None:
    kind, words, found, _retry_after = judged(status, body, judge=judge_token)
    assert (kind, found) == (Kind.FORBIDDEN, code)
    assert words.startswith("PISTE gives this application no token")


def test_a_token_service_that_is_down_is_down() -> None:
    assert judged(502, judge=judge_token)[0] is Kind.DOWN


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("0", None),
        ("-3", None),
        ("soon", None),
        ("", None),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90),
        ("Sun, 22 Nov 2026 12:01:30 -0000", 90),
        ("Sun, 22 Nov 2026 11:00:00 GMT", None),
        ("9" * 400, 86400),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str, seconds: float | None) -> None:
    assert parse_retry_after(header, NOW) == seconds


@pytest.mark.parametrize(
    ("label", "code"),
    [("POQ_MSG_01.003 - Flux introuvable.", "POQ_MSG_01.003"), ("GCU_MSG_01_000", "GCU_MSG_01_000"), ("Erreur", "")],
)
def test_a_label_begins_with_the_message_code(label: str, code: str) -> None:
    assert message_code(label) == code


def test_secrets_that_the_portal_echoes_are_masked_in_every_spelling() -> None:
    echoes = b"canary/secret&1 canary%2Fsecret%261 canary:pass w\\u00f6rd canary%3Apass+w%C3%B6rd "
    echoes += CREDENTIALS.cpro_account.encode()
    words = judged(500, echoes)[1]
    assert "canary" not in words
    assert CREDENTIALS.cpro_account not in words


def test_a_secret_that_the_portal_echoes_in_its_label_is_masked() -> None:
    data = judge_api(Answer(200, {}, b'{"codeRetour": 1, "libelle": "bad canary/secret&1"}'), MASK, NOW)
    assert data == {"codeRetour": 1, "libelle": "bad ********"}
