"""Dates as readers all over Europe understand them."""

from __future__ import annotations

import datetime as dt

from django.utils import translation
from django.utils.formats import date_format, time_format

MOMENT = dt.datetime(2026, 11, 10, 15, 4)


def test_an_english_date_names_its_month() -> None:
    with translation.override("en"):
        assert {date_format(MOMENT), date_format(MOMENT, "SHORT_DATE_FORMAT")} == {"10 Nov 2026"}


def test_an_english_time_has_24_hours() -> None:
    with translation.override("en"):
        assert time_format(MOMENT.time()) == "15:04"
        shown = {date_format(MOMENT, name) for name in ("DATETIME_FORMAT", "SHORT_DATETIME_FORMAT")}
        assert shown == {"10 Nov 2026, 15:04"}


def test_french_formats_are_those_of_django() -> None:
    with translation.override("fr"):
        assert date_format(MOMENT) == "10 novembre 2026"
        assert date_format(MOMENT, "DATETIME_FORMAT") == "10 novembre 2026 15:04"
