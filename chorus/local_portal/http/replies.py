"""Answers in the forms that PISTE and the portal give them."""

import json
from typing import Any

from flask import Response

JSON = "application/json;charset=utf-8"
BAD_BEARER = 'Bearer realm="PISTE",error="invalid_token",error_description="The access token is unknown or expired"'


def json_reply(status: int, body: Any) -> Response:
    return Response(json_bytes(body), status, content_type=JSON)


def json_bytes(body: Any) -> bytes:
    content = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    # Half a surrogate pair in a text cannot be UTF-8, but as an escape it is JSON.
    return content.encode(errors="backslashreplace")


def empty_reply(status: int, challenge: str = "") -> Response:
    reply = Response(status=status)
    del reply.headers["Content-Type"]
    if challenge:
        reply.headers["WWW-Authenticate"] = challenge
    return reply


def oauth_refusal(error: str, description: str) -> Response:
    """Return a refused token request, by RFC 6749, section 5.2."""
    return json_reply(400, {"error": error, "error_description": description})


def page_reply(status: int, title: str) -> Response:
    """Return a page of a gateway, as people see them in a browser."""
    page = f"<html><head><title>{title}</title></head><body><center><h1>{title}</h1></center></body></html>\n"
    return Response(page, status, content_type="text/html")
