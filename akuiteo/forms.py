"""Form fields that more than one floor of the house needs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from akuiteo.secrets import Secret, SecretUnreadableError


class SecretInput(forms.CharField):
    """A write-only input: it is never filled, and what is stored stays where it is left empty.

    Its cleaned value is a Secret, an empty one for "unchanged".
    """

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(strip=False, widget=widget, **kwargs)

    def tell_stored(self, stored: bool) -> None:
        self.help_text = _("Set. Leave empty to keep it.") if stored else _("Not set.")

    def clean(self, value: Any) -> Secret:
        text = super().clean(value)
        try:
            return Secret.of(text)
        except SecretUnreadableError as error:
            raise ValidationError(str(error)) from error


def set_or_not(secret: Secret) -> str:
    """Return all that a reader may know of a secret."""
    return str(_("set") if secret else _("not set"))
