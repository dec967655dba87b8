"""Chorus statuses as badges: words, the code as title, and a tone that gives shape and colour (parts.css)."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from chorus.statuses import ChorusStatus, words

NEUTRAL, PROGRESS, GOOD, WARN, BAD = "neutral", "progress", "good", "warn", "bad"
TONES = {
    ChorusStatus.A_RECYCLER: WARN,
    ChorusStatus.SUSPENDUE: WARN,
    ChorusStatus.REJETEE: BAD,
    ChorusStatus.MISE_EN_PAIEMENT: GOOD,
}


def tone(code: str) -> str:
    """Return the tone of a Chorus status; an empty or unknown one is neutral."""
    return TONES.get(ChorusStatus(code), PROGRESS) if code in ChorusStatus.values else NEUTRAL


def badge(code: str) -> SafeString:
    """Return a Chorus status as a badge; an empty one says that it was not read yet.

    What the words explain in parentheses is left to the title, with the code: a badge is short.
    """
    if not code:
        return format_html('<span class="badge neutral">{}</span>', _("not read yet"))
    text = words(code).partition(" (")[0]
    return format_html('<span class="badge {}" title="{}">{}</span>', tone(code), described(code), text)


def described(code: str) -> str:
    """Return a Chorus status in words and code; the code alone where we have no words for it."""
    label = words(code)
    return label if label == code else f"{label} ({code})"
