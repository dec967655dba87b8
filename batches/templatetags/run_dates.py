"""Django's way down from years to days, for a list of many runs: its own would read each of them."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Sequence
from typing import Any

from django import template
from django.contrib.admin.views.main import ChangeList
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

register = template.Library()
FIELDS = ("started_at__year", "started_at__month", "started_at__day")
FORMATS = ("Y", "YEAR_MONTH_FORMAT", "MONTH_DAY_FORMAT")


@register.inclusion_tag("admin/date_hierarchy.html")
def run_dates(cl: ChangeList) -> dict[str, Any]:
    """Return the next periods to choose from, between the first run and the last; there may be none in one of them."""
    runs = cl.root_queryset.order_by("started_at", "pk").values_list("started_at", flat=True)
    first, last = runs.first(), runs.last()
    if first is None or last is None:
        return {"show": False}
    chosen = _chosen(cl) or _in_common(localdate(first), localdate(last))
    periods = _periods(chosen, localdate(first), localdate(last))
    return {
        "show": True,
        "back": {"link": _link(cl, chosen[:-1]), "title": _title(chosen[:-1])} if chosen else None,
        "choices": [{"link": _link(cl, each) if each != chosen else "", "title": _title(each)} for each in periods],
    }


def _chosen(cl: ChangeList) -> list[int]:
    """Return the year, the month and the day that the list is narrowed to, as far as it is."""
    chosen = []
    for field in FIELDS:
        if field not in cl.params:
            break
        chosen.append(int(cl.params[field]))  # the list has refused what is no number
    return chosen


def _in_common(first: datetime.date, last: datetime.date) -> list[int]:
    if first.year != last.year:
        return []
    return [first.year] if first.month != last.month else [first.year, first.month]


def _periods(chosen: list[int], first: datetime.date, last: datetime.date) -> list[list[int]]:
    match chosen:
        case []:
            return [[year] for year in range(first.year, last.year + 1)]
        case [year]:
            months = [(year, month) for month in range(1, 13)]
            return [list(each) for each in months if (first.year, first.month) <= each <= (last.year, last.month)]
        case [year, month]:
            days = range(1, calendar.monthrange(year, month)[1] + 1)
            return [[year, month, day] for day in days if first <= datetime.date(year, month, day) <= last]
    return [chosen]


def _title(period: Sequence[int]) -> str:
    if not period:
        return _("All dates")
    day = datetime.date(*period, *(1, 1)[len(period) - 1 :])
    return capfirst(date_format(day, FORMATS[len(period) - 1]))


def _link(cl: ChangeList, period: Sequence[int]) -> str:
    return cl.get_query_string(dict(zip(FIELDS, period, strict=False)), ["started_at__"])
