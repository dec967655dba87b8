"""Strict checks of JSON: of the API's request bodies, and of the seed file."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from chorus.local_portal import dates

Check = Callable[[Any], None]
INT32 = 2**31
INT64 = 2**63


class MalformedError(Exception):
    """Some JSON is not what is due; `place` says where, as in `invoices[3].number`."""

    def __init__(self, problem: str, place: str = "") -> None:
        super().__init__(problem, place)
        self.problem = problem
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.problem}" if self.place else self.problem

    def inside(self, step: str) -> "MalformedError":
        """Return the same problem, seen from the object or list that contains it."""
        separator = "" if not self.place or self.place.startswith("[") else "."
        return MalformedError(self.problem, f"{step}{separator}{self.place}")


def text(value: Any) -> None:
    if not isinstance(value, str):
        raise MalformedError(f"a text is due, not {_kind(value)}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise MalformedError("the text is not valid Unicode") from error


def filled(value: Any) -> None:
    text(value)
    if not value.strip():
        raise MalformedError("the text is empty")


def text_up_to(length: int) -> Check:
    def check(value: Any) -> None:
        text(value)
        if len(value) > length:
            raise MalformedError(f"{len(value)} characters, where at most {length} are accepted")

    return check


def boolean(value: Any) -> None:
    if not isinstance(value, bool):
        raise MalformedError(f"true or false is due, not {_kind(value)}")


def number(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedError(f"a number is due, not {_kind(value)}")
    # SQLite has no larger integers, and no amount comes near.
    if abs(value) >= INT64:
        raise MalformedError("the number is too large")


def integer(low: int = -INT64, high: int = INT64 - 1) -> Check:
    def check(value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise MalformedError(f"a whole number is due, not {_kind(value)}")
        if not low <= value <= high:
            raise MalformedError(f"{value} is not between {low} and {high}")

    return check


def one_of(values: Collection[str]) -> Check:
    def check(value: Any) -> None:
        text(value)
        if value not in values:
            raise MalformedError(f"{value!r} is not one of {', '.join(values)}")

    return check


def date(value: Any) -> None:
    text(value)
    if not dates.is_date(value):
        raise MalformedError(f"{value!r} is not a date as 2026-11-22, 2026-11-22T10:30:00 or 2026-11-22T10:30:00+01:00")


def day(value: Any) -> None:
    text(value)
    if not dates.is_day(value):
        raise MalformedError(f"{value!r} is not a day as 2026-11-22")


def list_of(check_item: Check, at_least: int = 0, at_most: int = INT32) -> Check:
    def check(value: Any) -> None:
        if not isinstance(value, list):
            raise MalformedError(f"a list is due, not {_kind(value)}")
        if len(value) < at_least:
            raise MalformedError(f"the list is empty, where at least {at_least} is due")
        if len(value) > at_most:
            raise MalformedError(f"{len(value)} items, where at most {at_most} are accepted")
        for position, item in enumerate(value):
            _check_at(f"[{position}]", check_item, item)

    return check


def any_object(value: Any) -> None:
    if not isinstance(value, dict):
        raise MalformedError(f"an object is due, not {_kind(value)}")


def record(properties: Mapping[str, Check], needed: Collection[str] = ()) -> Check:
    """Return a check of an object that may have these properties and no other, and must have the needed ones."""

    def check(value: Any) -> None:
        any_object(value)
        for name in value:
            if name not in properties:
                raise MalformedError(f"unknown property; known are {', '.join(properties)}", name)
            _check_at(name, properties[name], value[name])
        for name in needed:
            if name not in value:
                raise MalformedError("missing", name)

    return check


def _check_at(step: str, check: Check, value: Any) -> None:
    try:
        check(value)
    except MalformedError as error:
        raise error.inside(step) from error


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a text", bool: "a boolean", type(None): "null"}
    return kinds.get(type(value), "a number")
