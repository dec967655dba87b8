"""Refused lines as a file that can be mended and imported."""

from __future__ import annotations

import io

import pytest

from chorus.invoice_csv.importing import line_parser, open_table, preview_table
from chorus.invoice_csv.reading import as_text
from chorus.invoice_imports.refused_lines import refused_lines
from chorus.models import Company

HEADER = "company;number;date;customer;amount_incl_tax"


@pytest.fixture(autouse=True)
def company(acme: Company) -> Company:
    return acme


def refused(content: bytes) -> bytes:
    table = open_table(as_text(io.BytesIO(content)), None)
    refusals = (refusal for part in preview_table(table, line_parser(None)) for refusal in part.refusals)
    return b"".join(refused_lines(table, refusals))


def test_a_reason_stands_before_the_cells_as_they_were() -> None:
    mark, good, bad = "\ufeff", "ACME;F1;22/11/2026;Lyon;-5", 'ACME;F2;31/11/2026;"Mairie; Nice";-12,50'
    assert refused(f"{HEADER}\n{good}\n{bad}\n".encode()).decode() == (
        f"{mark}refused_because;{HEADER}\r\n"
        f'line 3: date “31/11/2026”: there is no such day;ACME;F2;31/11/2026;"Mairie; Nice";-12,50\r\n'
    )


def test_a_mended_line_can_be_imported_with_its_reason() -> None:
    mended = refused(f"{HEADER}\nACME;F2;31/11/2026;'=1+1;-12,50\n".encode()).replace(b"31/", b"30/")
    (part,) = preview_table(open_table(as_text(io.BytesIO(mended)), None), line_parser(None))
    (planned,) = part.planned
    assert planned.line.values["customer"] == "=1+1"
    assert str(planned.line.values["amount_incl_tax"]) == "-12.50"


@pytest.mark.parametrize("cell", ["=1+1", "'=1+1", "@SUM(1)", "+cmd|' /C calc'!A0", "-2+3"])
def test_s07_a_formula_of_a_refused_line_is_none_in_the_file(cell: str) -> None:
    last = refused(f"{HEADER}\nACME;F2;x;{cell};1\n".encode()).decode().splitlines()[-1]
    assert f";x;'{cell.removeprefix(chr(39))};1" in last


def test_a_line_of_too_few_cells_or_unmatched_quotation_marks_is_given_as_it_is() -> None:
    lines = refused(f'{HEADER}\nACME;F2\nACME;"F3;x;y;z\n'.encode()).decode().splitlines()
    assert lines[1].endswith(";ACME;F2")
    assert lines[2].endswith('"ACME;""F3;x;y;z"')


def test_a_line_that_is_not_utf_8_stays_so_and_is_refused_again() -> None:
    text = refused(f"{HEADER}\nACME;F2;22/11/2026;Orl".encode() + b"\xe9ans;1\n")
    assert b"Orl\xe9ans" in text
    assert b"it is not UTF-8" in refused(text)
