"""The preview of an import tells what the import then does, and writes nothing."""

from __future__ import annotations

import datetime as dt
import io
from collections import Counter
from collections.abc import Iterable
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from akuiteo.models import User
from chorus.invoice_csv import importing
from chorus.invoice_csv.importing import Progress, import_table, line_parser, open_table, preview_table
from chorus.invoice_imports.report import Report, report
from chorus.models import Company, Invoice

HEADER = "company,number,date"
LINE = st.tuples(
    st.sampled_from(["F1", "F2", "F3", "F4", "F5"]),
    st.sampled_from(["2026-11-01", "2026-11-02", "x"]),
    st.sampled_from(["", "1", "2", "3"]),
)


@pytest.fixture(autouse=True)
def company(acme: Company) -> Company:
    return acme


def existing(**values: object) -> Invoice:
    values = {"number": "F1", "date": dt.date(2026, 11, 1), "ask_by_number": False} | values
    return Invoice.objects.create(company=Company.objects.get(code="ACME"), **values)


def parts(text: str, *, write: bool = False) -> Iterable[Progress]:
    table = open_table(io.StringIO(text), None)
    return (import_table if write else preview_table)(table, line_parser(None))


def previewed(text: str) -> Report:
    return report(parts(text))


def outcome(progress: Iterable[Progress]) -> list[tuple[Counter[str], list[str], list[str]]]:
    return [
        (part.counts, [planned.what for planned in part.planned], [refusal.reason for refusal in part.refusals])
        for part in progress
    ]


def test_a_preview_writes_nothing() -> None:
    existing()
    before = list(Invoice.objects.values())
    assert previewed(f"{HEADER}\nACME,F1,2026-11-22\nACME,F2,2026-11-22\n").counts == Counter(created=1, updated=1)
    assert list(Invoice.objects.values()) == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(LINE, max_size=8), st.lists(LINE, max_size=8))
def test_an_import_does_what_its_preview_told_whatever_the_chunks(
    stored: list[tuple[str, str, str]], lines: list[tuple[str, str, str]]
) -> None:
    Invoice.objects.all().delete()
    list(parts(file_of(stored), write=True))
    with patch.object(importing, "CHUNK", 2):
        told, done = outcome(parts(file_of(lines))), outcome(parts(file_of(lines), write=True))
    assert told == done


def file_of(lines: list[tuple[str, str, str]]) -> str:
    return f"{HEADER},chorus_id\n" + "".join(f"ACME,{','.join(line)}\n" for line in lines)


def test_a_chorus_id_that_an_earlier_line_has_given_away_is_free() -> None:
    existing(chorus_id=1)
    text = f"{HEADER},chorus_id\nACME,F1,2026-11-01,2\nACME,F2,2026-11-01,1\n"
    assert previewed(text).counts == Counter(updated=1, created=1)
    list(parts(text, write=True))
    assert dict(Invoice.objects.values_list("number", "chorus_id")) == {"F1": 2, "F2": 1}


def test_a_change_is_told_with_old_and_new_value_in_the_readers_form() -> None:
    manager = User.objects.create(username="anne")
    existing(customer="Lyon", manager=manager, amount_incl_tax="5.5", dematerialized=True)
    header = f"{HEADER},customer,manager,amount_incl_tax,dematerialized"
    (line,) = previewed(f"{header}\nACME,F1,2026-11-02,Nice,,1234.5,0\n").updated
    assert [(change.label, change.old, change.new) for change in line.changes] == [
        ("Date", "1 Nov 2026", "2 Nov 2026"),
        ("Customer", "Lyon", "Nice"),
        ("Amount incl. tax", "5.50", "1,234.50"),
        ("Dematerialized", "yes", "no"),
        ("Invoice manager", "anne", "-"),
    ]


def test_a_refused_line_is_shown_with_its_reason_and_its_cells() -> None:
    (line,) = previewed(f"{HEADER},customer\nACME,F1,x,Ly\x1bon\n").refused
    assert line.reason.startswith("line 2: date “x”: ")
    assert line.text == "ACME | F1 | x | Ly\\x1bon"


def test_only_the_first_lines_of_each_kind_are_kept_and_all_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chorus.invoice_imports.report.SHOWN", 2)
    lines = "".join(f"ACME,F{number},2026-11-22\nACME,,\n" for number in range(5))
    found = previewed(f"{HEADER}\n{lines}")
    assert (len(found.created), len(found.refused)) == (2, 2)
    assert found.counts == Counter(created=5, refused=5)
