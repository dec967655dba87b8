"""Invoices of a certain age and status."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from chorus.models import Company, Invoice
from tests.admin.builders import make_invoice

_numbers = itertools.count(1)


def days_ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def an_invoice(company: Company, status: str = "", amount: str | None = "100.00", **fields: Any) -> Invoice:
    """Make an invoice that was deposited `age` days ago, and has its status since `since` days."""
    today = timezone.localdate()
    deposited = today - timedelta(days=fields.pop("age", 0))
    since = fields.pop("since", None)
    values: dict[str, Any] = {
        "number": f"F-{next(_numbers)}",
        "date": deposited,
        "deposited_on": deposited,
        "chorus_status": status,
        "chorus_status_at": None if since is None else days_ago(since),
        "amount_incl_tax": amount,
        "dematerialization_status": 3 if status == "REJETEE" else 2,
    }
    return make_invoice(company, **values | fields)
