"""What every fault has, and at which moments of a call it may act."""

import dataclasses
import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask import Response

from chorus.local_portal.checks import INT32, Check, MalformedError, filled, integer
from chorus.local_portal.http import paths
from chorus.local_portal.operations import Call
from chorus.local_portal.searches.search import Caps

CHECK = "check"


class FaultError(ValueError):
    """A fault cannot be had as it is asked for; the message says what is accepted."""


def checked(check: Check) -> Mapping[str, Check]:
    """Return the metadata of a parameter that has to pass a check; one whose default is None may be left out."""
    return {CHECK: check}


def share(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 1:
        raise MalformedError(f"{value!r} is not a number above 0 and up to 1, as 0.1")


count = integer(1, INT32)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Something that goes wrong on purpose, for the calls of an `account` (technical login, or client id of PISTE) and
    to a `path` (or to all that begin as one that ends with `*`); left out, for every one.

    The first `after` of these calls are spared, then a share of them (`rate`, by a random that starts at `seed`) is
    hit, until `times` were. Raises FaultError.
    """

    kind: ClassVar[str]
    paths: ClassVar[frozenset[str]] = paths.ALL
    """Where the fault makes sense."""
    decides: ClassVar[bool] = False
    """Whether it makes the whole answer; only one that does acts on a call."""

    account: str | None = field(default=None, metadata=checked(filled))
    path: str | None = field(default=None, metadata=checked(filled))
    rate: float = field(default=1.0, metadata=checked(share))
    times: int | None = field(default=None, metadata=checked(count))
    after: int = field(default=0, metadata=checked(integer(0, INT32)))
    seed: int | None = field(default=None, metadata=checked(integer()))

    def __post_init__(self) -> None:
        for parameter in dataclasses.fields(self):
            value = getattr(self, parameter.name)
            if value is None and parameter.default is None:
                continue
            try:
                parameter.metadata[CHECK](value)
            except MalformedError as error:
                raise FaultError(f"{self.kind}: {written(parameter.name)}: {error}") from error
        if self.path and not any(self._has_in_path(path) for path in self.paths):
            known = ", ".join(sorted(self.paths))
            raise FaultError(f"{self.kind}: path: {self.path!r} is none of {known}; the last character may be *")

    @property
    def is_random(self) -> bool:
        return self.rate < 1

    def fits(self, path: str, account: str) -> bool:
        """Tell whether a call is one that it is for; the path is empty where the gateway does not know it."""
        is_one_of_its = path in self.paths or (not path and self.paths == paths.ALL)
        return is_one_of_its and self._has_in_path(path) and self.account in (None, account)

    def _has_in_path(self, path: str) -> bool:
        if self.path is None:
            return True
        return path.startswith(self.path[:-1]) if self.path.endswith("*") else path == self.path

    def before(self, now: datetime.datetime) -> Response | None:
        """Act before the call reaches anything; return the answer if there is one already. `now` is this machine's."""
        return None

    def asked(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body as the operation shall take it."""
        return body

    def granted(self, caps: Caps) -> Caps:
        """Return what the operation shall grant at most."""
        return caps

    def done(self, call: Call, answer: Mapping[str, Any]) -> None:
        """Act once the operation has its answer."""

    def answered(self, reply: Response) -> Response:
        """Return the answer as it shall leave, whoever made it."""
        return reply

    def sent(self, reply: Response) -> Response:
        """Return the answer so that it leaves as slowly as it shall."""
        return reply

    def as_json(self) -> dict[str, Any]:
        """Return what was asked for, in the form that is also read."""
        values = {written(parameter.name): getattr(self, parameter.name) for parameter in dataclasses.fields(self)}
        defaults = {written(parameter.name): parameter.default for parameter in dataclasses.fields(Fault)}
        wanted = {
            name: value
            for name, value in values.items()
            if value is not None and (name not in defaults or value != defaults[name])
        }
        return {"kind": self.kind, **wanted}


def written(name: str) -> str:
    """Return the name of a parameter as people write it: retry-after."""
    return name.replace("_", "-")
