"""What is done with selected invoices: on the list with those that are ticked, on an invoice's page with this one."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from akuiteo.models import User
from batches.launch import launch
from chorus.alerts import receives_alerts
from chorus.assigning import Assigned, assign
from chorus.checking import MOST, Plan, checkers, plan
from chorus.models import Invoice
from chorus.reopening import reopen
from chorus.screens.invoice_forms import AssignForm

ACTIONS = ("check_now", "reopen_tracking", "assign_manager")


class InvoiceActions(admin.ModelAdmin[Invoice]):
    """Each needs a permission of its own, tells how many invoices it was done with, and what happens next."""

    def get_urls(self) -> list[URLPattern]:
        act = self.admin_site.admin_view(self.act_on_one)
        return [path("<int:pk>/do/<str:action>/", act, name="chorus_invoice_act"), *super().get_urls()]

    def act_on_one(self, request: HttpRequest, pk: int, action: str) -> HttpResponse:
        """Do to one invoice what the action of this name does to selected ones, and return to its page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        invoice = self.get_object(request, str(pk))
        if invoice is None or action not in ACTIONS:
            raise Http404
        if action not in self.get_actions(request) or not self.has_view_permission(request, invoice):
            raise PermissionDenied
        response: HttpResponse | None = getattr(self, action)(request, self.get_queryset(request).filter(pk=pk))
        return response or HttpResponseRedirect(self._back(request))

    def has_reopen_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chorus.reopen_invoice")

    def has_check_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("chorus.check_invoice")

    @admin.action(permissions=["check"], description=gettext_lazy("Check now on Chorus Pro"))
    def check_now(self, request: HttpRequest, invoices: QuerySet[Invoice]) -> HttpResponse | None:
        """Ask which batch is to check and show what is left out; then start it, and lead to its run."""
        selected = list(invoices.select_related("company").order_by("company", "number")[: MOST + 1])
        if len(selected) > MOST:
            text = _("At most %(most)d invoices are checked at once: select fewer, or run the batch for all of them.")
            messages.error(request, text % {"most": MOST})
            return None
        user = cast(User, request.user)
        found = checkers(user, selected)
        chosen = next((checker for checker in found if str(checker.batch.pk) == request.POST.get("batch")), None)
        made = plan(selected, chosen)
        if chosen is None or not made.invoices:
            choices = [(checker, len(plan(selected, checker).invoices)) for checker in found]
            context = {"title": _("Check now on Chorus Pro"), "plan": made, "choices": choices}
            return self._action_page(request, "check_now", context)
        run = launch(chosen.batch, user, only=[invoice.pk for invoice in made.invoices])
        _tell_checked(request, made)
        return HttpResponseRedirect(reverse("admin:batches_run_change", args=(run.pk,)))

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

    @admin.action(permissions=["change"], description=gettext_lazy("Assign manager"))
    def assign_manager(self, request: HttpRequest, invoices: QuerySet[Invoice]) -> HttpResponse | None:
        """Ask for the manager; then assign."""
        answer = request.POST.get("assign_to")
        form = AssignForm(request.POST if answer else None)
        if answer != "nobody" and not form.is_valid():
            context = {"title": _("Assign manager"), "form": form, "count": invoices.count()}
            return self._action_page(request, "assign_manager", context)
        manager: User | None = None if answer == "nobody" else form.cleaned_data["manager"]
        _tell_assigned(request, manager, assign(invoices, manager))
        return None

    def _action_page(self, request: HttpRequest, action: str, context: dict[str, Any]) -> HttpResponse:
        """Ask what is still to be known. The page posts the same action for the same invoices to the same address."""
        common = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "action": action,
            "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
            "select_across": request.POST.get("select_across", "0"),
            "back": self._back(request),
        }
        return TemplateResponse(request, f"admin/chorus/invoice/{action}.html", common | context)

    def _back(self, request: HttpRequest) -> str:
        """Return the page that the action was asked for on."""
        pk = request.resolver_match and request.resolver_match.kwargs.get("pk")
        return reverse("admin:chorus_invoice_change", args=(pk,)) if pk else request.get_full_path()


def _tell_checked(request: HttpRequest, made: Plan) -> None:
    count = len(made.invoices)
    text = ngettext("%(count)d invoice is being checked.", "%(count)d invoices are being checked.", count)
    messages.success(request, text % {"count": count})
    reasons = [reason for _invoice, reason in made.left_out]
    for reason in dict.fromkeys(reasons):
        count = reasons.count(reason)
        text = ngettext(
            "%(count)d invoice is left out: %(reason)s.", "%(count)d invoices are left out: %(reason)s.", count
        )
        messages.warning(request, text % {"count": count, "reason": reason})


def _tell_assigned(request: HttpRequest, manager: User | None, assigned: Assigned) -> None:
    name = (manager.get_full_name() or manager.username) if manager else _("nobody")
    if assigned.changed:
        text = ngettext(
            "%(count)d invoice is now assigned to %(manager)s.",
            "%(count)d invoices are now assigned to %(manager)s.",
            assigned.changed,
        )
        messages.success(request, text % {"count": assigned.changed, "manager": name})
    if assigned.unchanged:
        text = ngettext(
            "%(count)d invoice was assigned to %(manager)s before.",
            "%(count)d invoices were assigned to %(manager)s before.",
            assigned.unchanged,
        )
        messages.info(request, text % {"count": assigned.unchanged, "manager": name})
    if manager and not receives_alerts(manager):
        text = _("%(manager)s has no e-mail address, so that no alert arrives. Enter one under Users.")
        messages.warning(request, text % {"manager": name})
