"""The mail that tells support what is wrong with a run that was refused, failed, or ended with errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from akuiteo.models import User
from batches import outbox
from batches.models import OutgoingEmail, Run
from batches.outcomes import Ending
from batches.plain_text import one_line
from batches.summary import sentence
from batches.times import shown

ERRORS_IN_FIRST_LINE = 20
ERRORS_LISTED = 100


@dataclass(frozen=True)
class Addresses:
    """Where the error mails of a batch go: its BATCH_MAIL parameters."""

    to: Sequence[str]
    cc: Sequence[str]
    bcc: Sequence[str]
    sender: str
    reply_to: str

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Addresses:
        """Read the parameters; those that could not be read count as empty."""
        return cls(
            to=values.get("BATCH_MAIL", ()),
            cc=values.get("BATCH_MAIL_CC", ()),
            bcc=values.get("BATCH_MAIL_CCI", ()),
            sender=values.get("BATCH_MAIL_FROM", ""),
            reply_to=values.get("BATCH_MAIL_REPLY_TO", ""),
        )


def compose(run: Run, ending: Ending, counts: str, log: str, addresses: Addresses, language: str) -> OutgoingEmail:
    """Return the mail, not saved yet. Its first line says what is wrong, with the names concerned."""
    with translation.override(language):
        context = _context(run, ending, counts) | {"language": language}
        return outbox.compose(
            run,
            addresses.to,
            context["first_line"],
            render_to_string("batches/error_mail.txt", context),
            render_to_string("batches/error_mail.html", context),
            cc=list(addresses.cc),
            bcc=list(addresses.bcc),
            sender=addresses.sender,
            reply_to=addresses.reply_to,
            attachment_name=f"{run.batch.code}-run{run.pk}.log",
            attachment=log,
        )


def language_of(address: str) -> str:
    """Return the language of the active user who has this address, else the site's."""
    users = User.objects.filter(email__iexact=address, is_active=True).order_by("pk")
    return users.values_list("language", flat=True).first() or settings.LANGUAGE_CODE


def _context(run: Run, ending: Ending, counts: str) -> dict[str, Any]:
    errors = [one_line(str(error)) for error in ending.errors]
    return {
        "first_line": sentence(run.batch.code, counts, ending, ERRORS_IN_FIRST_LINE),
        "batch": run.batch,
        "run": run,
        "started_at": shown(run.started_at),
        "ended_at": shown(timezone.now()),
        "outcome": ending.outcome.label,
        "exit_code": int(ending.exit_code),
        "link": f"{settings.SITE_URL}{reverse('admin:batches_run_change', args=[run.pk])}",
        "errors": errors[:ERRORS_LISTED],
        "more_errors": max(0, len(errors) - ERRORS_LISTED),
    }
