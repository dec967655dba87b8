"""Filters of the list of invoices. Their parameters are what other pages link to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.admin import ModelAdmin, RelatedFieldListFilter, SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Count, Exists, F, Field, OuterRef, QuerySet, Value
from django.db.models.functions import Concat
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from akuiteo.models import User
from batches.access import visible_runs
from batches.screens.run_views import user_of
from chorus.access import visible_companies, visible_invoices
from chorus.ages import AGE_CLASSES, of_age
from chorus.models import Invoice, StatusChange
from chorus.needs_action import missing, needing_action
from chorus.reopening import is_open
from chorus.statuses import ChorusStatus
from chorus.unalerted import alerting_nobody

Choices = Iterable[tuple[str, StrOrPromise]]

NEVER_READ = "-"
OTHER = "other"
YES, NO = "yes", "no"
MINE, NOBODY = "me", "none"
MOST_MANAGERS = 50
"""More of them are not listed: the search finds one sooner."""


class NeedsActionFilter(SimpleListFilter):
    title = _("need for action")
    parameter_name = "needs_action"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        return [(YES, _("to recycle, suspended, rejected or missing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        return needing_action(queryset) if self.value() == YES else queryset


class ChorusStatusFilter(SimpleListFilter):
    """The codes in use, with their counts among what the other filters leave."""

    title = _("Chorus status")
    parameter_name = "chorus_status"
    template = "admin/chorus/invoice/status_filter.html"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        return [(NEVER_READ, _("not read yet")), *ChorusStatus.choices, (OTHER, _("another code"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        code = self.value()
        if code is None:
            return queryset
        if code == OTHER:
            return queryset.exclude(chorus_status__in=["", *ChorusStatus.values])
        return queryset.filter(chorus_status="" if code == NEVER_READ else code)

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        counts = self._counts(changelist)
        everything, *codes = super().choices(changelist)
        yield {**everything, "count": sum(counts.values())}
        for (code, _words), choice in zip(self.lookup_choices, codes, strict=True):
            if counts.get(code) or choice["selected"]:
                yield {**choice, "code": code, "count": counts.get(code, 0)}

    def _counts(self, changelist: ChangeList) -> dict[str, int]:
        """One query for all codes: Django's own facets would count once for each."""
        invoices = changelist.get_queryset(self.request, exclude_parameters=self.expected_parameters())
        # By an expression, for which there is no index: in the order of one, SQLite would search row by row.
        by = Concat("chorus_status", Value("")) if changelist.query else F("chorus_status")
        counts: dict[str, int] = {}
        for code, count in invoices.order_by().values_list(by).annotate(Count("pk")):
            choice = (code if code in ChorusStatus.values else OTHER) if code else NEVER_READ
            counts[choice] = counts.get(choice, 0) + count
        return counts


class FinalFilter(SimpleListFilter):
    """Open and ended invoices, as the dashboard counts them: one whose tracking was reopened is open."""

    title = _("final status")
    parameter_name = "final"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        return [(NO, _("not final")), (YES, _("final"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        if self.value() == YES:
            return queryset.exclude(is_open())
        return queryset.filter(is_open()) if self.value() == NO else queryset


class MissingFilter(SimpleListFilter):
    title = _("absence from the portal")
    parameter_name = "missing"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        days = settings.CHORUS_MISSING_AFTER_DAYS
        return [(YES, _("for more than %(days)d days") % {"days": days})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        return missing(queryset) if self.value() == YES else queryset


class AgeFilter(SimpleListFilter):
    title = _("age since deposit")
    parameter_name = "age"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        return [(age.code, str(age.label)) for age in AGE_CLASSES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        age = next((age for age in AGE_CLASSES if age.code == self.value()), None)
        return of_age(queryset, age) if age else queryset


class ManagerFilter(SimpleListFilter):
    title = _("invoice manager")
    parameter_name = "manager"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        shown = visible_invoices(user_of(request))
        managers = User.objects.filter(Exists(shown.filter(manager=OuterRef("pk"))))
        found = list(managers.order_by("last_name", "first_name", "username")[: MOST_MANAGERS + 1])
        listed = found if len(found) <= MOST_MANAGERS else []
        names = [(str(user.pk), user.get_full_name() or user.username) for user in listed]
        return [(MINE, _("mine")), (NOBODY, _("no manager")), *names]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        value = self.value()
        if value is None:
            return queryset
        if value == NOBODY:
            return queryset.filter(manager=None)
        return queryset.filter(manager=request.user.pk if value == MINE else _key(value))


class AlertsFilter(SimpleListFilter):
    title = _("alerts")
    parameter_name = "alerts"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        return [(NOBODY, _("reach nobody"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        return alerting_nobody(queryset) if self.value() == NOBODY else queryset


class VisibleCompanies(RelatedFieldListFilter):
    """Offers the companies that the user sees."""

    def field_choices(self, field: Field[Any, Any], request: HttpRequest, model_admin: Any) -> list[Any]:
        return list(visible_companies(user_of(request)).values_list("pk", "code"))


class RunFilter(SimpleListFilter):
    """The invoices that a run changed. Pages of runs lead here; the panel offers it only while it is in use."""

    title = _("run")
    parameter_name = "run"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> Choices:
        value = self.value()
        if value is None:
            return []
        return [(value, _("changed by run %(number)d") % {"number": _key(value)})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Invoice]) -> QuerySet[Invoice]:
        value = self.value()
        if value is None:
            return queryset
        runs = visible_runs(user_of(request)).filter(pk=_key(value))
        return queryset.filter(pk__in=StatusChange.objects.filter(run__in=runs).values("invoice"))


def _key(value: str) -> int:
    """Return a primary key of a query string. Raises IncorrectLookupParameters, upon which the admin drops them all."""
    if not (value.isascii() and value.isdecimal() and len(value) < 19):
        raise IncorrectLookupParameters
    return int(value)
