"""Reading JSON key by key: an extra key passes, a missing one is named. `null` is as good as absent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

PARIS = ZoneInfo("Europe/Paris")
LARGEST_ID = 2**63 - 1
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # a database or a terminal chokes on these


class BadValueError(Exception):
    """A needed key is missing, or a value is of another type than the contract says; the text names the key."""


def as_object(value: object, key: str) -> dict[str, object]:
    """Return the object; an absent one is empty."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadValueError(_("%(key)s is not an object") % {"key": key})
    return value


def as_list(value: object, key: str) -> list[object]:
    """Return the list. The portal gives one element as an object where a list is due, and none as nothing."""
    if value is None:
        return []
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise BadValueError(_("%(key)s is not a list") % {"key": key})
    return value


def whole_number(data: dict[str, object], key: str, default: int | None = None) -> int:
    """Return a number that a 64-bit column holds. Without a default the key is needed."""
    value = data.get(key)
    if value is None and default is not None:
        return default
    if value is None:
        raise BadValueError(_("%(key)s is missing") % {"key": key})
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_ID:
        raise BadValueError(_("%(key)s is not a whole number") % {"key": key})
    return value


def text(data: dict[str, object], key: str) -> str:
    """Return the text without blanks around it, empty where there is none."""
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadValueError(_("%(key)s is not a text") % {"key": key})
    return UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value).strip()


def needed_text(data: dict[str, object], key: str) -> str:
    """Return the text, which must not be empty."""
    value = text(data, key)
    if not value:
        raise BadValueError(_("%(key)s is missing") % {"key": key})
    return value


def moment(data: dict[str, object], key: str) -> datetime | None:
    """Return an aware time, or None where there is none or the text is no date. Without a zone it is Paris time.

    The portal writes ISO 8601 with an offset, "YYYY-MM-DD HH:mm" or "YYYY-MM-DD", whatever its Swagger says.
    """
    try:
        value = datetime.fromisoformat(text(data, key))
        aware = value if value.tzinfo else value.replace(tzinfo=PARIS)
        aware.astimezone(UTC)  # some dates that can be written cannot be moved to another zone
    except (ValueError, OverflowError):
        return None
    return aware
