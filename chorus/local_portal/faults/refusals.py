"""Faults that answer in place of the portal: it is too busy, it refuses, it is down, it sends elsewhere."""

import datetime
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import urlsplit

from flask import Response
from werkzeug.http import http_date

from chorus.local_portal.checks import INT32, MalformedError, filled, integer, one_of
from chorus.local_portal.faults.fault import Fault, FaultError, checked
from chorus.local_portal.http import hosts, paths
from chorus.local_portal.http.replies import BAD_BEARER, empty_reply, oauth_refusal, page_reply
from chorus.local_portal.http.tokens import INVALID_CLIENT

DAY = 24 * 3600
TITLES = {
    500: "500 Internal Server Error",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
}
REDIRECTIONS = (301, 302, 303, 307, 308)


class StateHostError(FaultError):
    """A fault would send callers, with their credentials, to the State's platforms."""


def status_among(*statuses: int) -> Any:
    def check(value: Any) -> None:
        integer()(value)
        if value not in statuses:
            raise MalformedError(f"{value} is not one of {', '.join(map(str, statuses))}")

    return check


@dataclass(frozen=True, kw_only=True)
class TooMany(Fault):
    """429: more calls than the quota, with Retry-After in seconds from now, as a number or as a date, or without it."""

    kind: ClassVar[str] = "too-many"
    decides: ClassVar[bool] = True

    retry_after: int | None = field(default=None, metadata=checked(integer(0, DAY)))
    form: str = field(default="seconds", metadata=checked(one_of(("seconds", "date"))))

    def before(self, now: datetime.datetime) -> Response | None:
        reply = empty_reply(429)
        if self.retry_after is not None:
            date = http_date(now + datetime.timedelta(seconds=self.retry_after))
            reply.headers["Retry-After"] = date if self.form == "date" else str(self.retry_after)
        return reply


@dataclass(frozen=True, kw_only=True)
class InvalidClient(Fault):
    """400 on a request for a token, as if its credentials were wrong; PISTE does so to right ones at random."""

    kind: ClassVar[str] = "invalid-client"
    paths: ClassVar[frozenset[str]] = frozenset({paths.TOKEN})
    decides: ClassVar[bool] = True

    def before(self, now: datetime.datetime) -> Response | None:
        return oauth_refusal("invalid_client", INVALID_CLIENT)


@dataclass(frozen=True, kw_only=True)
class Unauthorized(Fault):
    """401 on a call, as if its token were unknown."""

    kind: ClassVar[str] = "unauthorized"
    paths: ClassVar[frozenset[str]] = paths.API
    decides: ClassVar[bool] = True

    def before(self, now: datetime.datetime) -> Response | None:
        return empty_reply(401, BAD_BEARER)


@dataclass(frozen=True, kw_only=True)
class DyingToken(Fault):
    """A token that is announced for its full lifetime, but is unknown after some seconds, or some calls."""

    kind: ClassVar[str] = "dying-token"
    paths: ClassVar[frozenset[str]] = frozenset({paths.TOKEN})

    seconds: int | None = field(default=None, metadata=checked(integer(0, DAY)))
    calls: int | None = field(default=None, metadata=checked(integer(0, INT32)))

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.seconds is None and self.calls is None:
            raise FaultError(f"{self.kind}: seconds or calls is missing; give one, or both")


@dataclass(frozen=True, kw_only=True)
class ServerError(Fault):
    """500, 502, 503 or 504 with a page of the gateway, before the call was done or after it."""

    kind: ClassVar[str] = "server-error"
    decides: ClassVar[bool] = True

    status: int = field(default=503, metadata=checked(status_among(*TITLES)))
    when: str = field(default="before", metadata=checked(one_of(("before", "after"))))

    def before(self, now: datetime.datetime) -> Response | None:
        return self._page() if self.when == "before" else None

    def answered(self, reply: Response) -> Response:
        return self._page()

    def _page(self) -> Response:
        return page_reply(self.status, TITLES[self.status])


@dataclass(frozen=True, kw_only=True)
class Redirect(Fault):
    """Sends the caller to another address, never to one of the State's platforms. Raises StateHostError for these."""

    kind: ClassVar[str] = "redirect"
    decides: ClassVar[bool] = True

    to: str = field(metadata=checked(filled))
    status: int = field(default=307, metadata=checked(status_among(*REDIRECTIONS)))

    def __post_init__(self) -> None:
        super().__post_init__()
        host = hosts.state_host(self.to)
        if host:
            raise StateHostError(
                f"{self.kind}: to: {host} is the State's; name another server, as http://127.0.0.1:9000/"
            )
        if not _is_target(self.to):
            raise FaultError(f"{self.kind}: to: {self.to!r} is neither an http address nor a path that begins with /")

    def before(self, now: datetime.datetime) -> Response | None:
        reply = empty_reply(self.status)
        reply.headers["Location"] = self.to
        return reply


def _is_target(text: str) -> bool:
    if not text.isascii() or not text.isprintable() or " " in text:
        return False
    try:
        parts = urlsplit(text)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False
    return is_address or (text.startswith("/") and not text.startswith("//"))
