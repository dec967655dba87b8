"""What is saved together is one version in the history, with one reason."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from simple_history.signals import pre_create_historical_record

_current: ContextVar[tuple[datetime, str] | None] = ContextVar("current_version", default=None)


@contextmanager
def one_version(reason: str = "") -> Iterator[None]:
    """Give all that is saved within the same moment and reason; the outermost one counts."""
    if _current.get():
        yield
        return
    token = _current.set((timezone.now(), reason))
    try:
        yield
    finally:
        _current.reset(token)


RESTORED = "restored "


def restored_from(number: int) -> str:
    """Return the reason of a version that puts an earlier one back in force."""
    return f"{RESTORED}{number}"


def restored_number(reason: str) -> str:
    return reason.removeprefix(RESTORED) if reason.startswith(RESTORED) else ""


@receiver(pre_create_historical_record)
def _date_and_explain(history_instance: Any, **_others: object) -> None:
    if current := _current.get():
        history_instance.history_date, reason = current
        history_instance.history_change_reason = reason or history_instance.history_change_reason
