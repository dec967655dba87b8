"""A run that is narrowed to some invoices: these are asked for by number, and nothing else is touched."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from akuiteo.models import User
from batches import runner
from batches.models import OutgoingEmail, Run
from batches.outcomes import RunResult
from batches.run_row import queue_run
from chorus.local_portal.state.records import Invoice as PortalInvoice
from chorus.local_portal.state.records import StatusChange as PortalStatusChange
from chorus.models import Company, Invoice, StatusChange, Watermark
from tests.chorus.batch.conftest import BUYER, World


def check(world: World, *numbers: str, **options: Any) -> RunResult:
    """Run the batch for these invoices alone, as a screen asks for it."""
    keys = list(Invoice.objects.filter(number__in=numbers).values_list("pk", flat=True))
    user = User.objects.get(username="batch")
    run = queue_run(world.batch, user, options.pop("dry_run", False), (), [*keys, *options.pop("more", ())])
    return runner.run(world.batch, Run.Trigger.COMMAND, queued=run.pk, **options)


def asked(world: World) -> list[str]:
    """Return the invoice numbers that the portal was asked for since the last time, "" where it was for all."""
    calls = [each for each in world.portal.recorder.last(100) if "rechercher" in each.path]
    return [(each.request_body or {}).get("numeroFacture", "") for each in calls]


def stored(number: str) -> Any:
    return Invoice.objects.get(number=number)


@pytest.fixture
def three(world: World, acme: Company) -> list[int]:
    return [world.deposit(acme, number) for number in ("F-1", "F-2", "F-3")]


def test_exactly_these_are_asked_for(world: World, three: list[int]) -> None:
    result = check(world, "F-1", "F-3")
    assert sorted(asked(world)) == ["F-1", "F-3"]
    assert [stored(number).chorus_status for number in ("F-1", "F-2", "F-3")] == ["DEPOSEE", "", "DEPOSEE"]
    assert (result.counts["checked"], result.counts["changed"], result.counts["companies"]) == (2, 2, 1)


def test_others_are_left_as_they_are(world: World, three: list[int]) -> None:
    before = Invoice.objects.values().get(number="F-2")
    check(world, "F-1")
    assert Invoice.objects.values().get(number="F-2") == before
    assert stored("F-1").chorus_checked_at is not None


def test_the_watermark_stays_where_it_is(world: World, three: list[int]) -> None:
    check(world, "F-1")
    assert not Watermark.objects.exists()
    world.run()
    before = Watermark.objects.values().get()
    world.move(three[0], "MANDATEE")
    check(world, "F-1")
    assert Watermark.objects.values().get() == before


def test_what_the_portal_says_of_others_meanwhile_is_for_the_next_run(world: World, three: list[int]) -> None:
    world.run()
    world.move(three[0], "MANDATEE")
    world.move(three[1], "MANDATEE")
    assert check(world, "F-1").counts["changed"] == 1
    assert world.run().counts["changed"] == 1
    assert StatusChange.objects.filter(new="MANDATEE").count() == 2


def test_a_change_alerts_once(world: World, acme: Company, claire: User) -> None:
    world.set(ALERTER_RESPONSABLE_FACTURE="True", LISTE_ETATS_CHORUS_A_ALERTER="REJETEE")
    world.deposit(acme, "F-1", "REJETEE", manager=claire)
    assert check(world, "F-1").counts["alerts"] == 1
    world.run()
    assert OutgoingEmail.objects.filter(to=["claire@example.org"]).count() == 1


def test_a_final_invoice_is_not_asked_for_and_said_so(world: World, acme: Company) -> None:
    world.deposit(acme, "F-1", "MISE_EN_PAIEMENT")
    world.deposit(acme, "F-2")
    world.run()
    result = check(world, "F-1", "F-2")
    assert (result.counts["checked"], result.exit_code) == (1, 0)
    lines = Run.objects.latest("pk").log_lines.filter(level="WARN")
    assert "1 invoice is not asked for: it is not followed" in lines.get().text


def test_an_invoice_of_a_company_that_the_batch_leaves_out_is_not_asked_for(world: World, three: list[int]) -> None:
    other = world.add_company("OTHER", "81234567600017")
    world.deposit(other, "G-1")
    world.set(LISTE_SOCIETES_A_TRAITER="ACME")
    assert check(world, "F-1", "G-1").counts["companies"] == 1
    assert asked(world) == ["F-1"]


def test_one_that_the_portal_does_not_know_is_missing(world: World, three: list[int]) -> None:
    Invoice.objects.filter(number="F-2").update(number="UNKNOWN")
    result = check(world, "F-1", "UNKNOWN")
    assert (result.counts["checked"], result.counts["missing"], result.counts["changed"]) == (1, 1, 1)
    assert stored("UNKNOWN").missing_since is not None


def test_one_that_cannot_be_settled_does_not_count_as_checked(world: World, three: list[int]) -> None:
    supplier = stored("F-1").company.siret
    history = [PortalStatusChange("DEPOSEE", world.tick())]
    date = datetime.date(2026, 11, 1)
    twin = PortalInvoice(number="F-1", supplier=supplier, recipient=BUYER, date=date, history=history)
    world.store.add_invoice(twin)
    result = check(world, "F-1", "F-2")
    assert (result.exit_code, result.counts["checked"]) == (3, 1)
    assert (stored("F-1").chorus_checked_at, stored("F-1").ask_by_number) == (None, True)


def test_a_dry_run_writes_nothing(world: World, three: list[int]) -> None:
    before = list(Invoice.objects.order_by("pk").values())
    result = check(world, "F-1", dry_run=True)
    assert (result.counts["changed"], list(Invoice.objects.order_by("pk").values())) == (1, before)
    assert "F-1: - -> DEPOSEE" in "".join(line.text for line in Run.objects.latest("pk").log_lines.all())


def test_invoices_that_do_not_exist_ask_for_nothing(world: World, three: list[int]) -> None:
    result = check(world, more=[10**9])
    assert (result.exit_code, result.counts["companies"], asked(world)) == (0, 0, [])
