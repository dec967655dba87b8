"""From an operation to the JSON object that answers it: token, pace, retries, and when to give up."""

from __future__ import annotations

import json
import logging
import random
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from django.utils.translation import gettext as _

from chorus.portal import auth
from chorus.portal.answers import JsonObject, judge_api, judge_token
from chorus.portal.clock import Clock
from chorus.portal.connection import Credentials, Endpoints, Limits, account_key
from chorus.portal.errors import AccessRefused, PortalError, PortalUnavailable, Stopped, UnexpectedAnswer
from chorus.portal.exchange import Answer, Call, Exchange, Patience
from chorus.portal.pace import Pace
from chorus.portal.retry import MAX_TRIES, Failure, Kind, Tally, pause_before_retry
from chorus.portal.wording import Mask, mask_for

__all__ = ["Credentials", "Endpoints", "Limits", "Operation", "Transport"]

logger = logging.getLogger("chorus.portal")

JSON = "application/json;charset=utf-8"
Result = TypeVar("Result")
Judge = Callable[[Answer, Mask, datetime], JsonObject | Failure]

COMMON_HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "akuiteo-chorus"}


@dataclass(frozen=True, slots=True)
class Operation:
    """One of the portal's operations; all of them are reads, so each may be sent again."""

    name: str
    method: str
    path: str
    about_one_invoice: bool = False


