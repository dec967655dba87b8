"""An SMTP server on loopback that hangs, hangs up, or says what it is told to at any point of the conversation."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple

HANG, DROP, TAKE_AND_DROP = "hang", "drop", "take and drop"
GREETING, CONTENT = "GREETING", "CONTENT"
USUAL = {GREETING: "220 rough", "DATA": "354 go on", "QUIT": "221 bye", "EHLO": "250 rough"}


class Taken(NamedTuple):
    recipients: tuple[str, ...]
    message: EmailMessage


class RoughServer(socketserver.ThreadingTCPServer):
    """`happens` is asked at each point, with the number of mails that the connection has taken; "": the usual."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.taken: list[Taken] = []
        self.connections = 0
        self.keeps_content = True
        self.happens: Callable[[str, int], str] = lambda _point, _mails: ""
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def at(self, point: str, what: str) -> None:
        """Let this happen whenever this point is reached."""
        self.happens = lambda reached, _mails: what if reached == point else ""

    def end(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Conversation(socketserver.StreamRequestHandler):
    server: RoughServer

    def handle(self) -> None:
        self.server.connections += 1
        self.mails = 0
        self.recipients: list[str] = []
        goes_on = self._answer(GREETING)
        while goes_on and (line := self.rfile.readline()):
            command = line.split()[0].decode().upper()
            if command == "RCPT":
                self.recipients.append(line.decode().partition("<")[2].partition(">")[0])
            elif command in {"MAIL", "RSET"}:
                self.recipients = []
            goes_on = self._answer(command) and command != "QUIT"
            if goes_on and command == "DATA" and self.said.startswith("354"):
                goes_on = self._read_content()

    def _read_content(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        self.content = b"".join(lines)
        return self._answer(CONTENT)

    def _answer(self, point: str) -> bool:
        """Return whether the conversation goes on."""
        self.said = self.server.happens(point, self.mails) or USUAL.get(point, "250 OK")
        if self.said == HANG:
            self.server.over.wait(30)
        if point == CONTENT and (self.said == TAKE_AND_DROP or self.said.startswith("2")):
            self.mails += 1
            content = self.content if self.server.keeps_content else b""
            message = message_from_bytes(content, policy=policy.default)
            self.server.taken.append(Taken(tuple(self.recipients), message))
        if self.said in {HANG, DROP, TAKE_AND_DROP}:
            return False
        self.wfile.write(f"{self.said}\r\n".encode())
        return not self.said.startswith("421")
