"""What the portal may do with an invoice, and what a run makes of it: against a local Chorus Pro over HTTP."""
# ruff: noqa: F811 - arguments have the names of fixtures that are imported

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection, transaction
from pytest_django import Settings

from batches.models import Outcome, Run, RunLogLine
from chorus.local_portal.state.records import Invoice as PortalInvoice
from chorus.local_portal.state.records import StatusChange as PortalChange
from chorus.models import Company, Invoice, StatusChange
from chorus.statuses import DematerializationStatus, words
from tests.chorus.batch.conftest import BUYER, World, acme, fast_passwords, world  # noqa: F401 - fixtures

DENIED = DematerializationStatus.TRANSMISSION_DENIED
TRANSMITTED = DematerializationStatus.TRANSMITTED


def log(level: str) -> list[str]:
    lines = RunLogLine.objects.filter(run=Run.objects.latest("pk"), level=level)
    return list(lines.values_list("text", flat=True))


def stored(number: str = "F-1") -> Invoice:
    return Invoice.objects.get(number=number)


def journal() -> list[tuple[str, str, datetime.datetime | None]]:
    return list(StatusChange.objects.order_by("pk").values_list("old", "new", "at"))


def calls(world: World) -> list[str]:
    """Return what was asked on the API, newest first."""
    return [json.dumps(each.request_body) for each in world.portal.recorder.last(200) if "/cpro/" in each.path]


def test_f20_an_unknown_status_is_stored_raw_warned_of_once_and_followed_on(world: World, acme: Company) -> None:
    moved = world.deposit(acme, "F-1", status="TOUT_NOUVEAU")
    world.deposit(acme, "F-2", status="TOUT_NOUVEAU")
    world.deposit(acme, "F-3", status="Encore autre")
    result = world.run()
    assert (result.exit_code, result.counts["changed"], result.counts["final"]) == (0, 3, 0)
    assert [stored(number).chorus_status for number in ("F-1", "F-2", "F-3")] == 2 * ["TOUT_NOUVEAU"] + ["Encore autre"]
    assert words("TOUT_NOUVEAU") == "TOUT_NOUVEAU"
    assert [sum(code in line for line in log("WARN")) for code in ("TOUT_NOUVEAU", "Encore autre")] == [1, 1]
    assert {invoice.dematerialization_status for invoice in Invoice.objects.all()} == {TRANSMITTED}
    world.move(moved, "MANDATEE")
    world.run()
    assert stored().chorus_status == "MANDATEE"


def test_f21_a_status_that_goes_backwards_is_followed_and_the_journal_keeps_both(world: World, acme: Company) -> None:
    moved = world.deposit(acme, "F-1", status="COMPTABILISEE")
    first = world.now
    world.run()
    world.move(moved, "MISE_A_DISPOSITION")
    world.run()
    assert (stored().chorus_status, stored().chorus_status_at) == ("MISE_A_DISPOSITION", world.now)
    assert journal() == [("", "COMPTABILISEE", first), ("COMPTABILISEE", "MISE_A_DISPOSITION", world.now)]


def test_f21_two_statuses_of_one_date_are_both_kept_and_the_portals_present_one_counts(
    world: World, acme: Company
) -> None:
    moved = world.deposit(acme, "F-1", status="MANDATEE")
    world.run()
    world.store.set_status(moved, "MISE_A_DISPOSITION", world.now)
    world.run()
    assert stored().chorus_status == "MISE_A_DISPOSITION"
    assert journal() == [("", "MANDATEE", world.now), ("MANDATEE", "MISE_A_DISPOSITION", world.now)]


def test_f22_a_rejection_and_the_denial_are_written_together_or_not_at_all(world: World, acme: Company) -> None:
    """The process fails between the two statements of the transaction."""
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon")
    with connection.execute_wrapper(_fails_at("INSERT INTO chorus_statuschange")):
        assert world.run().outcome == Outcome.FAILED
    assert (stored().chorus_status, stored().dematerialization_status, journal()) == ("", TRANSMITTED, [])
    assert world.run().exit_code == 0
    assert (stored().chorus_status, stored().dematerialization_status) == ("REJETEE", DENIED)
    assert journal() == [("", "REJETEE", world.now)]


