"""A mail service on loopback that speaks Mailgun's API, for django-anymail's own backend and webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

API_KEY = "canary-mailgun-key"
SECRET = "chorus:canary-webhook-secret"


class Mailgun(ThreadingHTTPServer):
    """`answers` are given in turn, (status, JSON or text); with none left it takes what it gets. None: it hangs."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Api)
        self.answers: list[tuple[int, Any] | None] = []
        self.forms: list[dict[str, list[str]]] = []
        self.over = threading.Event()
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v3"

    def end(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Api(BaseHTTPRequestHandler):
    server: Mailgun

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.forms.append(_form(self.headers["Content-Type"] or "", body))
        key = f"<{len(self.server.forms)}@mailgun.example>"
        answer = self.server.answers.pop(0) if self.server.answers else (200, {"id": key, "message": "Queued."})
        if answer is None:
            self.server.over.wait(30)
            return
        status, content = answer
        text = content if isinstance(content, str) else json.dumps(content)
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_args: Any) -> None:
        pass


def _form(content_type: str, body: bytes) -> dict[str, list[str]]:
    if content_type.startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode())
    if not content_type.startswith("multipart/"):
        return {}
    message = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body, policy=policy.default)
    form: dict[str, list[str]] = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        form.setdefault(name, []).append(part.get_content().rstrip("\n"))
    return form


def event(kind: str, key: str, recipient: str, **fields: Any) -> dict[str, Any]:
    """What Mailgun posts, without its signature."""
    return {"event": kind, "recipient": recipient, "message": {"headers": {"message-id": key.strip("<>")}}} | fields


def signed(event_data: dict[str, Any], key: str = API_KEY) -> str:
    token, timestamp = "token", "1790000000"
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return json.dumps(
        {
            "signature": {"token": token, "timestamp": timestamp, "signature": signature},
            "event-data": event_data,
        }
    )
