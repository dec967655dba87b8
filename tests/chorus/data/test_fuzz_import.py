"""Whatever bytes a file of invoices has: each line is imported or refused with a reason, and no line costs another."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from hypothesis import HealthCheck, given
from hypothesis import example as with_example
from hypothesis import settings as examples
from hypothesis import strategies as st

from batches.plain_text import has_controls
from chorus.invoice_csv.cells import PARSERS, CellError
from chorus.invoice_csv.columns import IMPORTED
from chorus.invoice_csv.importing import import_table, line_parser, open_table
from chorus.invoice_csv.reading import CsvTable, Record, Refusal, UnreadableFileError, as_text
from chorus.models import Company, Invoice
from tests.chorus.portal.awkward import ANY_TEXT, TEXTS

with_database = examples(suppress_health_check=[HealthCheck.function_scoped_fixture])

HEADER = "company,number,date"
NUMBERS = ("1", "9" * 400, "-1", "1e400", "NaN", "∞", "१२", "1 234,56", "0x10", "9223372036854775808", "1,5", "10,123")
CELLS = ANY_TEXT | st.sampled_from(
    (*NUMBERS, "ACME", "F1", "2026-11-22", "0000-01-01", "9999-12-31", "31/02/2026", "Vrai", "=1+1", '"', '""', "'=")
)
ENDS = st.sampled_from(("\n", "\r\n", "\r", "\n\n", "\x0b", "\x85", "\u2028"))
RAW_LINES = st.binary(max_size=30) | st.lists(CELLS, max_size=4).map(
    lambda cells: ",".join(cells).encode("utf-8", "surrogatepass")
)


def content(lines: list[bytes], ends: list[str], header: str = HEADER) -> bytes:
    """Return a file with these lines, whose ends follow each other as they are given."""
    text = header.encode()
    for place, line in enumerate(lines):
        text += ends[place % len(ends)].encode() + line
    return text


def read(file: bytes) -> tuple[list[Record | Refusal], str]:
    """Return the records and refused lines of a file, or why it cannot be read."""
    try:
        return list(CsvTable(as_text(io.BytesIO(file)))), ""
    except UnreadableFileError as error:
        return [], str(error)


def imported(file: bytes) -> tuple[Counter[str], list[Refusal]]:
    """Import a file; return the counts and the refused lines."""
    counts: Counter[str] = Counter()
    refusals: list[Refusal] = []
    for progress in import_table(open_table(as_text(io.BytesIO(file)), None), line_parser(None)):
        counts += progress.counts
        refusals += progress.refusals
    return counts, refusals


@given(st.binary(max_size=200) | st.builds(content, st.lists(RAW_LINES, max_size=6), st.lists(ENDS, min_size=1)))
@with_example(b'a,b\r"x\ry",1\n\r\n"z"",\n')
@with_example(b"\xff\xfea,b")
def test_f26_any_bytes_are_records_and_refused_lines(file: bytes) -> None:
    results, sentence = read(file)
    assert not has_controls(sentence)
    assert [result.line for result in results] == sorted({result.line for result in results})
    for result in results:
        if isinstance(result, Refusal):
            assert result.reason
            assert not has_controls(result.reason)
        else:
            assert not any("\0" in cell or "\udcff" in cell for cell in result.cells.values())


@given(st.lists(RAW_LINES, max_size=3), st.lists(RAW_LINES, max_size=3), st.lists(ENDS, min_size=1, max_size=3))
def test_f26_a_good_line_is_read_whatever_stands_before_and_after(
    before: list[bytes], after: list[bytes], ends: list[str]
) -> None:
    """Where no earlier line opens a quotation: such a line and those it joins are refused one by one."""
    good = b"ACME,F-GOOD,2026-11-22"
    quiet = [line.replace(b'"', b"") for line in (*before, *after)]
    lines = [*quiet[: len(before)], good, *quiet[len(before) :]]
    results, _sentence = read(content(lines, [end for end in ends if end in ("\n", "\r\n", "\r")] or ["\n"]))
    assert "F-GOOD" in [result.cells.get("number") for result in results if isinstance(result, Record)]


@pytest.mark.parametrize("column", PARSERS)
@given(cell=CELLS)
def test_f26_any_cell_is_a_value_or_refused_in_words(column: str, cell: str) -> None:
    reason = "taken"
    try:
        PARSERS[column](cell)
    except CellError as error:
        reason = str(error)
    assert reason
    assert not has_controls(reason)


@with_database
@given(
    columns=st.lists(st.sampled_from(IMPORTED[3:]), unique=True, max_size=5),
    rows=st.lists(st.tuples(CELLS, st.lists(CELLS, min_size=5, max_size=5)), max_size=4),
)
@with_example(columns=["customer", "chorus_id"], rows=[(text, ["1"] * 5) for text in TEXTS])
def test_f26_any_cells_are_imported_or_refused_beside_a_good_line(
    acme: Company, columns: list[str], rows: list[tuple[str, list[str]]]
) -> None:
    """What is taken can be stored: on PostgreSQL as well, which refuses more."""
    Invoice.objects.all().delete()
    good = ["ACME", "F-GOOD", "2026-11-22", *("" for _ in columns)]
    bad = [["ACME", number, "2026-11-22", *cells[: len(columns)]] for number, cells in rows]
    lines = [",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in line) for line in (*bad, good)]
    file = "\n".join([",".join([HEADER, *columns]), *lines]).encode("utf-8", "surrogatepass")
    counts, refusals = imported(file)
    assert Invoice.objects.filter(number="F-GOOD").exists()
    assert counts["created"] == Invoice.objects.count()
    assert counts["refused"] == len(refusals)
    assert not any(has_controls(refusal.reason) for refusal in refusals)
