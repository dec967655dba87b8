"""The import of invoices on the screen: a file, its preview, the import, the refused lines."""

from __future__ import annotations

import datetime
import io
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from chorus.invoice_csv.columns import DESCRIPTIONS, IMPORTED
from chorus.invoice_imports import forms
from chorus.models import Company, Invoice, InvoiceImport
from tests.admin.builders import SCRIPT, make_company, make_invoice, page, told, url

HEADER = "company;number;date;customer\n"
FILE = HEADER + "ACME;F-1;22/11/2026;Nice\nACME;F-2;22/11/2026;Paris\nACME;F-3;31/11/2026;Brest\n"


@pytest.fixture(autouse=True)
def company(db: None) -> Company:
    return make_company()


def choose(client: Client, content: str | bytes = FILE, **fields: Any) -> Any:
    data = content if isinstance(content, bytes) else content.encode()
    file = SimpleUploadedFile(fields.pop("name", "invoices.csv"), data)
    return client.post(url("chorus_invoice_import"), {"file": file, "company": ""} | fields)


def kept(client: Client, content: str | bytes = FILE, **fields: Any) -> str:
    """Choose a file, and return the address of its preview."""
    response = choose(client, content, **fields)
    assert response.status_code == 302, response.context["form"].errors
    return str(response.headers["Location"])


def refusal(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.context["form"].errors["file"])


def counts(response: Any) -> dict[str, int]:
    page(response)
    return dict(response.context["report"].counts)


