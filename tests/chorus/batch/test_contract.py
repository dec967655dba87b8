"""What the batch sends, and what the local Chorus Pro answers to it, against the checker of exchanges."""

from __future__ import annotations

import json
from types import ModuleType
from typing import Any

from flask import Response, request

from chorus.models import Company, Invoice
from tests.chorus.batch.conftest import World


def record(world: World) -> list[dict[str, Any]]:
    """Return a list that grows with each exchange."""
    exchanges: list[dict[str, Any]] = []

    @world.portal.app.after_request
    def keep(response: Response) -> Response:
        sent = request.get_data(as_text=True) or request.form.to_dict()
        exchanges.append(
            {
                "method": request.method,
                "path": request.path,
                "request_headers": dict(request.headers),
                "request_body": json.loads(sent) if isinstance(sent, str) and request.is_json else _form(sent),
                "status": response.status_code,
                "response_headers": dict(response.headers),
                "response_body": response.get_json(silent=True),
            }
        )
        return response

    return exchanges


def _form(sent: str | dict[str, str]) -> str | None:
    if isinstance(sent, dict):
        return "&".join(f"{name}={value}" for name, value in sent.items()) or None
    return sent or None


def test_the_traffic_of_the_batch_conforms_to_the_contract_on_both_sides(
    world: World, acme: Company, checker: ModuleType
) -> None:
    exchanges = record(world)
    moved = world.deposit(acme, "F-1")
    world.deposit(acme, "F-2", status="REJETEE")  # without a reason: the history is asked
    world.deposit(acme, "F-3", chorus_id=987654)  # unknown to the portal by this id
    world.run()
    world.move(moved, "MANDATEE")
    Invoice.objects.filter(number="F-1").update(ask_by_number=True)
    world.run()
    findings = [str(finding) for each in exchanges for finding in checker.check_exchange(each)]
    assert findings == []
    assert {each["path"].rsplit("/v1/")[-1] for each in exchanges} == {
        "/api/oauth/token",
        "rechercher/fournisseur",
        "consulter/fournisseur",
        "consulter/historique",
    }
