"""The site as production serves it: a server of its own, behind a proxy that ends TLS."""

from __future__ import annotations

import contextlib
import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.cookies import SimpleCookie
from pathlib import Path

import pytest

from tests.akuiteo.conftest import KEYS, Installation

PRODUCTION = {
    "DEBUG": "False",
    **KEYS,
    "SITE_URL": "https://chorus.example.org",
    "EMAIL_URL": "smtp://127.0.0.1:25",
}
FROM_THE_PROXY = {"Host": "chorus.example.org", "X-Forwarded-Proto": "https"}
DEADLINE = 60
"""Seconds; an answer that waits for a body would never come."""
BAD_REQUEST = 400


@contextlib.contextmanager
def served(folder: Path) -> Iterator[http.client.HTTPConnection]:
    with socket.create_server(("127.0.0.1", 0)) as at, (folder / "server.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "akuiteo.wsgi", "--threads", "2", "--bind", f"fd://{at.fileno()}"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], **PRODUCTION},
            pass_fds=[at.fileno()],
            stdout=log,
            stderr=log,
        )
        connection = http.client.HTTPConnection("127.0.0.1", at.getsockname()[1], timeout=DEADLINE)
        try:
            yield connection
        finally:
            connection.close()
            server.terminate()
            server.wait(timeout=30)


@pytest.fixture
def site(installation: Installation) -> Iterator[http.client.HTTPConnection]:
    with served(installation.folder) as connection:
        yield connection


def test_s11_s14_s16_production_is_served_by_https_with_its_headers_and_takes_no_endless_body(
    site: http.client.HTTPConnection,
) -> None:
    """One server for all: it takes seconds to start."""
    site.request("GET", "/admin/login/", headers=FROM_THE_PROXY)
    answer = site.getresponse()
    answer.read()
    assert answer.status == 200
    assert answer.headers["Strict-Transport-Security"] == "max-age=2592000"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    cookie = SimpleCookie(answer.headers["Set-Cookie"])["csrftoken"]
    assert (cookie["secure"], cookie["samesite"]) == (True, "Lax")

    site.putrequest("POST", "/admin/login/", skip_host=True)
    body = {"Content-Type": "multipart/form-data; boundary=x", "Content-Length": str(10**10)}
    origin = {"Cookie": f"csrftoken={cookie.value}", "Origin": "https://chorus.example.org"}
    for name, value in (FROM_THE_PROXY | body | origin).items():
        site.putheader(name, value)
    site.endheaders(b'--x\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n')
    refused = site.getresponse()
    assert refused.status == BAD_REQUEST
    assert "too large" in refused.read().decode()


def test_s14_s16_the_deployment_check_has_nothing_to_say_of_the_shipped_settings(installation: Installation) -> None:
    ended = installation.manage("check", "--deploy", "--fail-level", "INFO", **PRODUCTION)
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout.startswith("System check identified no issues")
