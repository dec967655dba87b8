"""Form fields that more than one floor of the house needs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import localize
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from akuiteo.secrets import Secret, SecretUnreadableError


class SecretInput(forms.CharField):
    """A write-only input: it is never filled, and what is stored stays where it is left empty.

    Its cleaned value is a Secret, an empty one for "unchanged".
    """

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
        super().__init__(strip=False, widget=widget, **kwargs)

    def tell_stored(self, stored: Secret, set_at: datetime | None = None) -> None:
        """Say whether there is one, since when if that is known, and whether its key was lost."""
        if not stored:
            self.help_text = _("Not set.")
        elif not stored.is_readable():
            self.help_text = _(
                "Set, but it cannot be read with FIELD_ENCRYPTION_KEYS: enter it again, or put the former key back."
            )
        elif set_at:
            self.help_text = _("Set on %(date)s. Leave empty to keep it.") % {"date": _shown(set_at)}
        else:
            self.help_text = _("Set. Leave empty to keep it.")

    def clean(self, value: Any) -> Secret:
        text = super().clean(value)
        try:
            return Secret.of(text)
        except SecretUnreadableError as error:
            raise ValidationError(str(error)) from error


def set_or_not(secret: Secret, set_at: datetime | None = None) -> str:
    """Return all that a reader may know of a secret."""
    if not secret:
        return _("not set")
    if not secret.is_readable():
        return _("set, but it cannot be read with FIELD_ENCRYPTION_KEYS")
    return _("set on %(date)s") % {"date": _shown(set_at)} if set_at else _("set")


def _shown(moment: datetime) -> str:
    return str(localize(localtime(moment)))
