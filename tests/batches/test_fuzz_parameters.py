"""Whatever is written as a parameter, it is a value or refused in words; written again, it is the same value."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from pytest_django import Settings

from batches.kinds import Boolean, Choices, DirectoryName, Email, Emails, FileNamePart, Kind, Text, log_directory
from batches.parameters import COMMON_PARAMETERS, LOG_LEVELS, Parameter, ParameterError
from batches.plain_text import has_controls
from chorus.batch_templates import CheckFacturesClientChorus
from chorus.company_codes import CompanyCodes
from chorus.models import Company

ANY_TEXT = st.text(st.characters(codec=None), max_size=40)  # halves of characters too
AWKWARD = st.sampled_from(
    ("\x00", "\ud800", "\u202e", "\r\n", ";;;", " ; ", "..", "/", "\\", "~", "\u0130", "ﬁ", "ß", "'")
)
ADDRESSES = st.from_regex(r"\A[a-zA-Z.+'_-]{1,8}@[a-zé0-9-]{1,8}\.(fr|org)\Z")
KINDS: dict[str, tuple[Kind, SearchStrategy[str]]] = {
    "boolean": (Boolean(), st.sampled_from((*Boolean.VALUES, "VRAI", "TrUe", "0 0"))),
    "text": (Text(), ANY_TEXT),
    "choices": (Choices(LOG_LEVELS), st.lists(st.sampled_from((*LOG_LEVELS, "log", "Warn"))).map(" ;".join)),
    "emails": (Emails(), st.lists(ADDRESSES | st.sampled_from(("a@b", "a@b.fr", "é@b.fr"))).map(";".join)),
    "email": (Email(), ADDRESSES),
    "directory": (DirectoryName(), st.lists(st.sampled_from(("a", "b.c", "..", "", ".", "é" * 200))).map("/".join)),
    "file name": (FileNamePart(), st.from_regex(r"[A-Za-z0-9._-]{0,66}")),
    "companies": (CompanyCodes(), st.lists(st.sampled_from(("ACME", "*****", "NOWHERE", "acme"))).map(";".join)),
}
DECLARED = {**CheckFacturesClientChorus().declared(), **{each.code: each for each in COMMON_PARAMETERS}}
with_database = examples(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def acme(db: None) -> Company:
    return Company.objects.create(code="ACME", name="Acme", siret="33254021516357")


def any_text(likely: SearchStrategy[str]) -> SearchStrategy[str]:
    """Return texts of which some are taken, some nearly so, and some are nonsense."""
    return likely | ANY_TEXT | st.tuples(likely, AWKWARD, likely).map("".join)


def read(parse: Callable[[str], Any], text: str) -> tuple[Any, ValueError | None]:
    """Return the value of a text that is taken, or the error of one that is not."""
    try:
        return parse(text), None
    except ValueError as error:
        return None, error


@pytest.mark.parametrize("name", KINDS)
@with_database
@given(data=st.data())
def test_f36_any_text_is_a_value_or_refused_in_words(name: str, data: st.DataObject) -> None:
    kind, likely = KINDS[name]
    text = data.draw(any_text(likely).filter(bool))
    value, error = read(kind.parse, text)
    if error:
        assert type(error) is ValueError
        assert str(error)
        assert not has_controls(str(error))
        return
    again = ";".join(value) if isinstance(value, tuple) else str(value)
    assert not again or kind.parse(again) == value


@pytest.mark.parametrize("code", DECLARED)
@with_database
@given(data=st.data())
def test_f36_a_refusal_names_the_parameter_and_what_is_accepted_and_no_secret(code: str, data: st.DataObject) -> None:
    parameter: Parameter = DECLARED[code]
    text = data.draw(ANY_TEXT)
    _value, error = read(parameter.parse, text)
    if error is None:
        return
    assert isinstance(error, ParameterError)
    assert error.message.startswith("The value of BATCH_PWD is refused" if parameter.secret and text else code)
    assert error.message.endswith(str(parameter.kind.accepted))
    assert not has_controls(error.message)


@with_database
@given(text=any_text(KINDS["emails"][1]))
def test_s04_every_address_that_is_taken_can_stand_in_a_header(text: str) -> None:
    addresses, _error = read(Emails().parse, text)
    built = EmailMultiAlternatives("subject", "text", "from@example.org", to=addresses, reply_to=addresses)
    header = str(built.message()["To"] or "")
    assert not re.search(r"[\r\n](?![ \t])", header)


@with_database
@given(text=any_text(KINDS["directory"][1]))
def test_s05_every_directory_that_is_taken_is_under_the_log_root(text: str, settings: Settings) -> None:
    name, _error = read(DirectoryName().parse, text)
    assert name is None or log_directory(name).is_relative_to(settings.LOG_ROOT.resolve())
