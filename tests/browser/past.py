"""Adds to the seed what has happened before: runs of every outcome, and mails of every status."""

from __future__ import annotations

import datetime

from django.utils import timezone

from batches.models import Batch, OutgoingEmail, Run

OUTCOMES = (
    *("succeeded",) * 7,
    "partial",
    *("succeeded",) * 4,
    "failed",
    "refused",
    *("succeeded",) * 6,
    "stopped",
    "succeeded",
    "interrupted",
    *("succeeded",) * 5,
)
"""Of the hours before the last two, newest first."""


def add_past() -> None:
    batch = Batch.objects.get()
    now = timezone.now()
    for hours, outcome in enumerate(OUTCOMES, 2):
        _add_run(batch, now - datetime.timedelta(hours=hours), outcome)
    _add_mail("refused", last_error="550 5.1.1 No such user here", attempts=1)
    _add_mail("given up", last_error="TimeoutError: timed out", attempts=72)
    _add_mail("due")


def _add_run(batch: Batch, started: datetime.datetime, outcome: str) -> None:
    succeeded = outcome == "succeeded"
    run = Run.objects.create(
        batch=batch,
        trigger=Run.Trigger.COMMAND,
        started_at=started,
        ended_at=started + datetime.timedelta(seconds=4),
        outcome=outcome,
        exit_code=0 if succeeded else 1,
        summary="38 invoices checked, none changed." if succeeded else f"The run has {outcome}.",
        counts={"checked": 38, "changed": 0},
    )
    run.log_lines.create(at=started, level="LOG" if succeeded else "ERROR", text="ACME: 13 invoices checked.")


def _add_mail(status: str, last_error: str = "", attempts: int = 0) -> None:
    mail = OutgoingEmail.objects.create(
        message_id=f"<{status.replace(' ', '-')}@example.org>",
        to=["claire.martin@example.org"],
        subject="1 facture suspendue",
        text="Bonjour Claire,",
        status=status,
        last_error=last_error,
        attempts=attempts,
    )
    mail.recipients.create(address=mail.to[0], status=status, detail=last_error, at=timezone.now())
