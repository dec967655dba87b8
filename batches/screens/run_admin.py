"""Setup > Batches > Runs: the list, and the page of each, which shows a run while it works."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from akuiteo.model_admin import ReadOnly
from batches import access
from batches.models import Run
from batches.screens import run_page
from batches.screens.badges import dry_run_badge, outcome_badge
from batches.screens.last_run import age
from batches.screens.run_views import RunViews, user_of


class VisibleBatches(admin.RelatedFieldListFilter):
    """Offers the batches that the user may see."""

    def field_choices(self, field: Field[Any, Any], request: HttpRequest, model_admin: Any) -> list[Any]:
        return list(access.visible(user_of(request)).values_list("pk", "code"))


@admin.register(Run)
class RunAdmin(RunViews, ReadOnly, admin.ModelAdmin[Run]):
    list_display = ("started", "badge", "batch", "counted", "duration", "origin")
    list_display_links = ("started", "badge")
    list_filter = ("outcome", ("batch", VisibleBatches), "trigger", "dry_run")
    list_select_related = ("batch", "started_by")
    search_fields = ("batch__code", "summary")
    search_help_text = _("Code of the batch, or words of the summary")
    date_hierarchy = "started_at"
    show_full_result_count = False
    fields = ("batch",)

    class Media:
        css: ClassVar = {"all": ["batches/run.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Run]:
        return access.visible_runs(user_of(request))

    def get_urls(self) -> list[URLPattern]:
        return [*self.run_urls(self.admin_site.admin_view), *super().get_urls()]

    @admin.display(description=_("started"), ordering="started_at")
    def started(self, run: Run) -> SafeString:
        return age(run.started_at)

    @admin.display(description=_("outcome"), ordering="outcome")
    def badge(self, run: Run) -> SafeString:
        mark = dry_run_badge() if run.dry_run else ""
        return format_html("{} {}", outcome_badge(run.outcome), mark)

    @admin.display(description=_("duration"))
    def duration(self, run: Run) -> str | None:
        return run_page.clock(run.ended_at - run.started_at) if run.ended_at else None

    @admin.display(description=_("counts"))
    def counted(self, run: Run) -> str:
        return run_page.counts_in_words(run)

    @admin.display(description=_("started from"), ordering="trigger")
    def origin(self, run: Run) -> str:
        return run_page.origin(run)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Runs")} | (extra_context or {}))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        run: Run = context["original"]
        context |= run_page.whole(run, user_of(request), request.GET.get("level", ""))
        return super().render_change_form(request, context, *args, **kwargs)
