import pytest
from hypothesis import given
from hypothesis import strategies as st

from chorus.invoice_csv.formulas import escape, unescape

ANY_TEXT = st.text() | st.text(alphabet="'=+-@ \t\r\na\u00a0＝", max_size=6)


@pytest.mark.parametrize(
    "text", ["=1+1", "+33", "-2", "@SUM(A1)", "\tx", "\rx", "  =1", "\u00a0=1", "＝1", " \t=1", "'=1"]
)
def test_what_a_spreadsheet_would_run_is_escaped(text: str) -> None:
    assert escape(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "F-2026", "a=b", "'tis", "''", " x", "L'=a"])
def test_other_texts_are_left_alone(text: str) -> None:
    assert escape(text) == unescape(text) == text


@given(ANY_TEXT)
def test_every_text_is_the_same_after_escape_and_unescape(text: str) -> None:
    assert unescape(escape(text)) == text


@given(ANY_TEXT)
def test_no_escaped_text_begins_like_a_formula(text: str) -> None:
    assert not escape(text).lstrip().startswith(tuple("=+-@＝＋－＠"))
