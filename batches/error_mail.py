"""The mails that tell support what is wrong with a batch, and that it is back to normal."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from akuiteo.models import User
from batches import outbox
from batches.episodes import Decision, Episode, News
from batches.models import OutgoingEmail, Run
from batches.outcomes import Ending
from batches.plain_text import one_line
from batches.summary import sentence
from batches.times import shown

ERRORS_IN_FIRST_LINE = 20
ERRORS_LISTED = 100


@dataclass(frozen=True)
class Addresses:
    """Whom support is at: the BATCH_MAIL parameters of a batch."""

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

    def extras(self) -> outbox.MailExtras:
        return {"cc": list(self.cc), "bcc": list(self.bcc), "sender": self.sender, "reply_to": self.reply_to}


def compose(
    run: Run,
    ending: Ending,
    counts: str,
    log: str,
    addresses: Addresses,
    language: str,
    decision: Decision | None = None,
) -> OutgoingEmail:
    """Return the mail, not saved yet. Its first line says what is wrong, with the names concerned.

    `decision`: what is told of the batch's failure episode, where it is known.
    """
    told = decision.errors if decision else ending.errors
    with translation.override(language):
        first_line = sentence(run.batch.code, counts, dataclasses.replace(ending, errors=told), ERRORS_IN_FIRST_LINE)
        errors = [one_line(str(error)) for error in told]
        context = _facts(run, ending) | {
            "first_line": first_line,
            "notes": _notes(decision, len(ending.errors)) if decision else [],
            "is_followed": decision is not None,
            "errors": errors[:ERRORS_LISTED],
            "more_errors": max(0, len(errors) - ERRORS_LISTED),
            "language": language,
        }
        is_reminder = decision and decision.news is News.REMINDER
        return outbox.compose(
            run,
            addresses.to,
            _("Reminder: %(sentence)s") % {"sentence": first_line} if is_reminder else first_line,
            render_to_string("batches/error_mail.txt", context),
            render_to_string("batches/error_mail.html", context),
            **addresses.extras() | {"attachment_name": f"{run.batch.code}-run{run.pk}.log", "attachment": log},
        )


def compose_over(
    run: Run, ending: Ending, counts: str, addresses: Addresses, language: str, episode: Episode
) -> OutgoingEmail:
    """Return the mail, not saved yet, that a batch's failure episode is over."""
    with translation.override(language):
        context = _facts(run, ending) | {
            "first_line": _over(run, episode),
            "sentence": sentence(run.batch.code, counts, ending),
            "language": language,
        }
        return outbox.compose(
            run,
            addresses.to,
            _("Batch %(batch)s is back to normal") % {"batch": run.batch.code},
            render_to_string("batches/back_to_normal.txt", context),
            render_to_string("batches/back_to_normal.html", context),
            **addresses.extras(),
        )


def language_of(address: str) -> str:
    """Return the language of the active user who has this address, else the site's."""
    users = User.objects.filter(email__iexact=address, is_active=True).order_by("pk")
    return users.values_list("language", flat=True).first() or settings.LANGUAGE_CODE


def _facts(run: Run, ending: Ending) -> dict[str, Any]:
    return {
        "batch": run.batch,
        "run": run,
        "started_at": shown(run.started_at),
        "ended_at": shown(timezone.now()),
        "outcome": ending.outcome.label,
        "exit_code": int(ending.exit_code),
        "link": f"{settings.SITE_URL}{reverse('admin:batches_run_change', args=[run.pk])}",
    }


def _notes(decision: Decision, errors: int) -> list[str]:
    """Say what is new, and since when the batch goes wrong."""
    if decision.episode is None or decision.news is News.BEGUN:
        return []
    notes = [_lasting(decision.episode)]
    if decision.news is News.NEW:
        notes.append(_("What stands here is new."))
        if known := errors - len(decision.errors):
            notes.append(
                ngettext(
                    "%(count)d other error of this run was told before; see the log.",
                    "%(count)d other errors of this run were told before; see the log.",
                    known,
                )
                % {"count": known}
            )
    return notes


def _lasting(episode: Episode) -> str:
    return ngettext(
        "This batch has been going wrong since %(since)s, in %(count)d run.",
        "This batch has been going wrong since %(since)s, in %(count)d runs in a row.",
        episode.runs,
    ) % {"since": shown(episode.began_at), "count": episode.runs}


def _over(run: Run, episode: Episode) -> str:
    return ngettext(
        "Batch %(batch)s is back to normal: it had gone wrong since %(since)s, in %(count)d run.",
        "Batch %(batch)s is back to normal: it had gone wrong since %(since)s, in %(count)d runs in a row.",
        episode.runs,
    ) % {"batch": run.batch.code, "since": shown(episode.began_at), "count": episode.runs}
