"""Cells of the invoice CSV: text -> value, or CellError. Nothing here knows files or the database."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from batches.plain_text import has_controls
from chorus.invoice_csv.formulas import unescape
from chorus.models import Invoice

ISO_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})", re.ASCII)
FRENCH_DATE = re.compile(r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})", re.ASCII)
AMOUNT = re.compile(r"[+-]?(?:\d+|\d{1,3}(?: \d{3})+)(?:[.,](?P<decimals>\d+))?", re.ASCII)
SIRET = re.compile(r"\d{14}", re.ASCII)
CURRENCY = re.compile(r"[A-Z]{3}")
WHOLE_NUMBER = re.compile(r"\d+", re.ASCII)
LARGEST_CHORUS_ID = 2**63 - 1
DECIMALS = 2
LARGEST_AMOUNT = Decimal(10) ** 13  # 15 digits with the decimals: SQLite would round longer ones
TRUE = frozenset({"true", "vrai", "1"})
FALSE = frozenset({"false", "faux", "0"})


class CellError(ValueError):
    """What was wrong with a cell, and what is accepted."""


def parse_text(cell: str, longest: int | None = None) -> str:
    """Return the text without its line breaks and the ' of an escaped formula."""
    text = " ".join(unescape(cell.strip()).splitlines()).replace("\t", " ").strip()
    if has_controls(text):
        raise CellError(_("it has control characters"))
    if longest is not None and len(text) > longest:
        raise CellError(
            _("%(length)d characters, at most %(longest)d expected") % {"length": len(text), "longest": longest}
        )
    return text


def parse_date(cell: str) -> dt.date:
    text = cell.strip()
    match = ISO_DATE.fullmatch(text) or FRENCH_DATE.fullmatch(text)
    try:
        if match:
            return dt.date(int(match["year"]), int(match["month"]), int(match["day"]))
    except ValueError as error:
        raise CellError(_("there is no such day")) from error
    raise CellError(_("a date such as 2026-11-22 or 22/11/2026 expected"))


def parse_amount(cell: str) -> Decimal:
    """Read `1234.56` or `1 234,56`, where any kind of blank separates thousands. Never a float."""
    text = re.sub(r"\s", " ", cell.strip()).replace("\N{MINUS SIGN}", "-")
    match = AMOUNT.fullmatch(text)
    if match is None:
        raise CellError(_("an amount such as 1234.56 or 1 234,56 expected"))
    if len(match["decimals"] or "") > DECIMALS:
        raise CellError(_("more than two decimals"))
    amount = Decimal(text.replace(" ", "").replace(",", "."))
    if abs(amount) >= LARGEST_AMOUNT:
        raise CellError(_("at most 13 digits before the decimals expected"))
    return amount


def parse_siret(cell: str) -> str:
    text = "".join(cell.split())
    if not SIRET.fullmatch(text):
        raise CellError(_("14 digits expected"))
    return text


def parse_currency(cell: str) -> str:
    text = cell.strip().upper()
    if not CURRENCY.fullmatch(text):
        raise CellError(_("a currency of three letters such as EUR expected"))
    return text


def parse_chorus_id(cell: str) -> int:
    text = cell.strip()
    if not WHOLE_NUMBER.fullmatch(text) or len(text) > len(str(LARGEST_CHORUS_ID)):
        raise CellError(_("a whole number expected"))
    if not 0 < int(text) <= LARGEST_CHORUS_ID:
        raise CellError(_("a whole number from 1 to %(largest)d expected") % {"largest": LARGEST_CHORUS_ID})
    return int(text)


def parse_boolean(cell: str) -> bool:
    text = cell.strip().lower()
    if text not in TRUE | FALSE:
        raise CellError(_("True or False (or Vrai, Faux, 1, 0) expected"))
    return text in TRUE


def _text_of(field: str) -> Callable[[str], str]:
    longest: int = getattr(Invoice, field).field.max_length
    return lambda cell: parse_text(cell, longest)


PARSERS: dict[str, Callable[[str], Any]] = {
    "number": _text_of("number"),
    "date": parse_date,
    "customer": _text_of("customer"),
    "customer_siret": parse_siret,
    "service_code": _text_of("service_code"),
    "commitment_number": _text_of("commitment_number"),
    "contract_number": _text_of("contract_number"),
    "project_group": _text_of("project_group"),
    "amount_excl_tax": parse_amount,
    "amount_incl_tax": parse_amount,
    "currency": parse_currency,
    "flow_number": _text_of("flow_number"),
    "chorus_id": parse_chorus_id,
    "deposited_on": parse_date,
    "dematerialized": parse_boolean,
}
"""By column; `company` and `manager` are looked up, not parsed."""

WHEN_EMPTY: dict[str, Any] = {
    "amount_excl_tax": None,
    "amount_incl_tax": None,
    "currency": "EUR",
    "chorus_id": None,
    "deposited_on": None,
    "dematerialized": True,
}
"""What an empty cell stands for; in the other columns, an empty text."""
