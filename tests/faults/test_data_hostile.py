"""Hostile invoices: what the portal may write into a row stops no run, and costs no other row."""
# ruff: noqa: F811 - arguments have the names of fixtures that are imported

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core import mail
from flask import Response
from pytest_django import Settings

from akuiteo.models import User
from batches.models import Run, RunLogLine
from chorus.local_portal.faults.fault import Fault, checked
from chorus.local_portal.http import paths
from chorus.models import Company, Invoice, StatusChange, Watermark
from chorus.portal.messages import LONGEST_CODE, LONGEST_FLOW_NUMBER
from tests.chorus.batch.conftest import World, acme, claire, fast_passwords, world  # noqa: F401 - fixtures

pytestmark = pytest.mark.wrong_traffic

RAW = "raw JSON: "
"""What follows is written into the answer as it is."""

STATUS, AT, COMMENT = "statut", "dateHeureEtatCourant", "commentaireEtatCourant"
ID, FLOW = "identifiantFactureCPP", "numeroFluxDepot"

STORED: dict[str, tuple[str, object, object]] = {
    "NUL": (COMMENT, "a\x00b", "a\ufffdb"),
    "half a character": (COMMENT, RAW + r'"a\ud800b"', "a\ufffdb"),
    "controls": (COMMENT, "a\r\n\x1b[2Jb", "a\r\n\x1b[2Jb"),
    "reading directions": (COMMENT, "\u202eexe.\u2066", "\u202eexe.\u2066"),
    "a megabyte": (COMMENT, "é" * 1_000_000, "é" * 1_000_000),
    "characters of four bytes": (COMMENT, "😀" * 1000, "😀" * 1000),
    "HTML": (COMMENT, "<script>alert(1)</script>", "<script>alert(1)</script>"),
    "an unknown code of controls": (STATUS, "É\x1b\u202e", "É\x1b\u202e"),
    "a code as long as can be": (STATUS, "😀" * LONGEST_CODE, "😀" * LONGEST_CODE),
    "a code with NUL": (STATUS, "A\x00B", "A\ufffdB"),
    "the year 0": (AT, "0000-01-01", None),
    "the year 1": (AT, "0001-01-01", None),
    "the year 9999": (AT, "9999-12-31T23:59:59.999Z", None),
    "a date that is none": (AT, "demain", None),
    "a zone far away": (AT, "2026-11-02T08:00:00+14:00", datetime(2026, 11, 1, 18, tzinfo=UTC)),
    "a key twice": (FLOW, RAW + '"a", "numeroFluxDepot": "b"', "b"),
    "a flow number as long as can be": (FLOW, "é" * LONGEST_FLOW_NUMBER, "é" * LONGEST_FLOW_NUMBER),
}
"""By what it is: the member of the row, what the portal writes there, and what is stored."""

