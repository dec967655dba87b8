"""Filters of the lists."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from batches.models import Outcome

NEVER_RAN = "never"


class LastOutcome(admin.SimpleListFilter):
    """Of batches that have their last run with them (`last_run.with_last_run`)."""

    title = _("last outcome")
    parameter_name = "last_outcome"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*Outcome.choices, (NEVER_RAN, _("never ran"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(last_run_outcome=None if self.value() == NEVER_RAN else self.value())
