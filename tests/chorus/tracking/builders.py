"""States and rows with sensible values, of which a test says only what matters to it."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

from chorus.portal.messages import RemoteStatus
from chorus.tracking.states import InvoiceState
from tests.chorus.tracking.helpers import SIRET

MONDAY = datetime(2026, 11, 16, 9, 30, tzinfo=UTC)
TUESDAY = datetime(2026, 11, 17, 9, 30, tzinfo=UTC)

STATE = InvoiceState(
    pk=1,
    company="ACME",
    supplier=SIRET,
    number="F-1",
    customer="Mairie de Lyon",
    flow_number="",
    chorus_id=None,
    code="DEPOSEE",
    since=MONDAY,
    reopened=False,
    asked_by_number=False,
    missing=False,
    manager_pk=None,
)
ROW = RemoteStatus(
    chorus_id=100, number="F-1", supplier=SIRET, flow_number="", code="MANDATEE", since=TUESDAY, comment=""
)


def state(**values: Any) -> InvoiceState:
    return dataclasses.replace(STATE, **values)


def row(**values: Any) -> RemoteStatus:
    return dataclasses.replace(ROW, **values)
