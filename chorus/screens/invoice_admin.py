"""Management > Sales > Invoices."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy

from akuiteo.models import User
from batches.models import Recipient
from batches.screens.run_views import user_of
from batches.undelivered import trouble_shown_to
from chorus.access import visible_companies, visible_invoices
from chorus.checking import why_not_followed
from chorus.models import Invoice
from chorus.needs_action import LONGEST_FIRST
from chorus.next_steps import next_step
from chorus.screens import admin_filters as filters
from chorus.screens.admin_forms import InvoiceForm
from chorus.screens.export_admin import InvoiceExportActions
from chorus.screens.import_admin import InvoiceImportViews
from chorus.screens.invoice_actions import ACTIONS, InvoiceActions
from chorus.screens.invoice_columns import InvoiceColumns
from chorus.screens.keys_first import KeysFirstPaginator
from chorus.screens.timeline import timeline
from chorus.searching import with_words
from chorus.unalerted import why_nobody, with_newest_fate


@admin.register(Invoice)
class InvoiceAdmin(InvoiceColumns, InvoiceActions, InvoiceExportActions, InvoiceImportViews, admin.ModelAdmin[Invoice]):
    form = InvoiceForm
    actions = ACTIONS
    list_display = (
        "seller",
        "number",
        "customer",
        "total",
        "status",
        "since",
        "dematerialization",
        "in_charge",
        "checked",
    )
    list_display_links = ("number",)
    list_select_related = ("company",)
    list_filter = (
        filters.RunFilter,
        filters.NeedsActionFilter,
        filters.ChorusStatusFilter,
        filters.FinalFilter,
        filters.MissingFilter,
        filters.AgeFilter,
        filters.ManagerFilter,
        filters.AlertsFilter,
        ("company", filters.VisibleCompanies),
        "dematerialization_status",
    )
    sortable_by = ("number", "customer", "total", "status", "since")
    search_fields = ("search_text",)
    search_help_text = gettext_lazy("Number, customer, SIRET, Chorus id or flow number")
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # the filter of the statuses has counts of its own
    list_per_page = 50
    paginator = KeysFirstPaginator
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
                    "words_and_code",
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
        "words_and_code",
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
        css: ClassVar = {"all": ["chorus/invoice.css"]}

    def get_ordering(self, request: HttpRequest) -> tuple[str | Combinable, ...]:
        """Begin with what has waited longest where only invoices that need action are listed, as the dashboard does."""
        acting = request.GET.get(filters.NeedsActionFilter.parameter_name) == filters.YES
        return (LONGEST_FIRST, "-pk") if acting else tuple(super().get_ordering(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Invoice]:
        managers = Prefetch("manager", queryset=with_newest_fate(User.objects.all()))
        return visible_invoices(user_of(request)).prefetch_related(managers)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Return the field; of the companies, it offers those that the user sees."""
        if db_field.name == "company":
            kwargs["queryset"] = visible_companies(user_of(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Invoice | None = None) -> tuple[str, ...]:
        return ("company", "number", *self.readonly_fields) if obj else self.readonly_fields

    def get_fieldsets(self, request: HttpRequest, obj: Invoice | None = None) -> list[tuple[Any, Any]]:
        """Leave out what the portal says while there is no invoice, and remarks that do not apply to it."""
        remarks = ("missing_since", "tracking_reopened")
        useless = [name for name in remarks if not getattr(obj, name)] if obj else self.readonly_fields
        return [
            (title, {"fields": [name for name in options["fields"] if name not in useless]})
            for title, options in self.fieldsets
        ]

    def has_delete_permission(self, request: HttpRequest, obj: Invoice | None = None) -> bool:
        """Nobody: an invoice's status changes would go with it. One that is not dematerialized is not followed."""
        return False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Invoice], search_term: str
    ) -> tuple[QuerySet[Invoice], bool]:
        return with_words(queryset, search_term), False

    def save_model(self, request: HttpRequest, obj: Invoice, form: InvoiceForm, change: bool) -> None:
        """Write what was changed and nothing else: a run may be writing the Chorus fields."""
        obj.save(update_fields=form.fields_to_write() if change else None)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        invoice: Invoice | None = context["original"]
        if invoice:
            context |= {
                "show_save_and_add_another": False,
                "next_step": next_step(invoice),
                "why_nobody": "" if why_not_followed(invoice) else why_nobody(invoice.manager),
                "mail_trouble": _trouble_of(invoice.manager, user_of(request)),
                "entries": timeline(invoice, user_of(request)),
                "page_actions": self._page_actions(request, invoice),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def _page_actions(self, request: HttpRequest, invoice: Invoice) -> list[tuple[str, str]]:
        """Return name and label of the buttons: what the user may do, and what there is to do with this invoice."""
        is_final = invoice.chorus_status in settings.CHORUS_FINAL_STATUSES
        useless = {
            "check_now": bool(why_not_followed(invoice)),
            "reopen_tracking": invoice.tracking_reopened or not is_final,
        }
        labels = dict(self.get_action_choices(request))
        return [(name, labels[name]) for name in ACTIONS if name in labels and not useless.get(name)]


def _trouble_of(manager: User | None, reader: User) -> Recipient | None:
    return trouble_shown_to(reader, manager.email) if manager else None
