"""What several model admins have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.models import Group
from django.db.models import Field, Model
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from akuiteo.role_fields import RoleField
from akuiteo.roles import name_of

M = TypeVar("M", bound=Model)


class ReadOnly:
    """For rows that only the program writes: nobody adds, changes or deletes one, whatever their rights."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ChoosesRoles(admin.ModelAdmin[M], Generic[M]):
    """Offers roles by the names that roles.py gives them. They are chosen here, and made elsewhere."""

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> FormField | None:
        if db_field.related_model is not Group:
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        field = super().formfield_for_dbfield(db_field, request, form_class=RoleField, **kwargs)
        if field:
            field.widget = getattr(field.widget, "widget", field.widget)
        return field


def role_column(model: type[Model], name: str) -> Callable[[Any], str]:
    """Return a column that shows the role in a field as its readers name it."""

    @admin.display(description=model._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    def role(obj: Any) -> str:
        return name_of(getattr(obj, name) or "-")

    role.__name__ = name  # by which the page finds the help text
    return role


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
