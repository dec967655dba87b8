"""Calls that were received, as a person reads them."""

import json
from collections.abc import Mapping
from typing import Any

from chorus.local_portal import dates
from chorus.local_portal.http.recorder import Exchange

# Nobody reads more of a body here; the file of --record has all of it.
LONGEST_SHOWN = 20_000


def shown(exchange: Exchange) -> dict[str, Any]:
    """Return an exchange with its moment, its bodies as texts, and the return code that its answer has."""
    answer = exchange.response_body if isinstance(exchange.response_body, dict) else {}
    return {
        "at": dates.to_instant(dates.read(exchange.at)),
        "method": exchange.method,
        "path": exchange.path,
        "status": exchange.status,
        "account": exchange.account,
        "duration_ms": exchange.duration_ms,
        "faults": exchange.faults,
        "return_code": answer.get("codeRetour"),
        "label": answer.get("libelle"),
        "is_good": exchange.status == 200 and answer.get("codeRetour", 0) == 0,
        "request_headers": _headers(exchange.request_headers),
        "request_body": _body(exchange.request_body),
        "response_headers": _headers(exchange.response_headers),
        "response_body": _body(exchange.response_body),
    }


def _headers(headers: Mapping[str, str]) -> str:
    return "\n".join(f"{name}: {value}" for name, value in headers.items())


def _body(body: Any) -> str:
    text = body if isinstance(body, str) else "" if body is None else json.dumps(body, indent=2, ensure_ascii=False)
    # Half a surrogate pair is JSON, but no page.
    text = text.encode(errors="backslashreplace").decode()
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
