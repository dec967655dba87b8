"""What several model admins have in common."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

M = TypeVar("M", bound=Model)


class ReadOnly:
    """For rows that only the program writes: nobody adds, changes or deletes one, whatever their rights."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class KeepsHistory(admin.ModelAdmin[M], Generic[M]):
    """Deletes nothing that has a history: `history` names the relation that holds it.

    Django's own answer would load and list every protected row, and there may be hundreds of thousands.
    """

    history: str

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        if obj is None or not self.has_delete_permission(request, obj) or not getattr(obj, self.history).exists():
            return super().delete_view(request, object_id, extra_context)
        kept = self.opts.get_field(self.history).related_model._meta.verbose_name_plural  # type: ignore[union-attr]
        messages.error(request, _("%(object)s cannot be deleted: it has %(kept)s.") % {"object": obj, "kept": kept})
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=(object_id,))
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
