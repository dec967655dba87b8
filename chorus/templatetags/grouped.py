"""A filter for large counts."""

from __future__ import annotations

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def grouped(count: int) -> str:
    """Return a whole number in the form of the active language: 180 000."""
    return number_format(count, use_l10n=True, force_grouping=True)
