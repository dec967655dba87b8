"""What every answer says of itself to the browser, whatever it is: page, file, error, redirect, download (S16)."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from akuiteo import site
from akuiteo.content_security import POLICY
from akuiteo.models import User
from batches.models import Batch
from chorus.invoice_imports import keeping
from tests.admin.builders import SCRIPT, make_company, make_invoice, make_run, url

ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
NOT_FOUND, FORBIDDEN, BAD_REQUEST, BROKEN = 404, 403, 400, 500


def of_answer(answer: Any) -> dict[str, str]:
    answer.getvalue()  # a file that is streamed is closed at its end
    return {name: answer.headers.get(name, "") for name in ALWAYS}


@pytest.fixture
def files(batch: Batch, settings: Any) -> dict[str, str]:
    """Addresses of what is downloaded, with an invoice and a run for them."""
    make_invoice(make_company(), customer=SCRIPT)
    run = make_run(batch)
    exports = {form: url("chorus_invoice_export", form) for form in ("xlsx", "csv", "csv-fr")}
    return exports | {"log": url("batches_run_log", run.pk), "sample": url("chorus_invoice_import_sample")}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/admin/", 200),
        ("/", 302),
        ("/admin/nowhere/", NOT_FOUND),
        ("/static/akuiteo/site.css", 200),
        ("/static/nowhere.css", NOT_FOUND),
        ("/admin/akuiteo/user/", FORBIDDEN),
        ("/admin/jsi18n/", 200),
    ],
)
def test_s16_every_answer_has_the_headers_that_protect_it(accounting: Client, path: str, status: int) -> None:
    answer: Any = accounting.get(path)
    assert answer.status_code == status
    assert of_answer(answer) == ALWAYS


def test_s16_an_error_of_our_own_has_them_too(accounting: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_request: Any) -> HttpResponse:
        raise RuntimeError

    accounting.raise_request_exception = False
    monkeypatch.setattr(site, "panels", broken)
    answer = accounting.get(url("index"))
    assert answer.status_code == BROKEN
    assert of_answer(answer) == ALWAYS


def test_s16_a_request_that_is_refused_has_them_too(accounting: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_request: Any) -> HttpResponse:
        raise SuspiciousOperation

    monkeypatch.setattr(site, "panels", refused)
    answer = accounting.get(url("index"))
    assert answer.status_code == BAD_REQUEST
    assert of_answer(answer) == ALWAYS
    assert "This request was not accepted" in answer.content.decode()


@pytest.mark.parametrize("file", ["xlsx", "csv", "csv-fr", "log", "sample"])
def test_s11_a_download_is_saved_and_never_shown(accounting: Client, files: dict[str, str], file: str) -> None:
    answer: Any = accounting.get(files[file])
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "html" not in answer.headers["Content-Type"]
    assert of_answer(answer) == ALWAYS


def test_s04_the_name_of_a_download_makes_no_header_of_its_own(viewer: Client, batch: Batch) -> None:
    Batch.objects.update(code='A"\r\nSet-Cookie: stolen=1')
    answer: Any = viewer.get(url("batches_run_log", make_run(batch).pk))
    assert re.fullmatch(r'attachment; filename="[\w.-]+"', answer.headers["Content-Disposition"])
    assert "stolen" not in answer.cookies


def test_s04_the_name_of_an_uploaded_file_makes_no_header_of_its_own(accounting: Client) -> None:
    file = SimpleUploadedFile("x.csv", b"company,number,date\nNONE,F-1,2026-11-22\n")
    file._name = 'x"\r\nSet-Cookie: stolen=1.csv'  # type: ignore[attr-defined]
    kept = keeping.keep(file, None, User.objects.get())
    answer: Any = accounting.get(url("chorus_invoice_import_refused", kept.pk))
    assert "\n" not in answer.headers["Content-Disposition"]
    assert "stolen" not in answer.cookies
    answer.getvalue()


@pytest.mark.parametrize("path", ["/admin/", "/admin/chorus/invoice/", "/admin/akuiteo/user/", "/admin/nowhere/", "/"])
def test_s16_what_a_view_answers_is_kept_by_nobody(accounting: Client, path: str) -> None:
    allowed = accounting.get(path).headers["Cache-Control"]
    assert {"no-store", "private"} <= set(allowed.split(", "))


@pytest.mark.parametrize("file", ["xlsx", "csv", "log"])
def test_s16_a_download_is_kept_by_nobody_but_its_reader(accounting: Client, files: dict[str, str], file: str) -> None:
    answer: Any = accounting.get(files[file])
    answer.getvalue()
    assert "no-store" in answer.headers["Cache-Control"]


def test_s16_static_files_are_kept_by_browsers(client: Client) -> None:
    answer: Any = client.get("/static/akuiteo/site.css")
    answer.getvalue()
    assert "no-store" not in answer.headers["Cache-Control"]


@pytest.mark.parametrize("host", ["evil.example.org", "127.0.0.1.evil.example.org", "a b", "a\nb", "x@127.0.0.1"])
def test_s16_a_host_that_is_not_ours_is_answered_nothing(
    client: Client, host: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL):
        answer = client.get("/admin/login/", headers={"Host": host})
    assert answer.status_code == BAD_REQUEST
    assert host not in answer.content.decode()


def test_s16_no_page_is_for_scripts_of_other_sites(client_of: Callable[[str], Client]) -> None:
    answer = client_of("superuser").get(url("index"), headers={"Origin": "https://evil.example.org"})
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]
