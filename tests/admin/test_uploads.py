"""What is sent to the site: how much of it is taken, and where it stays (S11)."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.test import Client

from chorus.invoice_imports import forms, keeping
from chorus.models import InvoiceImport
from tests.admin.builders import make_company, page, url

BAD_REQUEST = 400
FILE = b"company,number,date\nACME,F-1,2026-11-22\n"


def upload(browser: Client, path: str, content: bytes, name: str = "invoices.csv") -> Any:
    return browser.post(path, {"file": SimpleUploadedFile(name, content), "company": ""})


def test_s11_an_uploaded_file_is_kept_in_the_database_alone(
    accounting: Client, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even one too large for the memory: the file that holds it meanwhile is its owner's, and gone at the end."""
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE, settings.FILE_UPLOAD_TEMP_DIR = 10, str(tmp_path / "uploads")
    (tmp_path / "uploads").mkdir()
    modes = []
    keep = keeping.keep

    def kept(file: TemporaryUploadedFile, *others: Any) -> InvoiceImport:
        modes.append(stat.S_IMODE(Path(file.temporary_file_path()).stat().st_mode))
        return keep(file, *others)

    monkeypatch.setattr(keeping, "keep", kept)
    make_company()
    assert upload(accounting, url("chorus_invoice_import"), FILE).status_code == 302
    assert modes == [0o600]
    assert list((tmp_path / "uploads").iterdir()) == []
    assert bytes(InvoiceImport.objects.get().content) == FILE
    assert settings.MEDIA_ROOT == ""


@pytest.mark.parametrize("name", ["../../etc/cron.d/x.csv", "..\\..\\x.csv", "/etc/x.csv", "a/../x.csv"])
def test_s05_the_name_of_an_uploaded_file_leads_nowhere(accounting: Client, name: str) -> None:
    upload(accounting, url("chorus_invoice_import"), FILE, name)
    assert InvoiceImport.objects.get().file_name == "x.csv"


def test_s11_a_form_with_files_that_is_too_large_is_refused_with_what_to_do(
    client: Client, db: None, settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = upload(client, url("login"), b"x" * 1000)
    assert answer.status_code == BAD_REQUEST
    assert "It is too large" in answer.content.decode()


def test_s11_a_file_to_import_may_be_larger_than_a_form_up_to_a_limit_of_its_own(
    accounting: Client, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    assert upload(accounting, url("chorus_invoice_import"), FILE).status_code == 302
    monkeypatch.setattr(forms, "LARGEST_BODY", 100)
    assert upload(accounting, url("chorus_invoice_import"), FILE).status_code == BAD_REQUEST


def test_s11_a_form_without_files_that_is_too_large_is_refused(client: Client, db: None, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    body = "username=" + "x" * 1000
    answer = client.post(url("login"), body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == BAD_REQUEST


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({f"name{number}": "x" for number in range(1001)}, id="1,001 fields"),
        pytest.param({f"name{number}": SimpleUploadedFile("x", b"x") for number in range(101)}, id="101 files"),
    ],
)
def test_s11_a_form_of_too_many_parts_is_refused(client_of: Callable[[str], Client], form: dict[str, Any]) -> None:
    assert client_of("superuser").post(url("auth_group_add"), form).status_code == BAD_REQUEST


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=" + "x" * 300])
def test_s11_a_form_that_cannot_be_read_is_refused(client: Client, db: None, kind: str) -> None:
    assert client.post(url("login"), b"--x\r\n\r\n", content_type=kind).status_code == BAD_REQUEST


def test_s11_a_packed_body_is_not_unpacked(accounting: Client) -> None:
    """A few kilobytes that would become gigabytes."""
    packed = b"\x1f\x8b\x08" + b"\x00" * 100
    answer = accounting.post(
        url("chorus_invoice_import"),
        {"file": SimpleUploadedFile("invoices.csv", packed), "company": ""},
        headers={"Content-Encoding": "gzip"},
    )
    assert "The file cannot be read" in page(answer)
    assert not InvoiceImport.objects.exists()
