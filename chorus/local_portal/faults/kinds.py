"""All kinds of faults, and how they are read from a text or from JSON."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from chorus.local_portal.checks import MalformedError, any_object, text
from chorus.local_portal.faults.bodies import EmptyBody, HugeBody, InvalidBody, TruncatedBody
from chorus.local_portal.faults.contents import SingleObject, UnknownKeys, UnknownStatus
from chorus.local_portal.faults.fault import Fault, FaultError, written
from chorus.local_portal.faults.refusals import (
    DyingToken,
    InvalidClient,
    Redirect,
    ServerError,
    TooMany,
    Unauthorized,
)
from chorus.local_portal.faults.rows import MovingRows, PageCap, TotalCap
from chorus.local_portal.faults.slowness import Drip, Latency, Reset

KINDS: Mapping[str, type[Fault]] = {
    fault.kind: fault
    for fault in (
        Latency,
        PageCap,
        TotalCap,
        MovingRows,
        TooMany,
        InvalidClient,
        Unauthorized,
        DyingToken,
        ServerError,
        EmptyBody,
        TruncatedBody,
        InvalidBody,
        Drip,
        Reset,
        Redirect,
        HugeBody,
        UnknownKeys,
        UnknownStatus,
        SingleObject,
    )
}


def parse_text(written_fault: str) -> Fault:
    """Read a fault such as `kind=too-many,retry-after=5,times=3`. Raises FaultError."""
    members: dict[str, str] = {}
    for part in written_fault.split(","):
        name, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or not name:
            raise FaultError(f"{part.strip()!r} is not name=value, as in kind=too-many,retry-after=5,times=3")
        if name in members:
            raise FaultError(f"{name} is given twice")
        members[name] = value
    types = {parameter.name: parameter.type for parameter in dataclasses.fields(_class(members))}
    return parse_json({name: _value(value, types.get(_field(name))) for name, value in members.items()})


def parse_json(members: Any) -> Fault:
    """Read a fault such as `{"kind": "too-many", "retry-after": 5, "times": 3}`. Raises FaultError."""
    kind = _class(members)
    parameters = {written(parameter.name): parameter for parameter in dataclasses.fields(kind)}
    given = {name: value for name, value in members.items() if name != "kind"}
    for name in given:
        if name not in parameters:
            _refuse(kind, f"{name!r} is not known", parameters)
    for name, parameter in parameters.items():
        if name not in given and parameter.default is dataclasses.MISSING:
            _refuse(kind, f"{name} is missing", parameters)
    return kind(**{_field(name): value for name, value in given.items()})


def _class(members: Any) -> type[Fault]:
    try:
        any_object(members)
        text(members.get("kind"))
    except MalformedError as error:
        raise FaultError(f"a fault is an object with a kind, and that is one of {', '.join(KINDS)}") from error
    if members["kind"] not in KINDS:
        raise FaultError(f"kind: {members['kind']!r} is not one of {', '.join(KINDS)}")
    return KINDS[members["kind"]]


def _refuse(kind: type[Fault], problem: str, parameters: Mapping[str, Any]) -> NoReturn:
    raise FaultError(f"{kind.kind}: {problem}; accepted are {', '.join(parameters)}")


def _field(name: str) -> str:
    return name.replace("-", "_")


def _value(value: str, due: Any) -> Any:
    """Return the number or boolean that a text stands for where one is due; what it cannot be is refused later."""
    if due in (str, str | None):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value
