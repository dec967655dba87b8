"""Filters of the list of invoices."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin, SimpleListFilter
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from chorus.models import Invoice
from chorus.statuses import ChorusStatus

NEVER_READ = "-"
OTHER = "other"


class ChorusStatusFilter(SimpleListFilter):
    """The known codes: to list those in use would read every invoice."""

    title = _("Chorus status")
    parameter_name = "chorus_status"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, StrOrPromise]]:
        return [(NEVER_READ, _("not read yet")), *ChorusStatus.choices, (OTHER, _("another code"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        code = self.value()
        if code is None:
            return queryset
        if code == OTHER:
            return queryset.exclude(chorus_status__in=["", *ChorusStatus.values])
        return queryset.filter(chorus_status="" if code == NEVER_READ else code)


class MissingFilter(SimpleListFilter):
    """Invoices that the portal does not know although they were deposited (else dated) long enough ago (L8)."""

    title = _("missing on the portal")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Iterable[tuple[str, StrOrPromise]]:
        days = settings.CHORUS_MISSING_AFTER_DAYS
        return [("yes", _("for more than %(days)d days") % {"days": days})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        if self.value() != "yes":
            return queryset
        latest = timezone.localdate() - timedelta(days=settings.CHORUS_MISSING_AFTER_DAYS)
        missing = queryset.filter(missing_since__isnull=False, dematerialized=True)
        return missing.alias(deposit=Coalesce("deposited_on", "date")).filter(deposit__lte=latest)
