"""What a person sees where there is no page to see: what happened, and where to go."""

from __future__ import annotations

import pytest
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.views.csrf import csrf_failure
from django.views.defaults import permission_denied, server_error

from tests.admin.builders import url


def test_an_unknown_address_is_told_and_leads_to_the_dashboard(viewer: Client) -> None:
    answer = viewer.get("/admin/nowhere/", headers={"accept-language": "en"})
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    assert f'href="{url("index")}"' in answer.content.decode()


@pytest.fixture
def request_of_nobody() -> HttpRequest:
    return RequestFactory().get("/")


def test_a_missing_right_is_told_with_whom_to_ask(request_of_nobody: HttpRequest) -> None:
    answer = permission_denied(request_of_nobody, Exception())
    assert answer.status_code == 403
    assert "Ask an administrator" in answer.content.decode()


def test_a_form_that_came_too_late_is_told_to_be_sent_again(request_of_nobody: HttpRequest) -> None:
    answer = csrf_failure(request_of_nobody)
    assert answer.status_code == 403
    assert "send the form again" in answer.content.decode()


def test_a_failure_of_our_own_needs_nothing_to_be_told(request_of_nobody: HttpRequest) -> None:
    answer = server_error(request_of_nobody)
    assert answer.status_code == 500
    assert "tell your administrator" in answer.content.decode()
    assert "<style" not in answer.content.decode()
