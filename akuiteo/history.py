"""The history pages of what was set up: who saved what and when, and what changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from akuiteo.reading_versions import Reader, Source, Version, Versions
from akuiteo.versions import one_version

VERSIONS_ON_A_PAGE = 50


class ShowsVersions(admin.ModelAdmin[Any]):
    """A model admin whose history page shows versions. What one request saves is one version.

    `version_labels`: fields that are called otherwise than in the model; `not_in_versions`: fields that are not shown.
    """

    object_history_template = "admin/history.html"
    version_labels: ClassVar[dict[str, str | Promise]] = {}
    not_in_versions: ClassVar[tuple[str, ...]] = ()

    def version_sources(self, obj: Model) -> tuple[Source, ...]:
        """Return the history tables that hold the object's versions."""
        return (self.own_source(obj),)

    def own_source(self, obj: Any) -> Source:
        reader = Reader(self.version_labels, self.not_in_versions)
        return Source(reader.with_related(type(obj).history.filter(**{obj._meta.pk.attname: obj.pk})), reader.read)

    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        with one_version():
            return super().changeform_view(*args, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            raise Http404
        if not self.has_view_or_change_permission(request, obj):
            raise PermissionDenied
        versions = Versions(self.version_sources(obj))
        context = self.history_context(request, obj, versions) | (extra_context or {})
        return TemplateResponse(request, self.object_history_template or "", context)

    def history_context(self, request: HttpRequest, obj: Any, versions: Versions) -> dict[str, Any]:
        page = Paginator(versions.dates(), VERSIONS_ON_A_PAGE).get_page(request.GET.get("page"))
        return self.version_context(request, obj, _("History")) | {
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "versions": _numbered(page, versions.of(list(page.object_list))),
        }

    def version_context(self, request: HttpRequest, obj: Any, title: str) -> dict[str, Any]:
        """Return what the frame of a page about versions of an object needs."""
        own = {"title": title, "subtitle": str(obj), "opts": self.opts, "object": obj, "original": obj}
        return self.admin_site.each_context(request) | own


def _numbered(page: Page[Any], versions: Iterable[Version]) -> list[tuple[int, Version]]:
    """Count from the oldest version, which is 1: so a number stays with its version."""
    newest = page.paginator.count - page.start_index() + 1
    return [(newest - position, version) for position, version in enumerate(versions)]
