"""Outcomes of runs and states of mails as badges: words, and a tone that gives shape and colour (parts.css)."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from batches.models import Outcome, OutgoingEmail

TONES = {
    Outcome.QUEUED: "neutral",
    Outcome.RUNNING: "progress",
    Outcome.SUCCEEDED: "good",
    Outcome.PARTIAL: "warn",
    Outcome.FAILED: "bad",
    Outcome.REFUSED: "bad",
    Outcome.STOPPED: "warn",
    Outcome.INTERRUPTED: "bad",
}
MAIL_TONES = {
    OutgoingEmail.Status.DUE: "progress",
    OutgoingEmail.Status.SENT: "good",
    OutgoingEmail.Status.DELIVERED: "good",
    OutgoingEmail.Status.COMPLAINED: "warn",
    OutgoingEmail.Status.BOUNCED: "bad",
    OutgoingEmail.Status.REFUSED: "bad",
    OutgoingEmail.Status.GIVEN_UP: "bad",
}


def outcome_badge(outcome: str) -> SafeString:
    known = Outcome(outcome)
    return format_html('<span class="badge {}">{}</span>', TONES[known], known.label)


def dry_run_badge() -> SafeString:
    return format_html('<span class="badge neutral">{}</span>', _("dry run"))


def mail_badge(status: str) -> SafeString:
    known = OutgoingEmail.Status(status)
    return format_html('<span class="badge {}">{}</span>', MAIL_TONES[known], known.label)
