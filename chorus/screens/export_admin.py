"""Exporting invoices on the screen, in the forms that spreadsheets take."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET

from chorus.invoice_exports.downloads import DOWNLOADS
from chorus.models import Invoice


class InvoiceExportActions(admin.ModelAdmin[Invoice]):
    """The actions and views of the exports, for the invoices' admin."""

    export_actions = ("export_xlsx", "export_french_csv", "export_csv")

    def _get_base_actions(self) -> list[tuple[Any, str, Any]]:
        """Add our actions to those that the admin lists: Django inherits none."""
        ours = [self.get_action(name) for name in self.export_actions]
        return [*super()._get_base_actions(), *(action for action in ours if action)]  # type: ignore[misc]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_GET(self.export_view))
        return [path("export/<str:form>/", view, name="chorus_invoice_export"), *super().get_urls()]

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chorus.export_invoice")

    @admin.action(permissions=["export"], description=gettext_lazy("Export as an Excel workbook (XLSX)"))
    def export_xlsx(self, request: HttpRequest, invoices: QuerySet[Invoice]) -> HttpResponseBase | None:
        return _export(request, invoices, "xlsx")

    @admin.action(permissions=["export"], description=gettext_lazy("Export as French CSV, for Excel"))
    def export_french_csv(self, request: HttpRequest, invoices: QuerySet[Invoice]) -> HttpResponseBase | None:
        return _export(request, invoices, "csv-fr")

    @admin.action(permissions=["export"], description=gettext_lazy("Export as international CSV"))
    def export_csv(self, request: HttpRequest, invoices: QuerySet[Invoice]) -> HttpResponseBase | None:
        return _export(request, invoices, "csv")

    def export_view(self, request: HttpRequest, form: str) -> HttpResponseBase:
        """Export all invoices that the list's filters and search show: its query string says which."""
        if not (self.has_export_permission(request) and self.has_view_or_change_permission(request)):
            raise PermissionDenied
        if form not in DOWNLOADS:
            raise Http404
        back = reverse("admin:chorus_invoice_changelist", current_app=self.admin_site.name)
        try:
            shown = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            messages.error(request, _("The address names a filter that does not exist: choose the filters again."))
            return HttpResponseRedirect(back)
        return _export(request, shown, form) or HttpResponseRedirect(f"{back}?{request.GET.urlencode()}")


def _export(request: HttpRequest, chosen: QuerySet[Invoice], form: str) -> HttpResponseBase | None:
    """Return the file of the chosen invoices. Say how many it has; say why where there is none."""
    download = DOWNLOADS[form]
    # What the list adds to its query for its own columns is not repeated for each exported row.
    invoices = Invoice.objects.filter(pk__in=chosen.order_by().values("pk"))
    count = invoices.count()
    if count == 0:
        messages.warning(request, _("There is nothing to export: no invoice fits the filters. Change them."))
        return None
    if download.most is not None and count > download.most:
        text = _("A workbook holds at most %(most)d invoices, and these are %(count)d: filter them, or take CSV.")
        messages.error(request, text % {"most": download.most, "count": count})
        return None
    file_name = download.file_name()
    text = ngettext("%(count)d invoice is exported to %(file)s.", "%(count)d invoices are exported to %(file)s.", count)
    messages.success(request, text % {"count": count, "file": file_name})
    return download.respond(invoices, file_name)