def _fails_at(statement: str) -> Callable[..., Any]:
    def execute(run: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if statement in sql:
            raise MemoryError
        return run(sql, *rest)

    return execute


def test_f22_the_database_holds_no_rejected_invoice_that_is_not_denied(world: World, acme: Company) -> None:
    world.deposit(acme, "F-1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Invoice.objects.update(chorus_status="REJETEE")


@pytest.mark.parametrize("final", ["REJETEE", "SUSPENDUE", "A_RECYCLER", "MISE_EN_PAIEMENT"])
def test_f23_a_final_invoice_is_never_asked_for_again(world: World, acme: Company, final: str) -> None:
    chorus_id = world.deposit(acme, "F-1", status=final, comment="Doublon")
    world.run()
    assert stored().chorus_status == final
    asked = len(calls(world))
    assert world.run().counts["requests"] == 0
    assert len(calls(world)) == asked
    world.store.set_status(chorus_id, "MANDATEE", world.tick())
    world.deposit(acme, "F-2")  # now there is something to ask for, and the portal answers the other one with it
    world.run()
    assert not [each for each in calls(world)[:-asked] if "F-1" in each or str(chorus_id) in each]
    assert (stored().chorus_status, stored("F-2").chorus_status) == (final, "DEPOSEE")
    assert len(journal()) == 2


def test_f24_an_absent_invoice_is_counted_and_becomes_a_warning_after_some_days(
    world: World, acme: Company, settings: Settings
) -> None:
    today = datetime.datetime.now(datetime.UTC).date()
    for number, days in (("F-NEW", 1), ("F-OLD", 10)):
        Invoice.objects.create(
            company=acme,
            number=number,
            date=today,
            deposited_on=today - datetime.timedelta(days=days),
            dematerialization_status=TRANSMITTED,
        )
    result = world.run()
    assert (result.exit_code, result.counts["missing"], result.errors) == (0, 2, ())
    assert "2 unknown to the portal" in result.summary
    assert [line for line in log("LOG") if "F-NEW: not known to the portal" in line]
    assert ["F-OLD" in line for line in log("WARN")] == [True]
    settings.CHORUS_MISSING_AFTER_DAYS = 30
    world.run()
    assert log("WARN") == []
    assert mail.outbox == []


def test_f25_one_number_of_two_companies_is_two_invoices(world: World, acme: Company) -> None:
    other = world.add_company("OTHER", "50000000000014")
    world.deposit(acme, "F-1", status="MANDATEE")
    world.deposit(other, "F-1", status="REJETEE", comment="Doublon")
    assert world.run().exit_code == 0
    statuses = Invoice.objects.order_by("company__code").values_list("company__code", "chorus_status")
    assert list(statuses) == [("ACME", "MANDATEE"), ("OTHER", "REJETEE")]


@pytest.fixture
def twins(world: World, acme: Company) -> tuple[int, int]:
    """One invoice here, and on the portal two of its number, of two years."""
    this_year = world.deposit(acme, "F-1", status="MANDATEE")
    history = [PortalChange("REJETEE", world.tick(), "Doublon")]
    last_year = world.store.add_invoice(
        PortalInvoice(
            number="F-1",
            supplier=acme.siret,
            recipient=BUYER,
            date=datetime.date(2025, 11, 1),
            history=history,
            flow_number="CPP2025",
        )
    )
    return this_year, last_year


def test_f25_several_hits_change_nothing_and_are_an_error_that_says_what_to_do(
    world: World, twins: tuple[int, int]
) -> None:
    result = world.run()
    assert (result.exit_code, stored().chorus_status, journal()) == (3, "", [])
    (error,) = result.errors
    assert all(str(chorus_id) in error.message for chorus_id in twins)
    assert "Give the invoice its Chorus id or its flow number." in error.message


@pytest.mark.parametrize(
    ("given", "status"), [("this year", "MANDATEE"), ("last year", "REJETEE"), ("flow", "REJETEE")]
)
def test_f25_the_chorus_id_or_the_flow_number_tells_twins_apart(
    world: World, twins: tuple[int, int], given: str, status: str
) -> None:
    values: dict[str, dict[str, int | str]] = {
        "this year": {"chorus_id": twins[0]},
        "last year": {"chorus_id": twins[1]},
        "flow": {"flow_number": "CPP2025"},
    }
    Invoice.objects.update(**values[given])
    assert (world.run().exit_code, stored().chorus_status) == (0, status)
