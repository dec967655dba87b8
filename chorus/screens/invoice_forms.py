"""How the manager of invoices is chosen."""

from __future__ import annotations

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from akuiteo.models import User


def possible_managers(present: int | None = None) -> QuerySet[User]:
    """Return the active users by name, with the present manager, who stays although he may have left."""
    return User.objects.filter(Q(is_active=True) | Q(pk=present)).order_by("last_name", "first_name", "username")


class ManagerChoice(forms.ModelChoiceField[User]):
    def label_from_instance(self, obj: User) -> str:
        name = obj.get_full_name()
        return f"{name} ({obj.username})" if name else obj.username


class AssignForm(forms.Form):
    manager = ManagerChoice(
        possible_managers(),
        label=_("Invoice manager"),
        empty_label=_("Choose a manager"),
    )
