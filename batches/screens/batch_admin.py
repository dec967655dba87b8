"""Setup > Batches > Batch creation and modification."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from akuiteo.model_admin import ChoosesRoles, KeepsHistory, role_column
from akuiteo.models import User
from akuiteo.roles import name_of
from batches import access
from batches.models import Batch
from batches.registry import templates
from batches.screens.admin_filters import LastOutcome
from batches.screens.admin_forms import RESTRICTIONS, BatchForm, TemplateChoice
from batches.screens.badges import outcome_badge
from batches.screens.history import BatchHistory
from batches.screens.last_run import age, is_about_the_run, next_step, recent_runs, with_last_run


@admin.register(Batch)
class BatchAdmin(BatchHistory, ChoosesRoles[Batch], KeepsHistory[Batch]):
    form = BatchForm
    fieldsets = (
        (_("General"), {"fields": ("template", "code", "label")}),
        (_("Access restrictions"), {"fields": RESTRICTIONS}),
    )
    list_display = ("code", "label", "template", "last_run", "what_to_do")
    list_filter = ("template", LastOutcome)
    search_fields = ("code", "label", "template")
    history = "runs"

    class Media:
        css: ClassVar = {"all": ["batches/batch.css"]}
        js = ("batches/choose_template.js", "batches/parameters.js")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        return with_last_run(access.visible(_user(request)))

    def has_change_permission(self, request: HttpRequest, obj: Batch | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or access.may_change(_user(request), obj))

    def has_delete_permission(self, request: HttpRequest, obj: Batch | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (
            obj is None or access.has_role(_user(request), obj.parameters_restricted_to)
        )

    @admin.display(description=_("last run"), ordering="last_run_at")
    def last_run(self, batch: Any) -> SafeString:
        if batch.last_run_pk is None:
            return format_html('<span class="badge">{}</span>', _("never ran"))
        url = reverse("admin:batches_run_change", args=(batch.last_run_pk,))
        return format_html('<a href="{}">{}</a> {}', url, outcome_badge(batch.last_run_outcome), age(batch.last_run_at))

    @admin.display(description=_("next step"))
    def what_to_do(self, batch: Any) -> SafeString:
        model, pk = ("run", batch.last_run_pk) if is_about_the_run(batch) else ("batch", batch.pk)
        return format_html(
            '<a href="{}">{}</a>', reverse(f"admin:batches_{model}_change", args=(pk,)), next_step(batch)
        )

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        context = {"title": _("Batch creation and modification")} | (extra_context or {})
        return super().changelist_view(request, context)

    def get_urls(self) -> list[URLPattern]:
        table = self.admin_site.admin_view(self.parameter_table)
        return [path("add/parameters/", table, name="batches_batch_parameters"), *super().get_urls()]

    def parameter_table(self, request: HttpRequest) -> HttpResponse:
        """Return the empty parameter table of a template, for the page of a new batch to take in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(initial={"template": request.GET.get("template", "")})
        return TemplateResponse(request, "admin/batches/batch/parameters.html", {"form": form, "add": True})

    def get_form(self, request: HttpRequest, obj: Batch | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        cast("type[BatchForm]", form).user = _user(request)
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Batch | None = None) -> Any:
        if obj is None or self.has_change_permission(request, obj):
            return self.fieldsets
        general, (title, _options) = self.fieldsets
        return general, (title, {"fields": [role_column(Batch, name) for name in RESTRICTIONS]})

    def get_readonly_fields(self, request: HttpRequest, obj: Batch | None = None) -> tuple[str, ...]:
        return ("template",) if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what a new batch begins with: another one's values, else the template, if it is the only one."""
        source = self._source(request)
        if source:
            restrictions = {name: getattr(source, name) for name in RESTRICTIONS}
            return {"template": source.template, "label": source.label, "copied_from": source} | restrictions
        only_template = next(iter(templates())) if len(templates()) == 1 else ""
        typed = {name: request.GET[name] for name in ("template", "code", "label") if name in request.GET}
        return {"template": only_template} | typed

    def _source(self, request: HttpRequest) -> Batch | None:
        """Return the batch that is to be copied, if any. Raises Http404 where the user may see none like that."""
        if "copy" not in request.GET:
            return None
        pk = request.GET["copy"]
        return get_object_or_404(access.visible(_user(request)), pk=int(pk) if pk.isdecimal() else None)

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        batch: Batch | None = context["original"]
        form: BatchForm = context["adminform"].form
        context |= {"form": form} | (self._of_batch(request, batch) if batch else self._of_new(request, form))
        return super().render_change_form(request, context, *args, **kwargs)

    def _of_new(self, request: HttpRequest, form: BatchForm) -> dict[str, Any]:
        typed = {"code": request.GET.get("code", ""), "label": request.GET.get("label", "")}
        choice = TemplateChoice(initial={"template": form.template_code} | typed, auto_id="choice_%s")
        return {"title": _("New batch"), "template_choice": choice, "copied_from": form.initial.get("copied_from")}

    def _of_batch(self, request: HttpRequest, batch: Batch) -> dict[str, Any]:
        return {
            "title": batch.code,
            "subtitle": batch.label,
            "may_launch": access.may_launch(_user(request), batch),
            "runs": recent_runs(_user(request), batch),
        }

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)

    def save_related(self, request: HttpRequest, form: ModelForm[Batch], formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        cast("BatchForm", form).save_parameters()
        self._warn_of_batch_user(request, form.instance, form.cleaned_data.get("parameter_BATCH_USER", ""))

    def _warn_of_batch_user(self, request: HttpRequest, batch: Batch, login: str) -> None:
        user = User.objects.filter(username=login).first()
        if user and not access.has_role(user, batch.launch_restricted_to):
            words = _(
                "BATCH_USER %(login)s does not have the role %(role)s: runs are refused until an administrator "
                "gives it to this user."
            )
            messages.warning(request, words % {"login": login, "role": name_of(batch.launch_restricted_to)})


def _user(request: HttpRequest) -> User:
    return cast("User", request.user)
