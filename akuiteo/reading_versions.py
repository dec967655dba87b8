"""What the history tables hold -> versions that a person reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Max, Q, QuerySet
from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from akuiteo.roles import name_of
from akuiteo.versions import restored_number

Row = Any  # a row of a history table, as django-simple-history makes it
SET_AT = "_set_at"  # "x_set_at" is kept in the history in the place of the secret "x"
CREATED, DELETED = "+", "-"


class SecretSetAt(NamedTuple):
    """All that the history knows of a secret: when the present one was stored."""

    at: datetime | None

    def __str__(self) -> str:
        return _("set on %(date)s") % {"date": localize(localtime(self.at))} if self.at else _("set")


Value = str | SecretSetAt


class Line(NamedTuple):
    """One value in two versions; empty where there was or is none."""

    what: str
    old: str
    new: str
    differs: bool
    is_secret: bool


class Version(NamedTuple):
    """What was saved at one moment. `is_first`: the history begins here; values: all, by label."""

    at: datetime
    row: Row
    is_first: bool
    changes: list[Line]
    values: dict[str, Value]

    @property
    def who(self) -> str:
        return who_saved(self.row)

    @property
    def restored(self) -> str:
        """Return the number of the version that was put back in force here, if one was."""
        return restored_number(self.row.history_change_reason or "")

    @property
    def is_creation(self) -> bool:
        return self.is_first and self.row.history_type == CREATED


def who_saved(row: Row) -> str:
    """Return the name of the user who made a row of a history table, else what did."""
    user = row.history_user
    if user:
        return str(user.get_full_name() or user.get_username())
    return row.history_change_reason or _("a command")


class Source(NamedTuple):
    """The rows of one history table that belong to an object, and how one is read: its values by label."""

    rows: QuerySet[Any]
    read: Callable[[Row], dict[str, Value]]


class Versions:
    """The versions of one object, from one or several history tables. Rows of the same moment are one version."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = sources

    def dates(self) -> QuerySet[Any, datetime]:
        """Return the moments of all versions, newest first."""
        first, *others = [source.rows.order_by().values_list("history_date", flat=True) for source in self._sources]
        return (first.union(*others) if others else first.distinct()).order_by("-history_date")

    def of(self, dates: Sequence[datetime]) -> list[Version]:
        """Return the versions of these moments, which follow each other, newest first."""
        return list(self._oldest_first(dates))[::-1] if dates else []

    def rows_at(self, moment: datetime) -> list[list[Row]]:
        """Return the rows that were in force at a moment, by source."""
        return [_in_force(source, Q(history_date__lte=moment)) for source in self._sources]

    def values_at(self, moment: datetime) -> dict[str, Value]:
        return self._values(dict(enumerate(self.rows_at(moment))))

    def _oldest_first(self, dates: Sequence[datetime]) -> Iterator[Version]:
        before, within = Q(history_date__lt=dates[-1]), Q(history_date__gte=dates[-1], history_date__lte=dates[0])
        state = {
            (place, row.id): row for place, source in enumerate(self._sources) for row in _in_force(source, before)
        }
        rows = [(place, row) for place, source in enumerate(self._sources) for row in source.rows.filter(within)]
        rows.sort(key=lambda item: (item[1].history_date, item[0], item[1].history_id))
        for at, together in groupby(rows, key=lambda item: item[1].history_date):
            old, last = self._values(_by_place(state)), None
            for place, row in together:
                last = last if last and last.history_user else row
                state.pop((place, row.id), None)
                if row.history_type != DELETED:
                    state[place, row.id] = row
            new = self._values(_by_place(state))
            yield Version(at, last, not old, [line for line in compared(old, new) if line.differs], new)

    def _values(self, rows: Mapping[int, list[Row]]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        for place, source in enumerate(self._sources):
            for row in rows.get(place, ()):
                values |= source.read(row)
        return values


def _by_place(state: Mapping[tuple[int, int], Row]) -> dict[int, list[Row]]:
    places: dict[int, list[Row]] = {}
    for (place, _id), row in state.items():
        places.setdefault(place, []).append(row)
    return places


def _in_force(source: Source, until: Q) -> list[Row]:
    newest = source.rows.filter(until).order_by().values("id").annotate(newest=Max("history_id")).values("newest")
    return [row for row in source.rows.filter(history_id__in=newest) if row.history_type != DELETED]


def compared(old: Mapping[str, Value], new: Mapping[str, Value]) -> list[Line]:
    """Return all values of two versions, whether they differ or not."""
    lines = []
    for what in {**new, **old}:
        before, after = old.get(what, ""), new.get(what, "")
        is_secret = isinstance(after or before, SecretSetAt)
        lines.append(Line(what, str(before), str(after), before != after, is_secret))
    return lines


class Reader:
    """Reads the rows of a model's history table."""

    def __init__(self, labels: Mapping[str, str | Promise], left_out: Sequence[str]) -> None:
        self._labels = labels
        self._left_out = left_out

    def with_related(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Fetch with the rows what their values are called by."""
        model: Any = rows.model
        foreign = [field.name for field in model.tracked_fields if field.is_relation]
        many = [f"{_members(model, field)}__{_member(field)}" for field in model._history_m2m_fields]
        return rows.select_related("history_user", *foreign).prefetch_related(*many)

    def read(self, row: Row) -> dict[str, Value]:
        fields = [field for field in row.tracked_fields if not field.primary_key and field.name not in self._left_out]
        values = {self._label(field): _value(row, field) for field in fields}
        for field in row._history_m2m_fields:
            rows = getattr(row, _members(type(row), field)).all()
            values[self._label(field)] = ", ".join(sorted(name_of(getattr(row, _member(field)) or "") for row in rows))
        return values

    def _label(self, field: Any) -> str:
        if field.name.endswith(SET_AT):
            field = field.model._meta.get_field(field.name.removesuffix(SET_AT))
        return str(self._labels.get(field.name) or capfirst(str(field.verbose_name)))


def _members(history: Any, field: Any) -> str:
    """Return the name under which a history row has the rows of a many-to-many field, as prefetching wants it."""
    model = getattr(history, field.name).model
    return str(model._meta.get_field("history").remote_field.get_accessor_name())


def _member(field: Any) -> str:
    return str(field.related_model._meta.model_name)


def _value(row: Row, field: Any) -> Value:
    stored = getattr(row, field.attname)
    if field.name.endswith(SET_AT):
        return SecretSetAt(stored) if stored else ""
    if stored is None or stored == "":
        return ""
    if field.is_relation:
        related = getattr(row, field.name)
        return name_of(related) if related else _("deleted since (no. %(key)s)") % {"key": stored}
    if field.choices:
        return str(getattr(row, f"get_{field.name}_display")())
    return _text(stored)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return str(localize(localtime(value)))
    return str(localize(value)) if isinstance(value, date) else str(value)
