"""/admin/: the faults in force, and the way back to the seed.

JSON only: a page of another site must not be able to give orders here, whatever it has the browser do.
"""

import json
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, request

from chorus.local_portal.faults import FaultError, Faults, parse_json
from chorus.local_portal.http.replies import json_reply
from chorus.local_portal.state.seed import SeedError

Reset = Callable[[], None]


class RequestError(Exception):
    """A request to /admin/ cannot be done; the message says what to send instead."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def blueprint(faults: Faults, reset: Reset | None) -> Blueprint:
    """Return the routes; without a `reset` there is no way back."""
    admin = Blueprint("admin", __name__, url_prefix="/admin")

    @admin.before_request
    def check_form() -> None:
        if request.method != "GET" and request.mimetype != "application/json":
            raise RequestError(415, "Send JSON, with Content-Type: application/json")

    @admin.get("/faults")
    def show_faults() -> Response:
        return _shown(faults)

    @admin.post("/faults")
    def add_faults() -> Response:
        asked = _json_of(request.get_data())
        if not isinstance(asked, list):
            raise RequestError(400, 'Send a list of faults, as [{"kind": "too-many", "retry-after": 5, "times": 3}]')
        try:
            faults.add([parse_json(fault) for fault in asked])
        except FaultError as error:
            raise RequestError(400, str(error)) from error
        return _shown(faults)

    @admin.delete("/faults")
    def clear_faults() -> Response:
        faults.clear()
        return _shown(faults)

    @admin.post("/reset")
    def back_to_the_seed() -> Response:
        if reset is None:
            raise RequestError(409, "There is no way back: this server was not started from a seed file")
        try:
            reset()
        except SeedError as error:
            raise RequestError(409, f"Nothing was changed. {error}") from error
        return json_reply(200, {"reset": True})

    @admin.errorhandler(RequestError)
    def refused(error: RequestError) -> Response:
        return json_reply(error.status, {"error": str(error)})

    return admin


def _json_of(content: bytes) -> Any:
    """Return what is JSON in UTF-8, and None for anything else."""
    try:
        return json.loads(content.decode())
    except (ValueError, RecursionError):
        return None


def _shown(faults: Faults) -> Response:
    return json_reply(200, {"seed": faults.seed, "faults": faults.as_json()})
