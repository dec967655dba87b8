"""Faults in the JSON of an answer, which is still JSON."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar

from flask import Response

from chorus.local_portal.checks import filled
from chorus.local_portal.faults.fault import Fault, checked
from chorus.local_portal.http import paths
from chorus.local_portal.http.replies import json_bytes

STATUS_MEMBERS = frozenset(
    {
        "statut",
        "statutFacture",
        "statutCourant",
        "statutCourantCode",
        "histoStatutCode",
        "nouveauStatut",
        "etatCourant",
        "codeStatutFacture",
        "statutPossiblePourTraitement",
        "etatCourantDepotFlux",
        "etatCourantFlux",
    }
)


@dataclass(frozen=True, kw_only=True)
class UnknownKeys(Fault):
    """Every object of the answer has a member that nobody documented."""

    kind: ClassVar[str] = "unknown-keys"

    def answered(self, reply: Response) -> Response:
        return _changed(reply, lambda members: {**members, "nouveauMembre": {"nouveau": [None, "é"]}})


@dataclass(frozen=True, kw_only=True)
class UnknownStatus(Fault):
    """Every status of an invoice or flow in the answer is a code that nobody documented."""

    kind: ClassVar[str] = "unknown-status"
    paths: ClassVar[frozenset[str]] = paths.API

    status: str = field(default="NOUVEAU_STATUT", metadata=checked(filled))

    def answered(self, reply: Response) -> Response:
        return _changed(reply, self._renamed)

    def _renamed(self, members: dict[str, Any]) -> dict[str, Any]:
        return {
            name: self.status if name in STATUS_MEMBERS and isinstance(value, str) else value
            for name, value in members.items()
        }


@dataclass(frozen=True, kw_only=True)
class SingleObject(Fault):
    """A list of one element is that element, as gateways that come from XML do."""

    kind: ClassVar[str] = "single-object"
    paths: ClassVar[frozenset[str]] = paths.API

    def answered(self, reply: Response) -> Response:
        return _changed(
            reply,
            lambda members: {
                name: value[0] if isinstance(value, list) and len(value) == 1 else value
                for name, value in members.items()
            },
        )


def _changed(reply: Response, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
    """Change every object of an answer that is a success in JSON; leave any other as it is."""
    if reply.status_code == 200 and reply.is_json and not reply.is_streamed:
        reply.set_data(json_bytes(_each_object(json.loads(reply.get_data()), change)))
    return reply


def _each_object(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    if isinstance(value, list):
        return [_each_object(item, change) for item in value]
    if isinstance(value, dict):
        return change({name: _each_object(member, change) for name, member in value.items()})
    return value
