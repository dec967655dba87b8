"""Dates as the Chorus Pro API writes and reads them. Inside, an instant is a number of milliseconds since 1970 UTC."""

import datetime
import re
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MILLISECOND = datetime.timedelta(milliseconds=1)

DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
PARIS_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", re.ASCII)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def to_instant(at: datetime.datetime) -> int:
    """Return the instant of a time. Raises ValueError for a time without zone."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone; give one, e.g. tzinfo=datetime.UTC")
    return (at - EPOCH) // MILLISECOND


def in_paris(instant: int) -> datetime.datetime:
    return (EPOCH + instant * MILLISECOND).astimezone(PARIS)


def day(instant: int) -> str:
    """Return the Paris day, as in dateDepot."""
    return in_paris(instant).date().isoformat()


def minute(instant: int) -> str:
    """Return the Paris time to the minute, as in histoStatutDatePassage."""
    return in_paris(instant).strftime("%Y-%m-%d %H:%M")


def exact(instant: int) -> str:
    """Return the Paris time with milliseconds and offset, as in dateHeureEtatCourant."""
    return in_paris(instant).isoformat(timespec="milliseconds")


def is_date(text: str) -> bool:
    """Tell whether it is a date in one of the three forms that requests may use."""
    if not any(form.fullmatch(text) for form in (DAY, PARIS_TIME, RFC_3339)):
        return False
    try:
        read(text).astimezone(PARIS)
    except (ValueError, OverflowError):
        return False
    return True


def is_day(text: str) -> bool:
    return DAY.fullmatch(text) is not None and is_date(text)


def read(text: str) -> datetime.datetime:
    """Return the time that a date of a request says: without zone it is Paris time, without time the day's start."""
    at = datetime.datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=PARIS)


def first_instant(text: str) -> int:
    """Return the first instant that is not before a lower bound."""
    return -((EPOCH - read(text)) // MILLISECOND)


def last_instant(text: str) -> int:
    """Return the last instant that is not after an upper bound; a day ends with its last millisecond."""
    at = read(text)
    if DAY.fullmatch(text):
        at = datetime.datetime.combine(at, datetime.time.max, PARIS)
    return to_instant(at)


def bound_day(text: str) -> str:
    """Return the Paris day on which a bound lies."""
    return read(text).astimezone(PARIS).date().isoformat()
