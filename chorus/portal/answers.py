"""What an HTTP answer means: the JSON object that was asked for, or a failure. Pure."""

from __future__ import annotations

import json
import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from chorus.portal.exchange import Answer
from chorus.portal.retry import Failure, Kind
from chorus.portal.wording import Mask, shown

JsonObject = dict[str, object]

LONGEST_NUMBER = 4000  # digits; Python takes 4300
LONGEST_RETRY_AFTER = 24 * 3600.0  # seconds; a longer one is a mistake that must not stop the connection for ever


def judge_api(answer: Answer, mask: Mask, now: datetime) -> JsonObject | Failure:
    """Judge the answer of a Chorus Pro operation. Its envelope is left to chorus.portal.messages."""
    if answer.status == 401:
        words = _(
            "the login or password of the technical account is not accepted (it expires about every 424 days)%(detail)s"
        ) % {"detail": _in_brackets(_challenge(answer), mask)}
        return Failure(Kind.ACCOUNT_REFUSED, words, "HTTP 401")
    if answer.status == 403:
        words = _(
            "access denied; usually the PISTE application has no subscription to this API, or its conditions of use "
            "(CGU) are not accepted, or the technical account was changed or lacks rights on the structure%(detail)s"
        ) % {"detail": _in_brackets(_text(answer), mask)}
        return Failure(Kind.FORBIDDEN, words, "HTTP 403")
    return _judge(answer, mask, now)


def judge_token(answer: Answer, mask: Mask, now: datetime) -> JsonObject | Failure:
    """Judge an answer of PISTE's token service."""
    if answer.status not in (400, 401, 403):
        return _judge(answer, mask, now)
    body = json_object(answer.body) or {}
    code = body.get("error") if isinstance(body.get("error"), str) else ""
    if code == "invalid_client":
        words = _("PISTE does not accept the client id or the client secret")
        return Failure(Kind.CLIENT_REFUSED, words, "invalid_client")
    words = _("PISTE gives this application no token%(detail)s") % {"detail": _in_brackets(_text(answer), mask)}
    return Failure(Kind.FORBIDDEN, words, shown(str(code), mask) or f"HTTP {answer.status}")


def _judge(answer: Answer, mask: Mask, now: datetime) -> JsonObject | Failure:
    code = f"HTTP {answer.status}"
    if 200 <= answer.status < 300:
        return _judge_body(answer, mask)
    if 300 <= answer.status < 400:
        words = _(
            "redirect to %(host)s refused, for it would be sent the password of the technical account; if this lasts, "
            "check the portal's address in the settings"
        )
        host = _host(answer.headers.get("Location", ""))
        return Failure(Kind.UNTRUSTED, words % {"host": shown(host, mask)}, code)
    detail = _in_brackets(_text(answer), mask)
    if answer.status >= 500 or answer.status in (408, 429):
        words = _("too many requests%(detail)s") if answer.status == 429 else _("the portal is down%(detail)s")
        retry_after = parse_retry_after(answer.headers.get("Retry-After", ""), now)
        kind = Kind.DOWN if retry_after is None and answer.status != 429 else Kind.BUSY
        return Failure(kind, words % {"detail": detail}, code, retry_after)
    return _refused(answer, mask, code)


def _refused(answer: Answer, mask: Mask, code: str) -> Failure:
    label = (json_object(answer.body) or {}).get("libelle")
    if isinstance(label, str) and label.strip():
        return Failure(Kind.REQUEST_REFUSED, shown(label, mask), message_code(label) or code)
    words = _("the portal refuses the request%(detail)s") % {"detail": _in_brackets(_text(answer), mask)}
    return Failure(Kind.REQUEST_REFUSED, words, code)


def _judge_body(answer: Answer, mask: Mask) -> JsonObject | Failure:
    data = json_object(answer.body)
    if data is None:
        beginning = shown(_text(answer), mask)
        words = _("unreadable answer, it begins with “%(beginning)s”") if beginning else _("empty answer")
        return Failure(Kind.DOWN, words % {"beginning": beginning}, f"HTTP {answer.status}")
    # The portal's sentences end up in messages, and some services echo what they were sent.
    sentences = {key: shown(value, mask) for key in ("libelle", "body") if isinstance(value := data.get(key), str)}
    return data | sentences


def json_object(body: bytes) -> JsonObject | None:
    """Return the object, or None where the text is anything else."""
    try:
        data = json.loads(body, parse_int=_whole_number)
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _whole_number(digits: str) -> int | float:
    """Read a number; one that is too long for Python is too long for everybody, and must not spoil its whole page."""
    return int(digits) if len(digits) <= LONGEST_NUMBER else math.inf


def message_code(label: str) -> str:
    """Return the code that a label begins with ("GDP_MSG_11.008 - …"); alone it is unique over all services."""
    found = re.match(r"[A-Z]{3}_MSG_\d+[._]\d+", label)
    return found.group() if found else ""


def parse_retry_after(value: str, now: datetime) -> float | None:
    """Return seconds, or None where the header is missing, unreadable or past. Both forms of RFC 9110 are read."""
    value = value.strip()
    try:
        seconds = float(value) if value.isdecimal() else (_http_date(value) - now).total_seconds()
    except (ValueError, OverflowError):
        return None
    return min(seconds, LONGEST_RETRY_AFTER) if seconds > 0 else None


def _http_date(value: str) -> datetime:
    moment = parsedate_to_datetime(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _host(location: str) -> str:
    """Return the host of an address, or words for what has none."""
    try:
        return urlsplit(location).hostname or _("another path")
    except ValueError:
        return _("an unreadable address")


def _challenge(answer: Answer) -> str:
    found = re.search(r'error_description="([^"]*)"', answer.headers.get("WWW-Authenticate", ""))
    return found.group(1) if found else _text(answer)


def _text(answer: Answer) -> str:
    return answer.body.decode(errors="replace")


def _in_brackets(text: str, mask: Mask) -> str:
    words = shown(text, mask)
    return f" ({words})" if words else ""
