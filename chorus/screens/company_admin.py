"""Setup > Special parameters > Companies."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import Exists, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters

from akuiteo.history import ShowsVersions
from akuiteo.model_admin import ChoosesRoles, KeepsHistory, role_column
from batches.screens.run_views import user_of
from chorus.access import visible_companies
from chorus.models import ALL_COMPANIES, ChorusConnection, Company
from chorus.screens.admin_forms import CompanyForm
from chorus.screens.connection_admin import ChorusConnectionInline
from chorus.screens.connection_parts import enabled_badge

RESTRICTION = "display_restricted_to"


@admin.register(Company)
class CompanyAdmin(ShowsVersions, ChoosesRoles[Company], KeepsHistory[Company]):
    form = CompanyForm
    inlines = (ChorusConnectionInline,)
    list_display = ("code", "name", "siret", "connection")
    list_select_related = ("chorus",)
    search_fields = ("code", "name", "siret")
    history = "invoices"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Company]:
        shared = ChorusConnection.objects.filter(company=None, enabled=True)
        return visible_companies(user_of(request)).annotate(shared_is_enabled=Exists(shared))

    def get_fields(self, request: HttpRequest, obj: Company | None = None) -> Any:
        may_write = obj is None or self.has_change_permission(request, obj)
        return ("code", "name", "siret", RESTRICTION if may_write else role_column(Company, RESTRICTION))

    def get_form(self, request: HttpRequest, obj: Company | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        cast("type[CompanyForm]", form).user = user_of(request)
        return form

    @admin.display(description=gettext_lazy("Chorus connection"))
    def connection(self, company: Any) -> str:
        own: ChorusConnection | None = getattr(company, "chorus", None)
        if own and own.enabled:
            return enabled_badge(own)
        if not company.shared_is_enabled:
            return format_html('<span class="badge bad">{}</span>', _("none: not followed"))
        words = _("disabled: that of %(all)s") if own else _("that of %(all)s")
        return format_html('<span class="badge">{}</span>', words % {"all": ALL_COMPANIES})

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)
