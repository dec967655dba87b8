"""Fields in which roles and rights are chosen, by the names that roles.py gives them."""

from __future__ import annotations

from django import forms
from django.contrib.auth.models import Group, Permission

from akuiteo.roles import right_name, role_name


class RoleField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Group) -> str:
        return role_name(obj)


class RolesField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    widget = forms.CheckboxSelectMultiple

    def label_from_instance(self, obj: Group) -> str:
        return role_name(obj)


class RightsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Permission) -> str:
        return right_name(obj)
