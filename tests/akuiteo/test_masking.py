"""Secrets stay out of whatever a person may read (S01)."""

from __future__ import annotations

import base64
import html
import io
import itertools
import json
import logging
import time
from collections.abc import Callable, Iterator
from logging.handlers import BufferingHandler
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akuiteo.masking import MASK, SHORTEST, Masker, MaskingFormatter, masker

# A secret of stars may look like the mask itself, and says nothing then.
SECRETS = st.text(st.characters(exclude_characters="*", exclude_categories=["Cs"]), min_size=SHORTEST)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


def test_a_learnt_value_is_masked_wherever_it_stands() -> None:
    one = Masker()
    one.learn("hunter2!")
    assert one.mask("hunter2!: xhunter2!x") == f"{MASK}: x{MASK}x"


def test_a_value_that_was_not_learnt_stays() -> None:
    assert Masker().mask("hunter2!") == "hunter2!"


@pytest.mark.parametrize("spell", [repr, json.dumps, quote, quote_plus])
def test_a_value_is_masked_as_a_program_may_write_it(spell: object) -> None:
    one = Masker()
    one.learn("it's a \"pä\\ss/+ word")
    assert callable(spell)
    assert "word" not in one.mask(spell("it's a \"pä\\ss/+ word"))


def test_s01_a_value_is_masked_however_often_it_was_escaped() -> None:
    """As in the log of a template that holds the repr of a dict that holds the repr of an error."""
    secret = "it's a \"pä\\ss/+ <word> & 😀\n"
    one = Masker()
    one.learn(secret)
    inner: list[Callable[[str], str]] = [str, quote, quote_plus, html.escape, lambda text: repr(text.encode())]
    escapes: list[Callable[[str], str]] = [str, repr, ascii, json.dumps]
    pages: list[Callable[[str], str]] = [str, repr, html.escape]
    for first, second, third, last in itertools.product(inner, escapes, escapes, pages):
        assert "word" not in one.mask(last(third(second(first(secret)))))


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_value_is_masked_in_base64(encode: object) -> None:
    one = Masker()
    one.learn("hünter2?>~")
    assert callable(encode)
    assert one.mask(encode("hünter2?>~".encode()).decode()) == MASK


def test_a_longer_value_is_masked_before_a_shorter_one_in_it() -> None:
    one = Masker()
    one.learn("hunter")
    one.learn("hunter-canary")
    assert one.mask("hunter-canary") == MASK


def test_a_short_value_would_mask_ordinary_words_and_is_masked_by_its_key_alone() -> None:
    one = Masker()
    one.learn("batch")
    assert one.mask("this batch has BATCH_PWD=batch") == f"this batch has BATCH_PWD={MASK}"


@given(st.lists(SECRETS, min_size=1, max_size=4), st.data())
def test_a_learnt_secret_never_survives(secrets: list[str], data: st.DataObject) -> None:
    one = Masker()
    for secret in secrets:
        one.learn(secret)
    parts = data.draw(st.lists(st.one_of(TEXTS, st.sampled_from(secrets)), max_size=8))
    masked = one.mask("".join(parts))
    assert [secret for secret in secrets if secret in masked] == []


@pytest.mark.parametrize(
    "text",
    [
        "pwd=canary",
        "BATCH_PWD = canary",
        "BATCH_PWD='canary'",
        "client_secret=canary&grant_type=client_credentials",
        "clientSecret: canary",
        '{"client_secret": "canary"}',
        '{"access_token":"canary","expires_in":3600}',
        "{'technical_password': 'canary, with a comma'}",
        r'{"password": "can\"canary"}',
        "Authorization: Bearer canary",
        "{'Authorization': 'Basic canary'}",
        "authorization=basic canary",
        "cpro-account: canary",
        "{'cpro-account': b'canary'}",
        "cpro_account=canary",
        "api_key=canary",
        "API-KEY: canary",
        "ANYMAIL_BREVO_API_KEY=canary",
        "SECRET_KEY=canary",
        "mot de passe : canary",
        "mdp=canary",
        "smtp://chorus:canary@mail.example.org:587",
        "postgres://chorus:canary%40@db/chorus",
    ],
)
def test_what_follows_a_key_is_masked(text: str) -> None:
    masked = masker.mask(text)
    assert "canary" not in masked
    assert MASK in masked


@pytest.mark.parametrize(
    "text",
    [
        "the token was renewed",
        "A stored secret cannot be read with FIELD_ENCRYPTION_KEYS: the key was changed or lost.",
        "BATCH_PWD is required. Accepted: a password",
        "statut=REJETEE; numero: F-1",
        "http://127.0.0.1:8000/admin/?next=a@b",
        "https://chorus.example.org/",
    ],
)
def test_other_text_stays(text: str) -> None:
    assert masker.mask(text) == text


@pytest.mark.parametrize(
    "text", ["x" * 300_000, "token" * 60_000, 'token="' * 40_000, "token" + " " * 300_000, "://a:" * 60_000]
)
def test_no_text_makes_masking_slow(text: str) -> None:
    began = time.process_time()
    masker.mask(text)
    assert time.process_time() - began < 2


@pytest.fixture
def log() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskingFormatter("{levelname} {message}", style="{"))
    logger = logging.Logger("masked")
    logger.addHandler(handler)
    yield logger, stream
    handler.close()


def test_a_log_line_masks_its_arguments(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("password=%s for %s", "canary", "anna")
    assert stream.getvalue() == f"WARNING password={MASK} for anna\n"


def test_a_log_line_masks_its_traceback_and_its_stack(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        int("cpro-account: canary")
    except ValueError:
        logger.exception("failed", stack_info=True)
    assert "Traceback" in stream.getvalue()
    assert f"with base 10: 'cpro-account: {MASK}" in stream.getvalue()
    assert "Stack" in stream.getvalue()


def test_masking_a_line_leaves_the_record_to_other_handlers(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, _stream = log
    other = BufferingHandler(capacity=10)
    logger.addHandler(other)
    logger.warning("token=%s", "canary")
    assert other.buffer[0].args == ("canary",)


def test_s06_a_log_line_stays_one_whatever_it_holds(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    logger.warning("Login %s", "anna\r\n2026-11-22 ERROR forged \x1b[2J\u202e")
    assert stream.getvalue() == "WARNING Login anna\\r\\n2026-11-22 ERROR forged \\x1b[2J\\u202e\n"


def test_s06_the_text_of_an_error_makes_no_line_of_the_log(log: tuple[logging.Logger, io.StringIO]) -> None:
    logger, stream = log
    try:
        int("anna")
    except ValueError as error:
        error.add_note("anna\n2026-11-22 WARNING forged\x1b[2J")
        logger.exception("It failed")
    first, *others = stream.getvalue().rstrip("\n").split("\n")
    assert first == "ERROR It failed"
    assert others
    assert all(line.startswith("    ") for line in others)
    assert "\x1b" not in stream.getvalue()
