import base64
from typing import Any

import pytest
import requests

from chorus.local_portal.http.tokens import LIFETIME, TokenError, Tokens, client_credentials
from chorus.local_portal.server import LocalPortal
from tests.chorus.local_portal.client import TOKEN

pytestmark = pytest.mark.wrong_traffic

FORM = {"grant_type": "client_credentials", "client_id": "local", "client_secret": "local-secret"}


def ask(portal: LocalPortal, form: Any, **headers: str) -> requests.Response:
    return requests.post(portal.url + TOKEN, data=form, headers=headers, timeout=10)


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def test_a_token_is_given_for_credentials_in_the_form(portal: LocalPortal) -> None:
    answer = ask(portal, {**FORM, "scope": "openid"})
    assert answer.status_code == 200
    body = answer.json()
    assert len(body.pop("access_token")) == 54
    assert body == {"token_type": "Bearer", "expires_in": 3600, "scope": "openid"}


def test_a_token_is_given_for_credentials_by_http_basic(portal: LocalPortal) -> None:
    answer = ask(portal, {"grant_type": "client_credentials"}, Authorization=basic("local", "local-secret"))
    assert answer.status_code == 200


def test_an_unknown_id_and_a_wrong_secret_get_the_same_answer(portal: LocalPortal) -> None:
    unknown, wrong = ask(portal, {**FORM, "client_id": "nobody"}), ask(portal, {**FORM, "client_secret": "wrong"})
    assert (unknown.status_code, unknown.content) == (wrong.status_code, wrong.content)
    assert (unknown.status_code, unknown.json()["error"]) == (400, "invalid_client")


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "invalid_request"),
        ({**FORM, "client_secret": ""}, "invalid_request"),
        ([*FORM.items(), ("client_id", "local")], "invalid_request"),
        ('{"grant_type": "client_credentials"}', "invalid_request"),
    ],
)
def test_a_wrong_token_request_is_refused_with_the_code_of_oauth(portal: LocalPortal, form: object, error: str) -> None:
    answer = ask(portal, form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_credentials_both_in_the_form_and_by_http_basic_are_refused(portal: LocalPortal) -> None:
    answer = ask(portal, FORM, Authorization=basic("local", "local-secret"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("authorization", [basic("local", "wrong"), "Basic !!!", "Basic bG9jYWw="])
def test_wrong_credentials_by_http_basic_are_refused(portal: LocalPortal, authorization: str) -> None:
    answer = ask(portal, {"grant_type": "client_credentials"}, Authorization=authorization)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client")


def test_a_token_expires_after_an_hour() -> None:
    now = 0.0
    tokens = Tokens(clock=lambda: now)
    token = tokens.issue()
    now = LIFETIME - 1
    assert tokens.is_valid(token)
    now = LIFETIME
    assert not tokens.is_valid(token)


def test_a_new_token_leaves_the_older_ones_valid_and_forgets_the_expired() -> None:
    now = 0.0
    tokens = Tokens(clock=lambda: now)
    expired = tokens.issue()
    now = LIFETIME
    older = tokens.issue()
    newer = tokens.issue()
    assert (tokens.is_valid(expired), tokens.is_valid(older), tokens.is_valid(newer)) == (False, True, True)


def test_a_token_may_be_given_less_time_than_is_announced() -> None:
    now = 0.0
    tokens = Tokens(clock=lambda: now)
    token = tokens.issue(seconds=5)
    now = 4.0
    assert tokens.is_valid(token)
    now = 5.0
    assert not tokens.use(token)


def test_a_token_may_be_given_for_some_calls_only_and_looking_at_it_is_none() -> None:
    tokens = Tokens()
    token = tokens.issue(calls=2)
    assert tokens.is_valid(token)
    assert [tokens.use(token) for _ in range(3)] == [True, True, False]
    assert not tokens.is_valid(token)


def test_a_refusal_says_why_when_printed() -> None:
    with pytest.raises(TokenError) as raised:
        client_credentials({}, "")
    assert str(raised.value) == "invalid_request: The parameter grant_type is missing"
