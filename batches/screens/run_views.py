"""What can be asked of a run beside its page: start one, again, how it goes now, its log as a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from akuiteo.models import User
from batches import access
from batches.launch import launch
from batches.models import Batch, Run
from batches.screens import run_page
from batches.screens.confirmation import what_will_happen
from batches.times import shown

View = Callable[..., HttpResponseBase]
LINES_AT_ONCE = 2000


class RunViews(admin.ModelAdmin[Run]):
    def run_urls(self, admin_view: Callable[[View], View]) -> list[URLPattern]:
        return [
            path("launch/<int:batch_pk>/", admin_view(self.launch_view), name="batches_run_launch"),
            path("<int:pk>/again/", admin_view(require_POST(self.again_view)), name="batches_run_again"),
            path("<int:pk>/progress/", admin_view(require_GET(self.progress_view)), name="batches_run_progress"),
            path("<int:pk>/log/", admin_view(require_GET(self.log_view)), name="batches_run_log"),
        ]

    def launch_view(self, request: HttpRequest, batch_pk: int) -> HttpResponse:
        """Say what will happen; when that is confirmed, start the batch and lead to the run's page."""
        batch = get_object_or_404(access.visible(user_of(request)), pk=batch_pk)
        dry_run = request.GET.get("dry_run") == "1"
        _refuse_unless_launchable(request, batch)
        if request.method == "POST":
            return _page_of(launch(batch, user_of(request), dry_run=dry_run))
        words = {"batch": batch.code}
        title = _("Dry run of batch %(batch)s") % words if dry_run else _("Run batch %(batch)s now") % words
        context = {"title": title, "opts": Batch._meta, "original": batch, "dry_run": dry_run}
        context |= self.admin_site.each_context(request) | what_will_happen(batch, user_of(request))
        return TemplateResponse(request, "admin/batches/run/launch.html", context)

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Start the run's batch once more, narrowed as this run was."""
        run = self._visible(request, pk)
        _refuse_unless_launchable(request, run.batch)
        again = launch(
            run.batch, user_of(request), dry_run=run.dry_run, companies=tuple(run.companies), only=tuple(run.only)
        )
        return _page_of(again)

    def progress_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the parts of the page as they are now, and the log lines after the one with the key `after`."""
        run, user = self._visible(request, pk), user_of(request)
        level, after = request.GET.get("level", ""), request.GET.get("after", "")
        level = level if level in run_page.FILTERS else ""
        counted = run_page.line_counts(run)
        state = run_page.state(run, counted) | {"run": run, "level": level}
        log = run_page.lines(run, level, int(after) if re.fullmatch(r"[0-9]{1,18}", after) else 0)
        parts = {"state": state, "log-filter": run_page.log_filter(counted, level)}
        if state["is_ended"]:
            ended = state | run_page.tools(run, user, is_ended=True) | run_page.results(run, user)
            parts |= {"tools": ended, "results": ended, "details": ended}
        return JsonResponse(
            {
                "ended": state["is_ended"],
                "parts": {f"run-{name}": _rendered(request, name, part) for name, part in parts.items()},
                "lines": _rendered(request, "lines", log),
                "last": log["last_line"],
            }
        )

    def log_view(self, request: HttpRequest, pk: int) -> StreamingHttpResponse:
        run = self._visible(request, pk)
        code = re.sub(r"[^A-Za-z0-9._-]", "_", run.batch.code)
        name = content_disposition_header(True, f"{code}-run{run.pk}.log")
        headers = {"Content-Disposition": name} if name else {}
        return StreamingHttpResponse(_log_lines(run), content_type="text/plain; charset=utf-8", headers=headers)

    def _visible(self, request: HttpRequest, pk: int) -> Run:
        if not self.has_view_permission(request):
            raise PermissionDenied
        run = access.visible_runs(user_of(request)).select_related("batch", "started_by").filter(pk=pk).first()
        if run is None:
            raise Http404(_("There is no run %(run)s that you may see.") % {"run": pk})
        return run


def user_of(request: HttpRequest) -> User:
    return cast(User, request.user)  # the admin's views let in nobody else


def _refuse_unless_launchable(request: HttpRequest, batch: Batch) -> None:
    if not access.may_launch(user_of(request), batch):
        raise PermissionDenied


def _page_of(run: Run) -> HttpResponse:
    return redirect("admin:batches_run_change", run.pk)


def _rendered(request: HttpRequest, name: str, context: dict[str, Any]) -> str:
    return render_to_string(f"admin/batches/run/{name.replace('-', '_')}.html", context, request)


def _log_lines(run: Run) -> Iterator[str]:
    lines = run.log_lines.order_by("pk").values_list("at", "level", "text").iterator(LINES_AT_ONCE)
    return (f"{shown(at)} {level:<5} {text}\n" for at, level, text in lines)
