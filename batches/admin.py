"""Batches with their parameters; runs and outgoing mails, which are only looked at."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from akuiteo.model_admin import KeepsHistory, ReadOnly
from batches.admin_forms import BatchForm, TemplateChoice
from batches.models import Batch, Outcome, OutgoingEmail, Run
from batches.registry import templates

LINES_SHOWN = 2000
MAILS_SHOWN = 100
LONG_TEXTS = ("text", "html", "attachment")


@admin.register(Batch)
class BatchAdmin(KeepsHistory[Batch]):
    form = BatchForm
    fields = ("template", "code", "label")
    list_display = ("code", "label", "template", "last_run")
    list_filter = ("template",)
    search_fields = ("code", "label", "template")
    history = "runs"

    class Media:
        css: ClassVar = {"all": ["batches/admin.css"]}
        js = ("batches/choose_template.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Batch]:
        last = Run.objects.filter(batch=OuterRef("pk")).order_by("-started_at", "-pk")
        return (
            super()
            .get_queryset(request)
            .annotate(
                last_run_pk=Subquery(last.values("pk")[:1]),
                last_run_outcome=Subquery(last.values("outcome")[:1]),
                last_run_at=Subquery(last.values("started_at")[:1]),
            )
        )

    @admin.display(description=_("last run"), ordering="last_run_at")
    def last_run(self, batch: Any) -> str | None:
        if batch.last_run_pk is None:
            return None
        url = reverse("admin:batches_run_change", args=(batch.last_run_pk,))
        outcome = Outcome(batch.last_run_outcome)
        return format_html('<a href="{}">{}, {}</a>', url, outcome.label, localize(localtime(batch.last_run_at)))

    def get_readonly_fields(self, request: HttpRequest, obj: Batch | None = None) -> tuple[str, ...]:
        return ("template",) if obj else ()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        form: BatchForm = context["adminform"].form
        if context["original"] is None:
            context |= {"title": _("New batch"), "template_choice": _choice(request)}
        return super().render_change_form(request, context | {"rows": list(form.rows())}, *args, **kwargs)

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().changeform_view(*args, **kwargs)

    def save_related(self, request: HttpRequest, form: BatchForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.save_parameters()


def _choice(request: HttpRequest) -> TemplateChoice:
    typed = request.POST or request.GET
    return TemplateChoice(initial={name: typed.get(name, "") for name in ("template", "code", "label")})


@admin.register(Run)
class RunAdmin(ReadOnly, admin.ModelAdmin[Run]):
    list_display = ("started_at", "outcome", "batch", "trigger", "user", "duration", "counted")
    list_filter = ("outcome", "batch", "trigger", "started_at")
    list_select_related = ("batch", "user")
    search_fields = ("batch__code", "summary")
    show_full_result_count = False
    fields = (
        "batch",
        "outcome",
        "summary",
        "counted",
        "started_at",
        "ended_at",
        "duration",
        "trigger",
        "user",
        "exit_code",
    )

    class Media:
        css: ClassVar = {"all": ["batches/admin.css"]}

    @admin.display(description=_("duration"))
    def duration(self, run: Run) -> str | None:
        if run.ended_at is None:
            return None
        minutes, seconds = divmod(round((run.ended_at - run.started_at).total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"

    @admin.display(description=_("counts"))
    def counted(self, run: Run) -> str:
        template = templates().get(run.batch.template)
        if template and run.counts:
            return template.sentence({name: run.counts.get(name, 0) for name in template.counts})
        return ", ".join(f"{name} {count}" for name, count in sorted(run.counts.items()))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        run: Run = context["original"]
        lines = list(run.log_lines.order_by("-pk")[: LINES_SHOWN + 1])
        mails = list(run.mails.defer(*LONG_TEXTS)[: MAILS_SHOWN + 1])
        context |= {
            "log_lines": lines[:LINES_SHOWN][::-1],
            "log_is_cut": len(lines) > LINES_SHOWN,
            "log_lines_shown": LINES_SHOWN,
            "mails": mails[:MAILS_SHOWN],
            "mails_are_cut": len(mails) > MAILS_SHOWN,
        }
        return super().render_change_form(request, context, *args, **kwargs)


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnly, admin.ModelAdmin[OutgoingEmail]):
    list_display = ("subject", "status", "recipients", "attempts", "last_error", "created_at", "sent_at")
    list_filter = ("status", "created_at")
    search_fields = ("subject", "to", "message_id")
    show_full_result_count = False
    fields = (
        "status",
        "to_addresses",
        "cc_addresses",
        "bcc_addresses",
        "sender",
        "reply_to",
        "subject",
        "attempts",
        "last_error",
        "created_at",
        "sent_at",
        "run",
        "message_id",
    )

    class Media:
        css: ClassVar = {"all": ["batches/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingEmail]:
        return super().get_queryset(request).defer(*LONG_TEXTS)

    @admin.display(description=_("recipients"))
    def recipients(self, mail: OutgoingEmail) -> str:
        return ", ".join([*mail.to, *mail.cc, *mail.bcc])

    @admin.display(description=_("to"))
    def to_addresses(self, mail: OutgoingEmail) -> str:
        return ", ".join(mail.to) or self.get_empty_value_display()

    @admin.display(description=_("cc"))
    def cc_addresses(self, mail: OutgoingEmail) -> str:
        return ", ".join(mail.cc) or self.get_empty_value_display()

    @admin.display(description=_("bcc"))
    def bcc_addresses(self, mail: OutgoingEmail) -> str:
        return ", ".join(mail.bcc) or self.get_empty_value_display()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        lines = context["original"].attachment.splitlines()
        context |= {
            "attachment": "\n".join(lines[-LINES_SHOWN:]),
            "attachment_is_cut": len(lines) > LINES_SHOWN,
            "log_lines_shown": LINES_SHOWN,
        }
        return super().render_change_form(request, context, *args, **kwargs)
