"""The form in which the manager of selected invoices is chosen."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from akuiteo.models import User


class ManagerChoice(forms.ModelChoiceField[User]):
    def label_from_instance(self, obj: User) -> str:
        name = obj.get_full_name()
        return f"{name} ({obj.username})" if name else obj.username


class AssignForm(forms.Form):
    manager = ManagerChoice(
        User.objects.filter(is_active=True).order_by("last_name", "first_name", "username"),
        label=_("Invoice manager"),
        empty_label=_("Choose a manager"),
    )
