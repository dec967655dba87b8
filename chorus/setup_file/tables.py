"""Typed reading of a TOML table. What is wrong is remembered with its place, so that all is told at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext as _

from akuiteo.environment import variable
from batches.plain_text import has_controls, one_line, quoted

VARIABLE = re.compile(r"\$\{([^}]*)\}?")
WHOLE_NUMBERS = range(-(2**63), 2**63)  # of TOML; Python reads larger ones and cannot always write them
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class ValueProblem(ValueError):  # noqa: N818 - it is noted, not raised to a caller
    """Why a value is not taken; without the value, which may be a secret."""


class Table:
    """One table. `place` is its name in messages; `accepted` are its keys: every other one is a problem."""

    def __init__(self, place: str, values: Mapping[str, Any], accepted: tuple[str, ...], problems: list[str]) -> None:
        self.place = place
        self.problems = problems
        self._values = values
        self._problems_before = len(problems)
        for key in values:
            if key not in accepted:
                self.problem(
                    _("unknown key %(key)s; accepted: %(accepted)s")
                    % {"key": quoted(key), "accepted": ", ".join(accepted)}
                )

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    @property
    def is_wrong(self) -> bool:
        """Whether this table had problems so far, or one below it."""
        return len(self.problems) > self._problems_before

    def problem(self, text: str) -> None:
        line = f"{self.place}: {text}" if self.place else text
        if line not in self.problems:
            self.problems.append(line)

    def require(self, *keys: str) -> None:
        for key in keys:
            if key not in self:
                self.problem(_("%s is missing") % key)

    def refuse_empty(self, *keys: str) -> None:
        for key in keys:
            if self._values.get(key) == "":
                self.problem(_("%s is empty") % key)

    def text(self, key: str) -> str | None:
        """Return a text on one line, with the variables in it; None when it is left out or wrong."""
        value = self._read(key, str, _("a text expected, in quotation marks"))
        if value is None:
            return None
        try:
            return expand(value)
        except ValueProblem as problem:
            self.problem(f"{key}: {problem}")
        return None

    def boolean(self, key: str) -> bool | None:
        value: bool | None = self._read(key, bool, _("true or false expected, without quotation marks"))
        return value

    def date(self, key: str) -> dt.date | None:
        value: dt.date | None = self._read(
            key, dt.date, _("a date such as 2026-10-01 expected, without quotation marks")
        )
        return value

    def texts(self, key: str) -> list[str] | None:
        values: list[str] | None = self._read(key, list, _('a list of texts expected, such as ["a", "b"]'))
        if values is None or all(isinstance(value, str) for value in values):
            return values
        self.problem(_('%s: a list of texts expected, such as ["a", "b"]') % key)
        return None

    def scalar_as_text(self, key: str) -> str | None:
        """Return a text, a boolean or a whole number as text."""
        value = self._values.get(key)
        if isinstance(value, int) and value in WHOLE_NUMBERS:
            return str(value)
        if isinstance(value, str):
            return self.text(key)
        self.problem(_("%s: a text, a boolean or a whole number expected") % key)
        return None

    def table(self, key: str, accepted: tuple[str, ...]) -> Table | None:
        values = self._read(key, dict, _("a table expected: write [%s]") % key)
        return None if values is None else Table(self._place_of(key), values, accepted, self.problems)

    def tables(self, key: str, accepted: tuple[str, ...], named_by: str) -> Iterator[Table]:
        """Yield the tables of [[key]]. Their places count from 1 and show what `named_by` says."""
        expected = _("a list of tables expected: write [[%s]]") % key
        entries = self._read(key, list, expected) or []
        for number, values in enumerate(entries, 1):
            if not isinstance(values, dict):
                self.problem(f"{key}: {expected}")
                return
            name = values.get(named_by)
            label = f" ({one_line(name)})" if isinstance(name, str) else ""
            yield Table(f"{self._place_of(key)}[{number}]{label}", values, accepted, self.problems)

    def _read(self, key: str, kind: type, expected: str) -> Any:
        value = self._values.get(key)
        # In Python a date-time is a date, but not what is expected here.
        if value is None or (isinstance(value, kind) and not isinstance(value, dt.datetime)):
            return value
        self.problem(f"{key}: {expected}")
        return None

    def _place_of(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key


def expand(text: str) -> str:
    """Replace each ${NAME} by the environment's value. Raises ValueProblem."""
    expanded = VARIABLE.sub(_value_of, text)
    if has_controls(expanded):
        raise ValueProblem(_("it has line breaks or control characters"))
    return expanded


def _value_of(match: re.Match[str]) -> str:
    if not NAME.match(match[1]) or not match[0].endswith("}"):
        raise ValueProblem(_("${ must be followed by the name of an environment variable and }"))
    try:
        value = variable(match[1])
    except ImproperlyConfigured as error:
        raise ValueProblem(str(error)) from error
    if not value:
        raise ValueProblem(_("the environment variable %s is not set, or empty") % match[1])
    return value
