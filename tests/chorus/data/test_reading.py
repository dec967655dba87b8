from collections.abc import Callable
from pathlib import Path

import pytest

from chorus.invoice_csv import reading
from chorus.invoice_csv.reading import CsvTable, Record, Refusal, UnreadableFileError, check_columns, open_csv

Write = Callable[[str | bytes], Path]


@pytest.fixture
def read(csv_file: Write) -> Callable[[str | bytes], list[Record | Refusal]]:
    def read_all(content: str | bytes) -> list[Record | Refusal]:
        with open_csv(csv_file(content)) as file:
            return list(CsvTable(file))

    return read_all


Read = Callable[[str | bytes], list[Record | Refusal]]


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("beginning", ["", "\ufeff", "\n\n"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_commas_and_semicolons_are_read_with_and_without_bom(
    read: Read, delimiter: str, beginning: str, end: str
) -> None:
    content = beginning + end.join((delimiter.join(("Number", " date")), delimiter.join(("F1", "2026-11-22")), ""))
    (record,) = read(content)
    assert isinstance(record, Record)
    assert record.cells == {"number": "F1", "date": "2026-11-22"}


def test_a_quoted_cell_may_have_delimiters_and_line_breaks_and_lines_are_counted_as_an_editor_does(read: Read) -> None:
    assert read('number,customer\n"F,1","Mairie ""de""\nLyon"\n\n , \nF2,Paris\n') == [
        Record(2, {"number": "F,1", "customer": 'Mairie "de"\nLyon'}),
        Record(6, {"number": "F2", "customer": "Paris"}),
    ]


def test_a_line_with_too_few_or_too_many_cells_is_refused(read: Read) -> None:
    assert read("number,customer\nF1\nF2,Lyon,x\nF3,Paris\n") == [
        Refusal(2, "1 cells, but the header has 2", ["F1"]),
        Refusal(3, "3 cells, but the header has 2", ["F2", "Lyon", "x"]),
        Record(4, {"number": "F3", "customer": "Paris"}),
    ]


def test_a_quotation_mark_too_many_costs_its_own_line_only(read: Read) -> None:
    results = read('number,customer\nF1,"Lyon\nF2,Paris\nF3,"Nice"\nF4,"Brest\n')
    assert [result.line for result in results if isinstance(result, Refusal)] == [2, 5]
    assert [result.cells["number"] for result in results if isinstance(result, Record)] == ["F2", "F3"]


def test_a_quotation_mark_that_joins_two_lines_costs_the_first_only(read: Read) -> None:
    results = read('number,customer,service\nF1,"Lyon,S1\nF2,Paris,S2"\nF3,Nice,S3\n')
    assert [type(result) for result in results] == [Refusal, Record, Record]


def test_a_cell_that_never_ends_does_not_take_the_rest_of_the_file(read: Read) -> None:
    results = read('number,customer\nF0,"Lyon\n' + "".join(f"F{n},{'x' * 100}\n" for n in range(1, 3001)))
    assert isinstance(results[0], Refusal)
    assert results[0].line == 2
    assert [result.line for result in results[1:]] == list(range(3, 3003))


def test_a_file_whose_lines_take_all_others_by_mistake_is_refused_in_time(read: Read) -> None:
    with pytest.raises(UnreadableFileError, match="the quotation marks from line 22 on do not match"):
        read("number,customer\n" + 'x","a\n' * 50_000)


def test_a_record_without_end_is_refused_before_it_fills_the_memory(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LONGEST_RECORD", 1000)
    with pytest.raises(UnreadableFileError, match="from line 2 on"):
        read("number,customer\n" + 'x","a\n' * 2000)


def test_a_line_of_very_many_cells_is_kept_as_one(read: Read) -> None:
    (refusal,) = read("number,customer\n" + "x" + "," * 1000 + "\nF1,Lyon\n")[:1]
    assert isinstance(refusal, Refusal)
    assert refusal.cells == ["x" + "," * 1000]


@pytest.mark.parametrize(("bad", "why"), [(b"\xe9", "UTF-8"), (b"\0", "NUL")])
def test_a_line_that_is_not_utf_8_or_has_nul_is_refused_alone(read: Read, bad: bytes, why: str) -> None:
    refusal, record = read(b"number,customer\nF1,Orl" + bad + b"ans\nF2,Paris\n")
    assert isinstance(refusal, Refusal)
    assert refusal.line == 2
    assert why in refusal.reason
    assert isinstance(record, Record)


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", "number,date\nF1,2026-11-22\n".encode("utf-16"), b"num\xe9ro,date\n"]
)
def test_a_file_without_a_readable_header_is_refused(read: Read, content: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        read(content)


def test_a_line_without_end_is_refused_before_it_fills_the_memory(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_LINE", 1000)
    with pytest.raises(UnreadableFileError, match="line 2"):
        read("number,date\n" + "x" * 2000)


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nowhere.csv"):
        with pytest.raises(UnreadableFileError):
            open_csv(path)


def test_unknown_missing_and_repeated_columns_are_named() -> None:
    with pytest.raises(UnreadableFileError) as caught:
        check_columns(["company", "numero", "", "date", "date"], ["company", "number", "date"])
    assert str(caught.value).startswith(
        "unknown columns: “numero”, “”; missing columns: number; columns that stand there twice: date ("
        "accepted columns: company, number, date, customer,"
    )


def test_required_columns_are_enough() -> None:
    check_columns(["date", "number", "company"], ["company", "number", "date"])
