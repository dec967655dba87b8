"""What the batch sends, and what the local Chorus Pro answers to it, against the checker of exchanges."""

from __future__ import annotations

from types import ModuleType

from chorus.models import Company, Invoice
from tests.chorus.batch.conftest import World


def test_the_traffic_of_the_batch_conforms_to_the_contract_on_both_sides(
    world: World, acme: Company, checker: ModuleType
) -> None:
    moved = world.deposit(acme, "F-1")
    world.deposit(acme, "F-2", status="REJETEE")  # without a reason: the history is asked
    world.deposit(acme, "F-3", chorus_id=987654)  # unknown to the portal by this id
    world.run()
    world.move(moved, "MANDATEE")
    Invoice.objects.filter(number="F-1").update(ask_by_number=True)
    world.run()
    exchanges = [vars(each) for each in world.portal.recorder.last(100)]
    findings = [str(finding) for each in exchanges for finding in checker.check_exchange(each)]
    assert findings == []
    assert {each["path"].rsplit("/v1/")[-1] for each in exchanges} == {
        "/api/oauth/token",
        "rechercher/fournisseur",
        "consulter/fournisseur",
        "consulter/historique",
    }
