"""What requests, urllib3, ssl and the operating system raise, in words; their exceptions go no further."""

from __future__ import annotations

import http.client
import socket
import ssl
from collections.abc import Iterator

import requests
import urllib3.exceptions
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chorus.portal.retry import Failure, Kind


class AnswerTooLargeError(Exception):
    """The answer is longer than the given number of bytes."""


class AbandonedError(Exception):
    """Nobody waits for this answer any more."""


HANDSHAKE_LOST = (ssl.SSLEOFError, ssl.SSLZeroReturnError, ssl.SSLSyscallError)
CUT_OFF = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError)
LOST = (
    (requests.exceptions.ProxyError, gettext_lazy("the proxy gives no connection to the portal")),
    (socket.gaierror, gettext_lazy("the portal's host name cannot be resolved")),
    (ConnectionRefusedError, gettext_lazy("the portal refuses connections")),
    (requests.exceptions.ConnectTimeout, gettext_lazy("no connection to the portal within the time allowed")),
    (urllib3.exceptions.ReadTimeoutError, gettext_lazy("no answer within the time allowed")),
    (urllib3.exceptions.DecodeError, gettext_lazy("unreadable answer: it cannot be unpacked")),
    (urllib3.exceptions.IncompleteRead, gettext_lazy("unreadable answer: it was cut off")),
    (http.client.IncompleteRead, gettext_lazy("unreadable answer: it was cut off")),
    (http.client.RemoteDisconnected, gettext_lazy("connection lost before an answer came")),
    (HANDSHAKE_LOST, gettext_lazy("connection lost while its encryption (TLS) was agreed on")),
    (CUT_OFF, gettext_lazy("connection lost before the answer was complete")),
    (http.client.HTTPException, gettext_lazy("unreadable answer: it is not HTTP")),
)
ADDRESS_UNUSABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidSchema,
)


def failure_of(error: BaseException) -> Failure:
    """Classify what was raised during an exchange. What is not the network's doing is raised again."""
    if isinstance(error, AnswerTooLargeError):
        return Failure(Kind.DOWN, _("unreadable answer: longer than %(size)s bytes") % {"size": error.args[0]})
    if not isinstance(error, OSError | urllib3.exceptions.HTTPError):  # requests' own are OSErrors
        raise error
    if isinstance(error, ADDRESS_UNUSABLE):
        return Failure(Kind.FORBIDDEN, _("the portal's address in the settings cannot be used"))
    causes = list(_causes(error))
    if _is_about_tls(error, causes):
        return Failure(Kind.UNTRUSTED, _tls_words(causes))
    return Failure(Kind.DOWN, _lost_words(causes))


def _is_about_tls(error: BaseException, causes: list[BaseException]) -> bool:
    if any(isinstance(cause, HANDSHAKE_LOST) for cause in causes):
        return False
    # requests raises a bare OSError where REQUESTS_CA_BUNDLE names no file.
    return type(error) is OSError or any(
        isinstance(cause, ssl.SSLError | requests.exceptions.SSLError | urllib3.exceptions.SSLError) for cause in causes
    )


def _tls_words(causes: list[BaseException]) -> str:
    detail = next((cause.verify_message for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
    return _(
        "the portal's identity could not be verified (TLS: %(detail)s), so nothing was sent to it; where a proxy "
        "inspects TLS, name its certificate authority in REQUESTS_CA_BUNDLE"
    ) % {"detail": detail or _tls_reason(causes) or causes[-1]}


def _tls_reason(causes: list[BaseException]) -> str:
    """Return OpenSSL's words for what is no matter of certificates, as "wrong version number"."""
    reasons = (cause.reason for cause in causes if isinstance(cause, ssl.SSLError))
    return next((reason.replace("_", " ").lower() for reason in reasons if reason), "")


def _lost_words(causes: list[BaseException]) -> str:
    for kind, words in LOST:
        if any(isinstance(cause, kind) for cause in causes):
            return str(words)
    reason = next((cause.strerror for cause in causes if isinstance(cause, OSError) and cause.strerror), "")
    return _("connection lost (%(reason)s)") % {"reason": reason} if reason else _("connection lost")


def _causes(error: object) -> Iterator[BaseException]:
    """Walk from requests' exception down to the operating system's, through all the ways they are wrapped."""
    seen: list[BaseException] = []
    waiting = [error]
    while waiting:
        cause = waiting.pop(0)
        if not isinstance(cause, BaseException) or any(cause is other for other in seen):
            continue
        seen.append(cause)
        yield cause
        waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
