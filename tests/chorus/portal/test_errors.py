from __future__ import annotations

from datetime import UTC, datetime

import pytest

from chorus.portal.connection import Credentials
from chorus.portal.errors import AccessRefused, PortalError, PortalUnavailable, Stopped, UnexpectedAnswer

ERRORS = [PortalError, PortalUnavailable, AccessRefused, UnexpectedAnswer]


@pytest.mark.parametrize("kind", ERRORS)
def test_an_error_printed_alone_says_operation_code_words_and_what_to_do(kind: type[PortalError]) -> None:
    text = str(kind("rechercher/fournisseur", "Flux introuvable.", "POQ_MSG_01.003"))
    assert text.startswith("Chorus Pro (rechercher/fournisseur): POQ_MSG_01.003, Flux introuvable. ")
    assert text.endswith(".")
    assert len(text) > 100


def test_a_code_that_the_words_begin_with_is_not_repeated() -> None:
    text = str(UnexpectedAnswer("token", "POQ_MSG_01.003 - Flux introuvable.", "POQ_MSG_01.003"))
    assert text.count("POQ_MSG_01.003") == 1


def test_an_unavailable_portal_says_when_it_may_be_called_again() -> None:
    error = PortalUnavailable("token", "too many requests", retry_at=datetime(2026, 11, 22, 12, 0, tzinfo=UTC))
    assert "before 2026-11-22 12:00:00+00:00" in str(error)


def test_stopped_is_no_error_of_the_portal() -> None:
    assert not isinstance(Stopped(), PortalError)
    assert str(Stopped()).startswith("Stopped on request")


def test_credentials_show_no_secret() -> None:
    shown = repr(Credentials("client-7", "canary-secret", "TECH_1", "canary-password"))
    assert "canary" not in shown
    assert "TECH_1" in shown
