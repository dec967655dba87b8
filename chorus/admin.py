"""Companies with their Chorus connection, and invoices with their CHORUS tab."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters

from akuiteo.forms import set_or_not
from akuiteo.model_admin import KeepsHistory
from chorus.admin_filters import ChorusStatusFilter, MissingFilter
from chorus.admin_forms import ChorusConnectionForm, CompanyForm, InvoiceForm, OwnedConnectionForm
from chorus.models import ALL_COMPANIES, ChorusConnection, Company, Invoice
from chorus.reopening import reopen
from chorus.statuses import words
from chorus.templatetags.chorus_mail import amount


class SecretsShown:
    """What those see of the secrets who may look at a connection but not change it."""

    @admin.display(description=gettext_lazy("PISTE client secret"))
    def new_client_secret(self, connection: ChorusConnection) -> str:
        return set_or_not(connection.piste_client_secret)

    @admin.display(description=gettext_lazy("technical account password"))
    def new_technical_password(self, connection: ChorusConnection) -> str:
        return set_or_not(connection.technical_password)


CONNECTION_FIELDS = (
    "enabled",
    "environment",
    "piste_client_id",
    "new_client_secret",
    "technical_login",
    "new_technical_password",
    "technical_password_set_on",
)


class ChorusConnectionInline(SecretsShown, admin.StackedInline[ChorusConnection, Company]):
    model = ChorusConnection
    form = ChorusConnectionForm
    fields = CONNECTION_FIELDS


@admin.register(Company)
class CompanyAdmin(KeepsHistory[Company]):
    form = CompanyForm
    inlines = (ChorusConnectionInline,)
    list_display = ("code", "name", "siret", "connection")
    list_select_related = ("chorus",)
    search_fields = ("code", "name", "siret")
    history = "invoices"

    @admin.display(description=gettext_lazy("Chorus connection"))
    def connection(self, company: Company) -> str:
        connection = getattr(company, "chorus", None)
        if connection is None:
            return _("that of %(all)s") % {"all": ALL_COMPANIES}
        return _("enabled") if connection.enabled else _("disabled: that of %(all)s") % {"all": ALL_COMPANIES}

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)


@admin.register(ChorusConnection)
class ChorusConnectionAdmin(SecretsShown, admin.ModelAdmin[ChorusConnection]):
    form = OwnedConnectionForm
    readonly_fields = ("owner",)
    list_display = ("owner", "enabled", "environment", "technical_login", "technical_password_set_on")
    list_filter = ("enabled", "environment")
    list_select_related = ("company",)
    ordering = ("company__code",)

    @admin.display(description=gettext_lazy("company"))
    def owner(self, connection: ChorusConnection) -> str:
        return str(connection)

    def get_fields(self, request: HttpRequest, obj: ChorusConnection | None = None) -> tuple[str, ...]:
        """The company of a connection is chosen once: its secrets are not another company's."""
        return ("owner" if obj else "company", *CONNECTION_FIELDS)

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)


def described(code: str) -> str:
    """Return a Chorus status in words and code; the code alone where we have no words for it."""
    label = words(code)
    return label if label == code else f"{label} ({code})"


@admin.register(Invoice)
class InvoiceAdmin(admin.ModelAdmin[Invoice]):
    form = InvoiceForm
    actions = ("reopen_tracking",)
    list_display = (
        "company",
        "number",
        "customer",
        "total",
        "status",
        "since",
        "dematerialization_status",
        "manager",
        "chorus_checked_at",
    )
    list_display_links = ("number",)
    list_select_related = ("company", "manager")
    list_filter = (
        "company",
        ChorusStatusFilter,
        "dematerialization_status",
        MissingFilter,
        ("manager", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("number", "customer", "customer_siret", "flow_number", "chorus_id")
    show_full_result_count = False
    fieldsets = (
        (
            gettext_lazy("General"),
            {
                "fields": (
                    "company",
                    "number",
                    "date",
                    "customer",
                    "customer_siret",
                    ("amount_excl_tax", "amount_incl_tax", "currency"),
                    "manager",
                    "dematerialized",
                )
            },
        ),
        (
            gettext_lazy("CHORUS"),
            {
                "fields": (
                    "contract_number",
                    "project_group",
                    "commitment_number",
                    "service_code",
                    "service_label",
                    "status",
                    "chorus_status_at",
                    "chorus_comment",
                    "chorus_checked_at",
                    "dematerialization_status",
                    "chorus_id",
                    "flow_number",
                    "deposited_on",
                    "missing_since",
                    "tracking_reopened",
                )
            },
        ),
    )
    readonly_fields = (
        "status",
        "chorus_status_at",
        "chorus_comment",
        "chorus_checked_at",
        "dematerialization_status",
        "chorus_id",
        "flow_number",
        "deposited_on",
        "missing_since",
        "tracking_reopened",
    )

    class Media:
        css: ClassVar = {"all": ["batches/admin.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: Invoice | None = None) -> tuple[str, ...]:
        return ("company", "number", *self.readonly_fields) if obj else self.readonly_fields

    def has_delete_permission(self, request: HttpRequest, obj: Invoice | None = None) -> bool:
        """Nobody: an invoice's status changes would go with it. One that is not dematerialized is not followed."""
        return False

    def has_reopen_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chorus.reopen_invoice")

    @admin.display(description=gettext_lazy("amount incl. tax"), ordering="amount_incl_tax")
    def total(self, invoice: Invoice) -> str | None:
        if invoice.amount_incl_tax is None:
            return None
        return amount(invoice.amount_incl_tax, invoice.currency)

    @admin.display(description=gettext_lazy("Chorus status"), ordering="chorus_status")
    def status(self, invoice: Invoice) -> str:
        return described(invoice.chorus_status)

    @admin.display(description=gettext_lazy("since"), ordering="chorus_status_at")
    def since(self, invoice: Invoice) -> date | None:
        return invoice.chorus_status_at and localtime(invoice.chorus_status_at).date()

    @admin.action(permissions=["reopen"], description=gettext_lazy("Reopen tracking"))
    def reopen_tracking(self, request: HttpRequest, invoices: QuerySet[Invoice]) -> None:
        selected = invoices.count()
        reopened = reopen(invoices)
        if reopened:
            text = ngettext(
                "The tracking of %(count)d invoice is reopened: the next run asks for it.",
                "The tracking of %(count)d invoices is reopened: the next run asks for them.",
                reopened,
            )
            messages.success(request, text % {"count": reopened})
        if selected > reopened:
            text = ngettext(
                "%(count)d invoice is followed anyway: its status is not final.",
                "%(count)d invoices are followed anyway: their status is not final.",
                selected - reopened,
            )
            messages.warning(request, text % {"count": selected - reopened})

    def save_model(self, request: HttpRequest, obj: Invoice, form: InvoiceForm, change: bool) -> None:
        """Write what was changed and nothing else: a run may be writing the Chorus fields."""
        obj.save(update_fields=form.fields_to_write() if change else None)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["status_changes"] = _status_changes(context["original"])
        return super().render_change_form(request, context, *args, **kwargs)


def _status_changes(invoice: Invoice | None) -> list[dict[str, Any]]:
    if invoice is None:
        return []
    changes = invoice.status_changes.select_related("alert", "run__batch")
    return [{"change": change, "old": described(change.old), "new": described(change.new)} for change in changes]