REFUSED: dict[str, tuple[str, object]] = {
    "an id of 400 digits": (ID, RAW + "1" + "0" * 400),
    "an id of 5000 digits": (ID, RAW + "9" * 5000),
    "an id over 64 bits": (ID, 2**63),
    "an id below 0": (ID, -1),
    "NaN": (ID, RAW + "NaN"),
    "Infinity": (ID, RAW + "-Infinity"),
    "1e999": (ID, RAW + "1e999"),
    "a truth": (ID, True),
    "no id": (ID, None),
    "an id in words": (ID, "seven"),
    "lists in lists": (STATUS, RAW + "[" * 500 + "]" * 500),
    "no status": (STATUS, ""),
    "a status that is an object": (STATUS, {"code": "MANDATEE"}),
    "a status that is too long": (STATUS, "X" * (LONGEST_CODE + 1)),
    "a flow number that is too long": (FLOW, "X" * (LONGEST_FLOW_NUMBER + 1)),
    "a comment that is a number": (COMMENT, 7),
}
COLUMN = {COMMENT: "chorus_comment", STATUS: "chorus_status", AT: "chorus_status_at", FLOW: "flow_number"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Hostile(Fault):
    """Writes one member of each of these invoices' rows otherwise."""

    kind = "hostile"
    paths = frozenset({paths.SEARCH})

    rows: Mapping[str, tuple[str, object]] = field(metadata=checked(lambda _value: None))

    def answered(self, reply: Response) -> Response:
        data = json.loads(reply.get_data())
        raw = {}
        for row in data.get("listeFactures", ()):
            member, value = self.rows.get(row["numeroFacture"], ("numeroFacture", row["numeroFacture"]))
            row[member] = value
            if isinstance(value, str) and value.startswith(RAW):
                raw[json.dumps(value)] = value.removeprefix(RAW)
        text = json.dumps(data)
        for written, wanted in raw.items():
            text = text.replace(written, wanted)
        reply.set_data(text.encode())
        return reply


def deposit(world: World, company: Company, manager: User, rows: Mapping[str, tuple[str, object]]) -> None:
    """Deposit hostile invoices between two good ones, with a manager who hears of every rejection."""
    world.set(ALERTER_RESPONSABLE_FACTURE="True", LISTE_ETATS_CHORUS_A_ALERTER="DEPOSEE;REJETEE")
    for number in ("A good one", *rows, "z good one"):
        world.deposit(company, number, status="REJETEE", comment="Doublon", manager=manager)
    world.portal.faults.add([Hostile(rows=rows)])


def errors() -> str:
    run = Run.objects.latest("pk")
    return "\n".join(RunLogLine.objects.filter(run=run, level="ERROR").values_list("text", flat=True))


def good_ones() -> list[str]:
    return list(Invoice.objects.filter(number__endswith="good one").values_list("chorus_status", flat=True))


@pytest.fixture(autouse=True)
def no_pace(settings: Settings) -> None:
    settings.CHORUS_MAX_REQUESTS_PER_SECOND = 1000


def test_f26_what_can_be_stored_is_stored_whatever_it_looks_like(
    world: World,
    acme: Company,
    claire: User,
) -> None:
    deposit(world, acme, claire, {name: (member, written) for name, (member, written, _) in STORED.items()})
    result = world.run()
    assert (result.exit_code, result.errors, good_ones()) == (0, (), ["REJETEE", "REJETEE"])
    stored = {invoice.number: getattr(invoice, COLUMN[STORED[invoice.number][0]]) for invoice in hostile(STORED)}
    assert stored == {name: value for name, (_, _, value) in STORED.items()}
    (alert,) = mail.outbox
    assert all(text in str(alert.body) for text in ("A good one", "a megabyte", "the year 9999"))
    assert world.run().counts["changed"] == 0


def test_f26_a_row_that_cannot_be_read_is_named_and_the_others_are_followed(
    world: World,
    acme: Company,
    claire: User,
) -> None:
    deposit(world, acme, claire, REFUSED)
    result = world.run()
    assert (result.exit_code, good_ones(), {each.chorus_status for each in hostile(REFUSED)}) == (
        3,
        ["REJETEE", "REJETEE"],
        {""},
    )
    told = errors()
    assert [name for name in REFUSED if f"invoice {name}, " not in told] == []
    world.portal.faults.clear()
    assert (world.run().exit_code, {each.chorus_status for each in hostile(REFUSED)}) == (0, {"REJETEE"})


def hostile(rows: Mapping[str, object]) -> list[Invoice]:
    return list(Invoice.objects.filter(number__in=rows))


@pytest.mark.parametrize("times", [1, None], ids=["once", "for ever"])
@pytest.mark.parametrize("total", [2**31, 2**63 - 1])
def test_f26_a_portal_that_boasts_of_rows_ends_the_run_in_time_and_is_stored(
    world: World,
    acme: Company,
    total: int,
    times: int | None,
) -> None:
    @dataclasses.dataclass(frozen=True, kw_only=True)
    class Boast(Fault):
        kind = "boast"
        paths = frozenset({paths.SEARCH})

        def answered(self, reply: Response) -> Response:
            data: dict[str, Any] = json.loads(reply.get_data())
            data["parametresRetour"] |= {"total": total, "pages": total, "nbResultatsParPage": 1, "pageCourante": 1}
            data["listeFactures"] = data["listeFactures"] or rows
            rows[:] = data["listeFactures"]
            reply.set_data(json.dumps(data).encode())
            return reply

    rows: list[Any] = []
    world.deposit(acme, "F-1")
    world.portal.faults.add([Boast(times=times)])
    result = world.run()
    assert result.counts["requests"] < 200
    assert (result.exit_code, Invoice.objects.get().chorus_status) == (0, "DEPOSEE")
    world.portal.faults.clear()
    assert world.run().exit_code == 0
    assert Watermark.objects.get().settled_until == world.now


def test_f26_what_is_read_has_room_in_its_columns() -> None:
    assert Invoice.chorus_status.field.max_length == StatusChange.new.field.max_length == LONGEST_CODE
    assert Invoice.flow_number.field.max_length == LONGEST_FLOW_NUMBER
