"""Reading JSON key by key: an extra key passes, a missing one is named. `null` is as good as absent."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

PARIS = ZoneInfo("Europe/Paris")
LARGEST_ID = 2**63 - 1
FIRST_YEAR, LAST_YEAR = 1970, 9998  # some systems write the year 1 or 9999 for none
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


def text(data: dict[str, object], key: str, longest: int | None = None) -> str:
    """Return the text without blanks around it, empty where there is none. `longest`: in characters, for a column."""
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadValueError(_("%(key)s is not a text") % {"key": key})
    storable = UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value).strip()
    if longest is not None and len(storable) > longest:
        raise BadValueError(_("%(key)s has more than %(longest)d characters") % {"key": key, "longest": longest})
    return storable


def needed_text(data: dict[str, object], key: str, longest: int | None = None) -> str:
    """Return the text, which must not be empty. `longest`: in characters, for a column."""
    value = text(data, key, longest)
    if not value:
        raise BadValueError(_("%(key)s is missing") % {"key": key})
    return value


def moment(data: dict[str, object], key: str) -> datetime | None:
    """Return a time in UTC, or None where there is none or the text is no date. Without a zone it is Paris time.

    The portal writes ISO 8601 with an offset, "YYYY-MM-DD HH:mm" or "YYYY-MM-DD", whatever its Swagger says.
    """
    try:
        value = datetime.fromisoformat(text(data, key))
    except ValueError:
        return None
    return plausible(value if value.tzinfo else value.replace(tzinfo=PARIS))


def plausible(moment: datetime) -> datetime | None:
    """Return an aware time in UTC, or None where it cannot be one that a portal means.

    Only in UTC can times be reckoned with: of two in Paris, Python compares the hands of the clock, and in the night
    when that is put back, an hour's end may come before its beginning.
    """
    try:
        utc = moment.astimezone(UTC)
    except OverflowError:
        return None
    return utc if FIRST_YEAR <= utc.year <= LAST_YEAR else None
