"""Earlier versions of a batch's set-up, its own fields and its parameters: shown, compared, restored."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from akuiteo.history import ShowsVersions
from akuiteo.models import User
from akuiteo.reading_versions import SecretSetAt, Source, Value, Versions, compared
from batches.models import Batch, BatchParameter
from batches.screens.restoring import CannotRestoreError, restore


class BatchHistory(ShowsVersions):
    """The pages that show, compare and restore versions."""

    object_history_template = "admin/batches/batch/history.html"

    def version_sources(self, obj: Batch) -> tuple[Source, ...]:  # type: ignore[override]
        parameters = BatchParameter.history.filter(batch_id=obj.pk).select_related("history_user").order_by("code")
        return self.own_source(obj), Source(parameters, _read_parameter)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.restore_view)
        address = "<path:object_id>/history/<int:number>/restore/"
        return [path(address, view, name="batches_batch_restore"), *super().get_urls()]

    def history_context(self, request: HttpRequest, obj: Batch, versions: Versions) -> dict[str, Any]:
        context = super().history_context(request, obj, versions)
        context |= {"may_compare": context["page"].paginator.count > 1}
        context |= {"may_restore": self.has_change_permission(request, obj)}
        if "from" not in request.GET or "to" not in request.GET:
            return context
        numbers = [_number(request.GET[name]) for name in ("from", "to")]
        dates = [_date_of(versions, number) for number in numbers]
        old, new = (versions.values_at(date) for date in dates)
        return context | {"sides": list(zip(numbers, dates, strict=True)), "lines": compared(old, new)}

    def restore_view(self, request: HttpRequest, object_id: str, number: int) -> HttpResponse:
        """Show what would become of the batch, and with POST put that version back in force."""
        batch: Batch | None = self.get_object(request, unquote(object_id))
        if batch is None:
            raise Http404
        if not self.has_change_permission(request, batch):
            raise PermissionDenied
        versions = Versions(self.version_sources(batch))
        date = _date_of(versions, number)
        problems: list[str] = []
        if request.method == "POST":
            try:
                return self._restore(request, batch, versions.rows_at(date), number)
            except CannotRestoreError as error:
                problems = error.problems
                batch.refresh_from_db()
        present = versions.values_at(versions.dates()[0])
        lines = [line for line in compared(present, versions.values_at(date)) if line.differs and not line.is_secret]
        context = self.version_context(request, batch, _("Restore version %(number)d") % {"number": number})
        context |= {"number": number, "date": date, "lines": lines, "problems": problems}
        return TemplateResponse(request, "admin/batches/batch/restore.html", context)

    def _restore(self, request: HttpRequest, batch: Batch, rows: list[list[Any]], number: int) -> HttpResponse:
        restore(batch, rows[0][0], {row.code: row.value for row in rows[1]}, number, cast("User", request.user))
        self.log_change(request, batch, f"Restored from version {number}.")
        words = _("%(batch)s is set up as in version %(number)d again. Its secrets are those of now.")
        messages.success(request, words % {"batch": batch, "number": number})
        return HttpResponseRedirect(reverse("admin:batches_batch_change", args=(batch.pk,)))


def _read_parameter(row: Any) -> dict[str, Value]:
    """Return the value; an empty one is that of a secret, since other empty values have no row."""
    return {row.code: row.value or SecretSetAt(row.secret_set_at)}


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise Http404
    return int(text)


def _date_of(versions: Versions, number: int) -> Any:
    """Return when version `number`, counted from the oldest one, was saved. Raises Http404."""
    count = versions.dates().count()
    if not 1 <= number <= count:
        raise Http404
    return versions.dates()[count - number]
