"""Faults as the dice fall."""

from __future__ import annotations

import random
from typing import Any

from chorus.local_portal.faults import Fault, FaultError, parse_json
from chorus.local_portal.http.authentication import GatewayError
from chorus.local_portal.operations import RefusedError
from tests.chorus.portal.servers import HISTORY, SEARCH, TOKEN
from tests.faults.portal_stage import Forbidden

UNKNOWN = "NOUVEAU_STATUT"

FAILING: list[dict[str, Any]] = [
    *({"kind": "server-error", "status": status} for status in (500, 502, 503, 504)),
    {"kind": "server-error", "status": 503, "when": "after"},
    *({"kind": "too-many", "retry-after": seconds} for seconds in (1, 30, 100, 3600)),
    {"kind": "too-many"},
    {"kind": "invalid-client"},
    {"kind": "unauthorized"},
    {"kind": "empty-body"},
    {"kind": "truncated-body"},
    *({"kind": "invalid-body", "form": form} for form in ("cut", "not-utf-8", "html")),
    {"kind": "reset"},
    {"kind": "reset", "when": "after"},
    {"kind": "redirect", "to": "/maintenance"},
    {"kind": "huge-body", "megabytes": 1},
    {"kind": "huge-body", "megabytes": 1, "packed": True},
]
SLOW: list[dict[str, Any]] = [{"kind": "drip", "bytes-per-second": 20}, {"kind": "latency", "ms": 600}]
AWKWARD: list[dict[str, Any]] = [
    {"kind": "dying-token", "calls": 3},
    *({"kind": "page-cap", "rows": rows} for rows in (1, 2, 7)),
    *({"kind": "total-cap", "rows": rows} for rows in (3, 10, 40)),
    {"kind": "moving-rows", "how": "dates"},
    {"kind": "moving-rows", "how": "order"},
    {"kind": "unknown-keys"},
    {"kind": "single-object"},
]
LYING: list[dict[str, Any]] = [{"kind": "unknown-status", "status": UNKNOWN}]
FAILING_KINDS = {fault["kind"] for fault in [*FAILING, *SLOW]} | {Forbidden.kind}


class Refused(Fault):
    """codeRetour 20001, whatever is asked."""

    kind = "refused"

    def asked(self, body: dict[str, Any]) -> dict[str, Any]:
        raise RefusedError(20001, "GDP_MSG_11.005 - Aucun espace ne correspond")


class RefusedOne(Refused):
    """codeRetour 20001 where one invoice is searched for."""

    kind = "refused-one"

    def asked(self, body: dict[str, Any]) -> dict[str, Any]:
        return super().asked(body) if body.get("numeroFacture") else body


class StumblingOverOne(Fault):
    """HTTP 500 where one invoice is searched for."""

    kind = "stumbling-over-one"

    def asked(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("numeroFacture"):
            raise GatewayError(500)
        return body


def random_fault(dice: random.Random, logins: list[str], applications: list[str], lies: bool) -> Fault:
    """Return a fault for some calls of one technical account or PISTE application, or of all."""
    while True:
        path = dice.choice([None, None, "/cpro/*", SEARCH, SEARCH, SEARCH, HISTORY, TOKEN])
        place: dict[str, Any] = {
            "account": dice.choice([None, *(applications if path == TOKEN else logins)]),
            "path": path,
            "rate": dice.choice([1.0, 0.7, 0.5, 0.2]),
            "times": dice.choice([None, 1, 2, 5, 20]),
            "after": dice.choice([0, 0, 0, 1, 2, 5]),
        }
        place = {name: value for name, value in place.items() if value is not None}
        try:
            return _fault(dice, place, lies)
        except FaultError:
            continue  # a path at which this kind makes no sense


def _fault(dice: random.Random, place: dict[str, Any], lies: bool) -> Fault:
    match dice.random():
        case chance if chance < 0.16:
            return dice.choice([Forbidden, Refused, RefusedOne, StumblingOverOne])(**place)
        case chance if chance < 0.2:
            return parse_json({**dice.choice(SLOW), **place, "times": dice.randint(1, 3)})
        case chance if chance < 0.35 and lies:
            return parse_json({**dice.choice(LYING), **place})
        case chance if chance < 0.5:
            return parse_json({**dice.choice(AWKWARD), **place})
    return parse_json({**dice.choice(FAILING), **place})
