"""The small frozen types that tracking passes around."""

from __future__ import annotations

import dataclasses
from datetime import datetime

from chorus.statuses import DematerializationStatus


@dataclasses.dataclass(frozen=True, slots=True)
class InvoiceState:
    """What is stored of a followed invoice."""

    pk: int
    company: str
    supplier: str
    number: str
    customer: str
    flow_number: str
    chorus_id: int | None
    code: str
    since: datetime | None
    reopened: bool
    asked_by_number: bool
    missing: bool
    manager_pk: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Rules:
    """What the set-up says: the final statuses, and those that alert (none where alerts are off).

    What the portal dates before `alert_since` (aware) alerts nobody; None where age does not matter.
    """

    final: frozenset[str]
    alerting: frozenset[str] = frozenset()
    alert_since: datetime | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """One transition to be written.

    `dematerialization` is None where it stays as it is; `reason_due` says that the row did not have the buyer's
    reason, which is then asked from the history (L9). `too_old` says that its age alone keeps it from alerting.
    """

    invoice: InvoiceState
    chorus_id: int
    flow_number: str
    old: str
    new: str
    since: datetime | None
    comment: str
    final: bool
    alert: bool
    too_old: bool
    dematerialization: DematerializationStatus | None
    reason_due: bool