class Transport:
    """One connection: a PISTE application and a technical account, for the time of one run.

    Once it has given up (PortalUnavailable) or was refused (AccessRefused), it raises the same error at once and
    sends nothing any more. May be shared by threads. clock is for tests.
    """

    def __init__(
        self,
        endpoints: Endpoints,
        credentials: Credentials,
        limits: Limits | None = None,
        stop: threading.Event | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._credentials = credentials
        self._limits = limits or Limits()
        self._stop = stop or threading.Event()
        self._clock = clock or Clock()
        self._mask = mask_for(credentials)
        self._pace = Pace(account_key(endpoints, credentials), self._limits, self._clock, self._stop)
        self._exchange = Exchange(self._limits.max_answer_bytes, self._stop)
        self._authenticator = auth.authenticator_for(endpoints, credentials)
        self._lock = threading.Lock()
        self._tally = Tally()
        self._given_up: PortalError | None = None
        self.requests = 0
        self.answered_at: datetime | None = None

    def call(self, operation: Operation, payload: JsonObject | None = None) -> JsonObject:
        """Ask the portal, as often as it takes. Raises PortalError or Stopped, and nothing of the network's."""
        data = self._persevere(operation.name, lambda: self._ask(operation, payload))
        self._count(Tally.after_answer)
        return data

    def renew_token(self) -> None:
        """Ask PISTE for a new token, however good the kept one is. Raises as `call` does."""
        self._authenticator.renew(self._fetch_token, self._stop)

    def _ask(self, operation: Operation, payload: JsonObject | None) -> JsonObject | Failure:
        token = self._authenticator.current(self._fetch_token, self._clock, self._stop)
        result = self._try(self._api_call(operation, payload, token), judge_api)
        if not isinstance(result, Failure):
            return result
        if result.kind is Kind.ACCOUNT_REFUSED:
            self._authenticator.forget(token)
        if operation.about_one_invoice and result.kind is Kind.DOWN and result.code == "HTTP 500":
            return replace(result, kind=Kind.INVOICE_FAILED)
        return result

    def _fetch_token(self) -> auth.Token:
        token = self._persevere(auth.OPERATION, self._ask_token)
        self._count(Tally.after_token)
        return token

    def _ask_token(self) -> auth.Token | Failure:
        asked_at = self._clock.monotonic()
        result = self._try(self._token_call(), judge_token)
        return result if isinstance(result, Failure) else auth.parse_token(result, asked_at)

    def _persevere(self, operation: str, attempt: Callable[[], Result | Failure]) -> Result:
        while True:
            result = attempt()
            if not isinstance(result, Failure):
                return result
            self._pause_or_give_up(operation, result)

    def _pause_or_give_up(self, operation: str, failure: Failure) -> None:
        tally = self._count(lambda tally: tally.after(failure))
        pause = pause_before_retry(failure, tally, self._limits, random.random())  # noqa: S311 - spreads load only  # nosec B311
        if pause is None:
            raise self._give_up(operation, failure, tally)
        logger.debug("%s failed (%s), next try in %.1f s", operation, failure.words, pause)
        self._count(lambda tally: tally.after_pause(pause, failure))
        self._clock.wait(self._stop, pause)

    def _give_up(self, operation: str, failure: Failure, tally: Tally) -> PortalError:
        error = self._error(operation, failure, tally)
        if not isinstance(error, UnexpectedAnswer):
            self._given_up = error
        elif failure.kind is Kind.REQUEST_REFUSED:
            self._count(Tally.after_answer)  # who refuses a request is there and has accepted the account
        return error

    def _error(self, operation: str, failure: Failure, tally: Tally) -> PortalError:
        match failure.kind:
            case Kind.REQUEST_REFUSED:
                return UnexpectedAnswer(operation, failure.words, failure.code)
            case Kind.INVOICE_FAILED if tally.failures < MAX_TRIES:
                return UnexpectedAnswer(operation, failure.words, failure.code)
            case Kind.CLIENT_REFUSED | Kind.ACCOUNT_REFUSED | Kind.FORBIDDEN:
                return AccessRefused(operation, failure.words, failure.code)
        words = failure.words
        if tally.failures > 1:
            words = _("%(words)s; given up after %(tries)d tries") % {"words": words, "tries": tally.failures}
        retry_at = None
        if failure.retry_after is not None:
            retry_at = self._clock.now() + timedelta(seconds=failure.retry_after)
        return PortalUnavailable(operation, words, failure.code, retry_at)

    def _try(self, call: Call, judge: Judge) -> JsonObject | Failure:
        """Send once, when it is this account's turn."""
        self._check_open()
        try:
            with self._pace.turn():
                self._check_open()
                held = self._pace.held_for()
                if held > 0:
                    return Failure(Kind.BUSY, _("the portal asked for a pause"), retry_after=held)
                result = self._send(call, judge)
                self._respect(result)
                return result
        except (OSError, sqlite3.Error) as error:
            words = _("the directory of the limits that processes share cannot be used (%(error)s)") % {"error": error}
            raise AccessRefused(call.operation, words) from error

    def _send(self, call: Call, judge: Judge) -> JsonObject | Failure:
        with self._lock:
            self.requests += 1
        started = self._clock.monotonic()
        answer = self._exchange.send(call, self._patience())
        took = self._clock.monotonic() - started
        if isinstance(answer, Failure):
            return replace(answer, took=took)
        self.answered_at = answer.date()
        size = len(answer.body)
        logger.debug("%s answered HTTP %d in %.0f ms, %d bytes", call.operation, answer.status, took * 1000, size)
        result = judge(answer, self._mask, self._clock.now())
        return replace(result, took=took) if isinstance(result, Failure) else result

    def _respect(self, result: JsonObject | Failure) -> None:
        """Leave the portal alone as long as it asked, and go slower where it found us too fast."""
        if isinstance(result, Failure) and result.kind is Kind.BUSY:
            self._pace.slow_down()
            if result.retry_after is not None:
                self._pace.hold(result.retry_after)

    def _patience(self) -> Patience:
        """Shorten the time-outs to what is left before the portal is given up."""
        limits, down_for = self._limits, self._tally.down_for
        left = limits.give_up_after - down_for if down_for > 0 else limits.call_deadline
        return Patience(
            min(limits.connect_timeout, left), min(limits.read_timeout, left), min(limits.call_deadline, left)
        )

    def _check_open(self) -> None:
        if self._stop.is_set():
            raise Stopped
        if self._given_up is not None:
            raise self._given_up.with_traceback(None)

    def _count(self, change: Callable[[Tally], Tally]) -> Tally:
        with self._lock:
            self._tally = change(self._tally)
            return self._tally

    def _token_call(self) -> Call:
        headers = COMMON_HEADERS | {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        body = auth.build_token_request(self._credentials)
        return Call(auth.OPERATION, "POST", self._endpoints.token_url, headers, body)

    def _api_call(self, operation: Operation, payload: JsonObject | None, token: str) -> Call:
        headers = COMMON_HEADERS | {
            "Authorization": f"Bearer {token}",
            "cpro-account": self._credentials.cpro_account,
            "Accept": JSON,
        }
        url = self._endpoints.api_url.rstrip("/") + operation.path
        if payload is None:
            return Call(operation.name, operation.method, url, headers)
        body = json.dumps(payload).encode()
        return Call(operation.name, operation.method, url, headers | {"Content-Type": JSON}, body)