class TestChoosing:
    def test_the_page_tells_every_column_and_leads_to_a_sample(self, accounting: Client) -> None:
        text = page(accounting.get(url("chorus_invoice_import")))
        assert all(f"<code>{column}</code>" in text for column in IMPORTED)
        assert url("chorus_invoice_import_sample") in text

    def test_every_column_is_described(self) -> None:
        assert tuple(DESCRIPTIONS) == IMPORTED

    @pytest.mark.parametrize("language", ["en", "fr"])
    def test_the_sample_can_be_imported(self, accounting: Client, language: str) -> None:
        response = accounting.get(url("chorus_invoice_import_sample"), headers={"Accept-Language": language})
        sample = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        assert sample.startswith(b"\xef\xbb\xbfcompany;" if language == "fr" else b"company,")
        assert counts(accounting.get(kept(accounting, sample))) == {"created": 1, "refused": 0}

    def test_a_file_without_the_columns_is_refused_with_what_is_missing(self, accounting: Client) -> None:
        assert "missing columns: company, date" in refusal(choose(accounting, "number;customer\nF-1;Nice\n"))
        assert not InvoiceImport.objects.exists()

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"PK\x03\x04whatever", "it is an Excel workbook"),
            (b"\x89PNG\r\n\x1a\n\x00", "it is not UTF-8"),
            ("number,date\n".encode("utf-16"), "it is not UTF-8"),
            (b"a\0b\n", "NUL"),
            (b"", "The file is empty"),
            (b"\n\n", "it is empty"),
            (b"x" * 1_000_001, "a million characters"),
        ],
    )
    def test_s11_what_is_no_csv_file_is_refused_with_what_to_do(
        self, accounting: Client, content: bytes, reason: str
    ) -> None:
        assert reason in refusal(choose(accounting, content))

    def test_s11_a_file_that_is_too_large_is_refused(self, accounting: Client, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(forms, "LARGEST_FILE", len(FILE))
        assert choose(accounting).status_code == 302
        reason = refusal(choose(accounting, FILE + "ACME;F-4;22/11/2026;Nantes\n"))
        assert reason.startswith("The file is larger than")
        assert "split it" in reason

    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
    def test_a_file_of_too_many_lines_is_refused(
        self, accounting: Client, monkeypatch: pytest.MonkeyPatch, end: str
    ) -> None:
        monkeypatch.setattr(forms, "MOST_LINES", 3)
        assert choose(accounting, FILE.replace("\n", end)).status_code == 302
        assert "more than 3 lines; split it" in refusal(choose(accounting, FILE.replace("\n", end) + end))

    def test_no_file_is_an_error(self, accounting: Client) -> None:
        response = accounting.post(url("chorus_invoice_import"), {"company": ""})
        assert refusal(response) == "This field is required."

    def test_a_chosen_company_is_that_of_lines_that_name_none(self, accounting: Client, company: Company) -> None:
        make_company("BETA")
        address = kept(accounting, "number;date\nF-1;22/11/2026\n", company=company.pk)
        accounting.post(address)
        assert Invoice.objects.get().company == company
        beta = kept(accounting, "company;number;date\nBETA;F-1;22/11/2026\n", company=company.pk)
        assert counts(accounting.get(beta)) == {"refused": 1}

    def test_s12_the_name_of_a_file_is_text(self, accounting: Client) -> None:
        text = page(accounting.get(kept(accounting, name=f"{SCRIPT}.csv")))
        assert SCRIPT not in text

    def test_s15_a_file_without_token_is_refused(self, accounting: Client) -> None:
        accounting.handler.enforce_csrf_checks = True
        assert choose(accounting).status_code == 403
        assert not InvoiceImport.objects.exists()


class TestPreview:
    def test_it_counts_and_shows_what_the_import_would_do(self, accounting: Client, company: Company) -> None:
        make_invoice(company, "F-1", customer="Lyon", date=datetime.date(2026, 11, 22))
        response = accounting.get(kept(accounting))
        assert counts(response) == {"created": 1, "updated": 1, "refused": 1}
        text = page(response)
        assert "<del>Lyon</del>" in text
        assert "<ins>Nice</ins>" in text
        assert "line 4: date “31/11/2026”: there is no such day" in text

    def test_nothing_is_written_before_import_is_pressed(self, accounting: Client) -> None:
        page(accounting.get(kept(accounting)))
        assert not Invoice.objects.exists()

    def test_columns_that_are_not_read_are_named(self, accounting: Client) -> None:
        text = page(accounting.get(kept(accounting, "company;number;date;chorus_status\nACME;F-1;22/11/2026;PAID\n")))
        assert "never touches a status: chorus_status." in text

    def test_s12_cells_are_text(self, accounting: Client) -> None:
        lines = f"ACME;F-1;22/11/2026;{SCRIPT}\nACME;F-2;{SCRIPT};x\n"
        assert SCRIPT not in page(accounting.get(kept(accounting, HEADER + lines)))

    def test_a_file_that_changes_nothing_cannot_be_imported(self, accounting: Client, company: Company) -> None:
        address = kept(accounting, "company;number;date\nACME;F-1;22/11/2026\n")
        make_invoice(company, "F-1", date=datetime.date(2026, 11, 22))
        text = page(accounting.get(address))
        assert "all these invoices are as the file says already" in text
        assert "Import 0" not in text

    def test_a_header_alone_is_nothing_to_import(self, accounting: Client) -> None:
        assert "a header and no lines" in page(accounting.get(kept(accounting, HEADER)))

    def test_a_line_without_end_is_told_on_the_first_page(self, accounting: Client) -> None:
        response = accounting.get(kept(accounting, HEADER + "x" * 1_000_001), follow=True)
        assert response.redirect_chain[-1][0] == url("chorus_invoice_import")
        assert "line 2 has a million characters" in told(response)[0]

    def test_the_queries_of_a_preview_grow_with_its_chunks_only(
        self, accounting: Client, django_assert_max_num_queries: Any
    ) -> None:
        lines = "".join(f"ACME;F-{number};22/11/2026;Nice\n" for number in range(400))
        address = kept(accounting, HEADER + lines)
        with django_assert_max_num_queries(16):
            page(accounting.get(address))


class TestImport:
    def test_it_writes_and_reports(self, accounting: Client, company: Company) -> None:
        make_invoice(company, "F-1", customer="Lyon")
        address = kept(accounting)
        response = accounting.post(address, follow=True)
        assert counts(response) == {"created": 1, "updated": 1, "unchanged": 0, "refused": 1}
        assert "line 4: date" in page(response)
        assert dict(Invoice.objects.values_list("number", "customer")) == {"F-1": "Nice", "F-2": "Paris"}

    def test_the_counts_are_those_of_the_import_where_the_data_changed_since_the_preview(
        self, accounting: Client, company: Company
    ) -> None:
        address = kept(accounting)
        assert counts(accounting.get(address)) == {"created": 2, "refused": 1}
        make_invoice(company, "F-1", customer="Lyon")
        done = counts(accounting.post(address, follow=True))
        assert (done["created"], done["updated"]) == (1, 1)

    def test_pressing_twice_imports_once(self, accounting: Client) -> None:
        address = kept(accounting)
        accounting.post(address)
        Invoice.objects.all().delete()
        response = accounting.post(address, follow=True)
        assert told(response) == ["This file was imported before: nothing was done again."]
        assert not Invoice.objects.exists()

    def test_the_file_is_forgotten_but_for_the_refused_lines(self, accounting: Client) -> None:
        address = kept(accounting)
        accounting.post(address)
        content = bytes(InvoiceImport.objects.get().content)
        assert b"Brest" in content
        assert b"Nice" not in content
        accounting.post(kept(accounting, HEADER + "ACME;F-9;22/11/2026;Nice\n"))
        newest = InvoiceImport.objects.first()
        assert newest
        assert bytes(newest.content) == b""

    @pytest.mark.parametrize("imported", [False, True])
    def test_the_refused_lines_can_be_downloaded_before_and_after(self, accounting: Client, imported: bool) -> None:
        address = kept(accounting)
        if imported:
            accounting.post(address)
        response: Any = accounting.get(f"{address}refused/")
        text = b"".join(response.streaming_content).decode("utf-8-sig")
        assert text.splitlines() == [
            "refused_because;company;number;date;customer",
            "line 4: date “31/11/2026”: there is no such day;ACME;F-3;31/11/2026;Brest",
        ]
        assert response.headers["Content-Disposition"] == 'attachment; filename="refused-invoices.csv"'

    def test_refused_lines_beyond_the_limit_are_counted_and_not_kept(
        self, accounting: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("chorus.invoice_imports.keeping.LARGEST_REFUSED", 200)
        lines = "".join(f"ACME;F-{number};x;Nice\n" for number in range(50))
        response = accounting.post(kept(accounting, HEADER + lines), follow=True)
        assert counts(response)["refused"] == 50
        assert len(InvoiceImport.objects.get().content) <= 200
        assert "of these lines are not kept" in page(response)

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="the trigger is SQLite's")
    def test_an_import_that_the_database_stops_can_be_pressed_again(self, accounting: Client) -> None:
        address = kept(accounting)
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TRIGGER full BEFORE INSERT ON chorus_invoice BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            )
            response = accounting.post(address, follow=True)
            cursor.execute("DROP TRIGGER full")
        assert "stopped: disk is full" in told(response)[0]
        assert counts(accounting.post(address, follow=True))["created"] == 2

    def test_an_import_that_was_interrupted_says_what_to_do(self, accounting: Client) -> None:
        address = kept(accounting)
        InvoiceImport.objects.update(imported_at=datetime.datetime.now(datetime.UTC))
        assert "The import has not finished" in page(accounting.get(address))
        assert "import not finished" in page(accounting.get(url("chorus_invoice_import")))


