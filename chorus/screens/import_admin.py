"""Importing invoices on the screen: choose a file, look at what it would do, import it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.uploadhandler import MemoryFileUploadHandler, TemporaryFileUploadHandler
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET

from batches.screens.run_views import user_of
from chorus.access import visible_companies
from chorus.invoice_csv.columns import DESCRIPTIONS, REQUIRED, STATUSES
from chorus.invoice_csv.reading import UnreadableFileError
from chorus.invoice_exports.downloads import csv_download
from chorus.invoice_imports import keeping
from chorus.invoice_imports.forms import ImportForm, UploadLimit
from chorus.invoice_imports.refused_lines import refused_lines
from chorus.invoice_imports.report import SHOWN, report, result
from chorus.invoice_imports.sample import sample
from chorus.models import Invoice, InvoiceImport

LAST_IMPORTS = 5


class InvoiceImportViews(admin.ModelAdmin[Invoice]):
    """The views of the import, for the invoices' admin. A file is shown to who chose it, and to superusers."""

    class Media:
        css: ClassVar = {"all": ["chorus/import.css"]}

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("import/", view(self.choose_view), name="chorus_invoice_import"),
            path("import/sample/", view(require_GET(self.sample_view)), name="chorus_invoice_import_sample"),
            path("import/<int:pk>/", view(self.kept_view), name="chorus_invoice_import_kept"),
            path(
                "import/<int:pk>/refused/", view(require_GET(self.refused_view)), name="chorus_invoice_import_refused"
            ),
            *super().get_urls(),
        ]

    def has_import_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chorus.import_invoice")

    @method_decorator(
        csrf_exempt
    )  # only so far: the token is in the body, which must not be read before its limit is set
    def choose_view(self, request: HttpRequest) -> HttpResponseBase:
        self._check_import_permission(request)
        limit = UploadLimit(request)
        request.upload_handlers = [limit, MemoryFileUploadHandler(request), TemporaryFileUploadHandler(request)]
        return self._choose(request, limit)

    @method_decorator(csrf_protect)
    def _choose(self, request: HttpRequest, limit: UploadLimit) -> HttpResponse:
        keeping.purge()
        companies = visible_companies(user_of(request))
        if request.method != "POST":
            return self._choose_page(request, ImportForm(companies=companies))
        form = ImportForm(request.POST, request.FILES, companies=companies, too_large=limit.exceeded)
        if not form.is_valid():
            return self._choose_page(request, form)
        kept = keeping.keep(form.cleaned_data["file"], form.cleaned_data["company"], user_of(request))
        return HttpResponseRedirect(self._url("import_kept", kept.pk))

    def _choose_page(self, request: HttpRequest, form: ImportForm) -> HttpResponse:
        mine = InvoiceImport.objects.filter(user=user_of(request)).defer("content")
        context = {
            "title": _("Import invoices"),
            "form": form,
            "columns": [(name, name in REQUIRED, text) for name, text in DESCRIPTIONS.items()],
            "last_imports": mine[:LAST_IMPORTS],
        }
        return self._page(request, "choose", context)

    def sample_view(self, request: HttpRequest) -> HttpResponseBase:
        self._check_import_permission(request)
        return csv_download(sample(user_of(request)), "invoices.csv")

    def kept_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show what a kept file would do, or what it did. POST imports it."""
        kept = self._kept(request, pk)
        if kept is None:
            return self._gone(request)
        if request.method == "POST":
            self._import(request, kept)
            return HttpResponseRedirect(request.path)
        if kept.imported_at:
            context = {"title": _("Import of %(file)s") % {"file": kept}, "kept": kept, "report": result(kept)}
            return self._page(request, "result", context)
        return self._preview(request, kept)

    def _preview(self, request: HttpRequest, kept: InvoiceImport) -> HttpResponse:
        table = keeping.open_kept(kept)
        try:
            found = report(keeping.preview(kept, table))
        except UnreadableFileError as error:
            messages.error(request, _("%(file)s cannot be imported: %(error)s.") % {"file": kept, "error": error})
            return HttpResponseRedirect(self._url("import"))
        ignored = [column for column in table.columns if column in STATUSES]
        context = {
            "title": _("Preview of %(file)s") % {"file": kept},
            "kept": kept,
            "ignored": ignored,
            "report": found,
        }
        return self._page(request, "preview", context)

    def _import(self, request: HttpRequest, kept: InvoiceImport) -> None:
        try:
            keeping.run_import(kept)
        except keeping.AlreadyImportedError:
            messages.info(request, _("This file was imported before: nothing was done again."))
        except (UnreadableFileError, DatabaseError) as error:
            text = _(
                "The import of %(file)s stopped: %(error)s. The invoices before are imported; below is what is left. "
                "Import it again."
            )
            messages.error(request, text % {"file": kept, "error": error})

    def refused_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Give the refused lines of a preview or a result as a file."""
        kept = self._kept(request, pk)
        if kept is None:
            return self._gone(request)
        file_name = _("refused-%(file)s") % {"file": kept}
        if kept.imported_at:
            return csv_download([bytes(kept.content)], file_name)
        table = keeping.open_kept(kept)
        refusals = (refusal for part in keeping.preview(kept, table) for refusal in part.refusals)
        return csv_download(refused_lines(table, refusals), file_name)

    def _kept(self, request: HttpRequest, pk: int) -> InvoiceImport | None:
        self._check_import_permission(request)
        keeping.purge()
        kept = InvoiceImport.objects.select_related("company", "user").filter(pk=pk).first()
        if kept and kept.user_id != request.user.pk and not request.user.is_superuser:
            raise PermissionDenied
        return kept

    def _gone(self, request: HttpRequest) -> HttpResponse:
        messages.warning(request, _("This file is not kept any more: files are kept for a day. Choose it again."))
        return HttpResponseRedirect(self._url("import"))

    def _check_import_permission(self, request: HttpRequest) -> None:
        if not self.has_import_permission(request):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
        common = {**self.admin_site.each_context(request), "opts": self.opts, "media": self.media, "shown": SHOWN}
        return TemplateResponse(request, f"admin/chorus/invoice_import/{name}.html", common | context)

    def _url(self, view: str, *args: Any) -> str:
        return reverse(f"admin:chorus_invoice_{view}", args=args, current_app=self.admin_site.name)
