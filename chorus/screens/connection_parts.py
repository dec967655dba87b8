"""Badges that tell of a connection whether it is used, and how long its technical password still lasts."""

from __future__ import annotations

from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chorus.connections import password_ends_on, password_is_ending
from chorus.models import ChorusConnection


def enabled_badge(connection: ChorusConnection) -> str:
    tone, words = ("good", _("enabled")) if connection.enabled else ("", _("disabled"))
    return format_html('<span class="badge {}">{}</span>', tone, words)


def password_end_badge(connection: ChorusConnection) -> str:
    """Say when the technical password ends and how many days are left; warn in its last month."""
    ends_on = password_ends_on(connection)
    if ends_on is None:
        return _("not known: enter the date on which it was set, or test the connection")
    days = (ends_on - localdate()).days
    tone = "bad" if days < 0 else "warn" if password_is_ending(ends_on) else "good"
    return format_html('{} <span class="badge {}">{}</span>', localize(ends_on), tone, _in_words(days))


def _in_words(days: int) -> str:
    if days < 0:
        return ngettext("ended %(days)d day ago", "ended %(days)d days ago", -days) % {"days": -days}
    if days == 0:
        return _("ends today")
    return ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
