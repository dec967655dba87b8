"""What comes over the wire, to the byte, for the tests of faults that a well-behaved library would hide."""

import json
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.chorus.local_portal.client import Client


@dataclass(frozen=True)
class Received:
    """The bytes of an answer as they came, and whether the connection ended by a reset."""

    pieces: tuple[bytes, ...]
    was_reset: bool

    @property
    def head(self) -> str:
        return b"".join(self.pieces).partition(b"\r\n\r\n")[0].decode()

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces).partition(b"\r\n\r\n")[2]


def call(client: Client, path: str, body: Any) -> Received:
    """Make a call over a socket of its own, and read until the connection ends."""
    content = json.dumps(body).encode()
    headers = {**client.headers, "Content-Type": "application/json", "Content-Length": str(len(content))}
    head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "127.0.0.1", **headers}.items())
    return send(client.url, f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + content)


def send(url: str, request: bytes, ends: bool = False) -> Received:
    """Send these bytes, and read until the connection ends; `ends` says that nothing more will be sent."""
    address = urlsplit(url)
    assert address.hostname
    assert address.port
    pieces: list[bytes] = []
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(request)
        if ends:
            connection.shutdown(socket.SHUT_WR)
        try:
            while piece := connection.recv(65536):
                pieces.append(piece)
        except ConnectionResetError:
            return Received(tuple(pieces), was_reset=True)
    return Received(tuple(pieces), was_reset=False)
