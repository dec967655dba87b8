"""Filters for mails: hostile text on one line, amounts in the reader's form."""

from __future__ import annotations

from decimal import Decimal

from django import template
from django.utils.formats import number_format

from batches import plain_text

register = template.Library()
SPACE = "\N{NO-BREAK SPACE}"


@register.filter
def one_line(text: str) -> str:
    """Return a text without line breaks and control characters: it cannot pass for another line of the mail."""
    return plain_text.one_line(text)


@register.filter
def amount(value: Decimal, currency: str) -> str:
    """Return an amount with two decimals, in the form of the active language: 1 234,56 €."""
    sign = "€" if currency == "EUR" else currency
    return f"{number_format(value, decimal_pos=2, use_l10n=True, force_grouping=True)}{SPACE}{sign}"
