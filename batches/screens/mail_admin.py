"""Setup > Batches > Outgoing mail: what is due, what became of it at each recipient, what may be sent again."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from akuiteo.model_admin import ReadOnly
from batches import access
from batches.models import UNDELIVERED, OutgoingEmail, Recipient
from batches.recipients import make_due_again
from batches.screens.badges import mail_badge
from batches.screens.last_run import age
from batches.screens.run_page import LINES_SHOWN, LONG_TEXTS
from batches.screens.run_views import user_of

Status = OutgoingEmail.Status
CORRECT = gettext_lazy("Correct the address: the next mails go there.")
NEXT_STEPS = {
    Status.DUE: gettext_lazy("Nothing to do: the next run sends it."),
    Status.SENT: gettext_lazy("Nothing to do."),
    Status.DELIVERED: gettext_lazy("Nothing to do."),
    Status.COMPLAINED: gettext_lazy("Ask the recipient whether these mails are wanted."),
    Status.BOUNCED: CORRECT,
    Status.REFUSED: CORRECT,
    Status.GIVEN_UP: gettext_lazy("Mend what the error says, then send it again."),
}


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(ReadOnly, admin.ModelAdmin[OutgoingEmail]):
    list_display = ("subject", "badge", "recipients", "what_to_do", "created")
    list_filter = ("status", "created_at")
    search_fields = ("subject", "to", "message_id")
    search_help_text = gettext_lazy("Subject, recipient or Message-ID")
    show_full_result_count = False
    actions = ("send_again",)
    fields = (
        "to_addresses",
        "cc_addresses",
        "bcc_addresses",
        "sender",
        "reply_to",
        "attempts",
        "last_error",
        "created_at",
        "sent_at",
        "run",
        "message_id",
    )

    class Media:
        css: ClassVar = {"all": ["batches/run.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingEmail]:
        return access.visible_mails(user_of(request)).defer(*LONG_TEXTS).prefetch_related("recipients")

    def has_send_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(access.RUN_BATCH)

    def get_urls(self) -> list[URLPattern]:
        again = self.admin_site.admin_view(require_POST(self.send_again_view))
        return [path("<int:pk>/again/", again, name="batches_outgoingemail_again"), *super().get_urls()]

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def badge(self, mail: OutgoingEmail) -> SafeString:
        return mail_badge(mail.status)

    @admin.display(description=gettext_lazy("next step"))
    def what_to_do(self, mail: OutgoingEmail) -> SafeString:
        return format_html('{} <div class="quiet">{}</div>', _next_step(mail), _attempts(mail))

    @admin.display(description=gettext_lazy("created"), ordering="pk")
    def created(self, mail: OutgoingEmail) -> SafeString:
        return age(mail.created_at)

    @admin.display(description=gettext_lazy("recipients"))
    def recipients(self, mail: OutgoingEmail) -> str:
        rows = mail.recipients.all()
        return ", ".join(_with_status(row, mail) for row in rows) or ", ".join([*mail.to, *mail.cc, *mail.bcc])

    @admin.display(description=gettext_lazy("to"))
    def to_addresses(self, mail: OutgoingEmail) -> str:
        return ", ".join(mail.to) or self.get_empty_value_display()

    @admin.display(description=gettext_lazy("cc"))
    def cc_addresses(self, mail: OutgoingEmail) -> str:
        return ", ".join(mail.cc) or self.get_empty_value_display()

    @admin.display(description=gettext_lazy("bcc"))
    def bcc_addresses(self, mail: OutgoingEmail) -> str:
        return ", ".join(mail.bcc) or self.get_empty_value_display()

    @admin.action(description=gettext_lazy("Send again what did not arrive"), permissions=["send_again"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutgoingEmail]) -> None:
        chosen = queryset.count()
        self._tell(request, make_due_again(queryset), chosen)

    def send_again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_send_again_permission(request):
            raise PermissionDenied
        mails = self.get_queryset(request).filter(pk=pk)
        if not mails.exists():
            raise Http404(_("There is no mail %(mail)s that you may see.") % {"mail": pk})
        self._tell(request, make_due_again(mails), 1)
        return redirect("admin:batches_outgoingemail_change", pk)

    def _tell(self, request: HttpRequest, due: int, chosen: int) -> None:
        if due:
            words = ngettext(
                "%(count)d mail is due again: the next run sends it.",
                "%(count)d mails are due again: the next run sends them.",
                due,
            )
            messages.success(request, words % {"count": due})
        if left := chosen - due:
            words = ngettext(
                "%(count)d mail was left as it is: it was neither refused nor given up.",
                "%(count)d mails were left as they are: they were neither refused nor given up.",
                left,
            )
            messages.warning(request, words % {"count": left})

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"title": _("Outgoing mail")} | (extra_context or {}))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        mail: OutgoingEmail = context["original"]
        lines = mail.attachment.splitlines()
        context |= {
            "title": mail.subject,
            "subtitle": None,
            "badge": mail_badge(mail.status),
            "next_step": _next_step(mail),
            "recipients": [(row, mail_badge(row.status)) for row in mail.recipients.all()],
            "may_send_again": mail.status in UNDELIVERED and self.has_send_again_permission(request),
            "attachment": "\n".join(lines[-LINES_SHOWN:]),
            "attachment_is_cut": len(lines) > LINES_SHOWN,
            "log_lines_shown": LINES_SHOWN,
        }
        return super().render_change_form(request, context, *args, **kwargs)


def _next_step(mail: OutgoingEmail) -> str:
    if mail.status == Status.DUE and mail.next_attempt_at and mail.next_attempt_at > timezone.now():
        at = date_format(localtime(mail.next_attempt_at), "SHORT_DATETIME_FORMAT")
        return _("Nothing to do: the first run after %(time)s sends it.") % {"time": at}
    return str(NEXT_STEPS[Status(mail.status)])


def _with_status(recipient: Recipient, mail: OutgoingEmail) -> str:
    """Return the address, with its status where that of the mail is another."""
    if recipient.status == mail.status:
        return recipient.address
    return f"{recipient.address} ({Status(recipient.status).label})"


def _attempts(mail: OutgoingEmail) -> str:
    if not mail.last_error:
        return ""
    words = ngettext("Tried %(count)d time: %(error)s", "Tried %(count)d times: %(error)s", mail.attempts)
    return words % {"count": mail.attempts, "error": mail.last_error}
