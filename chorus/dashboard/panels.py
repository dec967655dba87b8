"""The panels of the dashboard: what is wrong, how to begin, and where the invoices stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django.http import HttpRequest

from akuiteo.dashboard import DashboardWarning
from akuiteo.models import User
from batches import dashboard as batches_dashboard
from chorus.access import visible_invoices
from chorus.dashboard import beginning, invoice_charts, key_figures, warnings
from chorus.dashboard.acting import oldest
from chorus.dashboard.figures import standing, to_act_on, total_of


class Warnings:
    """What is wrong, the worst first. Without invoices nothing can be well yet, and nothing is said of it."""

    template = "chorus/dashboard/warnings.html"
    permission = ""

    def context(self, request: HttpRequest) -> dict[str, Any] | None:
        user = cast("User", request.user)
        found = sorted(self._found(user), key=lambda warning: warning.tone != "bad")
        return {"warnings": found} if found or visible_invoices(user).exists() else None

    def _found(self, user: User) -> Iterator[DashboardWarning]:
        yield from warnings.warnings(user)
        yield from batches_dashboard.warnings(user)


class Beginning:
    template = "chorus/dashboard/beginning.html"
    permission = ""

    def context(self, request: HttpRequest) -> dict[str, Any] | None:
        steps = beginning.steps(cast("User", request.user))
        return {"steps": steps} if steps else None


class Invoices:
    """Key figures, what needs action, and charts of the dematerialized invoices."""

    template = "chorus/dashboard/invoices.html"
    permission = "chorus.view_invoice"

    def context(self, request: HttpRequest) -> dict[str, Any] | None:
        invoices = visible_invoices(cast("User", request.user))
        rows = standing(invoices)
        if not rows:
            return None
        stopped, missing = to_act_on(invoices)
        acting = total_of(stopped) + total_of(missing)
        return {
            "figures": key_figures.key_figures(invoices, rows, acting),
            "acting": acting,
            "waiting": oldest(stopped, missing),
            "acting_url": key_figures.acting_url(),
            "ageing": invoice_charts.ageing(rows),
            "statuses": invoice_charts.statuses(rows),
            "payments": invoice_charts.payments(invoices),
        }
