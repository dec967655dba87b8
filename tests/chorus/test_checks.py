"""The trade's system checks."""

from __future__ import annotations

from django.core.checks import run_checks
from pytest_django import Settings


def test_an_unknown_final_status_is_warned_of_by_name(settings: Settings) -> None:
    settings.CHORUS_FINAL_STATUSES = ["REJETEE", "REJETTEE"]
    (warning,) = [message for message in run_checks() if message.id == "chorus.W001"]
    assert "REJETTEE" in warning.msg
    assert "MISE_EN_PAIEMENT" in (warning.hint or "")


def test_the_default_final_statuses_are_known() -> None:
    assert not [message for message in run_checks() if message.id == "chorus.W001"]