class TestKeeping:
    def test_the_files_of_others_are_for_superusers_alone(
        self, accounting: Client, client_of: Callable[[str], Client]
    ) -> None:
        address = kept(accounting)
        operations, superuser = client_of("Operations"), client_of("superuser")
        for path in (address, f"{address}refused/"):
            assert operations.get(path).status_code == 403
            assert superuser.get(path).status_code == 200
        assert operations.post(address).status_code == 403
        assert not Invoice.objects.exists()
        assert "invoices.csv" not in page(operations.get(url("chorus_invoice_import"))).split("<table")[1]

    def test_a_file_of_yesterday_is_forgotten_at_the_next_visit(self, accounting: Client) -> None:
        address = kept(accounting)
        imported = kept(accounting)
        accounting.post(imported)
        with time_machine.travel(datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=7)):
            page(accounting.get(address))
        InvoiceImport.objects.update(created_at=datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=25))
        response = accounting.get(address, follow=True)
        assert "files are kept for a day" in told(response)[0]
        assert counts(accounting.get(imported))["created"] == 2
        assert bytes(InvoiceImport.objects.get().content) == b""

    def test_the_last_files_are_listed_with_what_became_of_them(self, accounting: Client) -> None:
        kept(accounting, name="first.csv")
        accounting.post(kept(accounting, name="second.csv"))
        text = page(accounting.get(url("chorus_invoice_import")))
        assert text.index("second.csv") < text.index("first.csv")
        assert "2 new, 0 updated, 0 unchanged, 1 refused" in text
        assert "not imported yet" in text


class TestRights:
    @pytest.mark.parametrize("role", ["Accounting", "Operations", "Administrator", "superuser"])
    def test_who_may_import_finds_it_on_the_list(self, client_of: Callable[[str], Client], role: str) -> None:
        client = client_of(role)
        assert f'href="{url("chorus_invoice_import")}"' in page(client.get(url("chorus_invoice_changelist")))
        assert counts(client.post(kept(client), follow=True))["created"] == 2

    def test_who_may_not_is_refused_everywhere(self, viewer: Client, client_of: Callable[[str], Client]) -> None:
        address = kept(client_of("superuser"))
        for path in (url("chorus_invoice_import"), url("chorus_invoice_import_sample"), address, f"{address}refused/"):
            assert viewer.get(path).status_code == 403
        assert choose(viewer).status_code == 403
        assert viewer.post(address).status_code == 403
        assert not Invoice.objects.exists()
        assert url("chorus_invoice_import") not in page(viewer.get(url("chorus_invoice_changelist")))


def test_an_export_of_the_screen_can_be_imported_on_the_screen(accounting: Client, company: Company) -> None:
    make_invoice(company, "F-1", amount_incl_tax="-1234.56", customer="=1+1")
    for form in ("csv", "csv-fr"):
        response: Any = accounting.get(url("chorus_invoice_export", form))
        address = kept(accounting, io.BytesIO(b"".join(response.streaming_content)).getvalue())
        assert counts(accounting.get(address)) == {"unchanged": 1, "refused": 0}
