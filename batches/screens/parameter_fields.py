"""One form field for each kind of batch parameter. What may be typed is for the parameter's own check to say."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _

from akuiteo.forms import SecretInput
from akuiteo.secrets import Secret
from batches.kinds import SEPARATOR, Kind, split
from batches.models import BatchParameter
from batches.parameters import Boolean, Parameter, ParameterError
from batches.plain_text import quoted

ADDRESS_INPUTS = {"email": forms.EmailInput, "emails": forms.TextInput}


class Several(forms.MultipleChoiceField):
    """Some of a kind's options, as the ";" separated text that is stored.

    `words` are those of the options; `gone` are the items of the stored text that are no options (any more): they are
    offered too, to be unticked.
    """

    widget = forms.CheckboxSelectMultiple

    def __init__(self, kind: Kind, stored: str, **kwargs: Any) -> None:
        self.kind = kind
        self.words = dict(kind.options())
        items = self._items(stored)
        self.gone = [item for item in items if item not in self.words]
        gone = [(item, _("does not exist: untick it")) for item in self.gone]
        super().__init__(choices=[*self.words.items(), *gone], initial=items, required=False, **kwargs)

    def clean(self, value: Any) -> str:
        items = list(dict.fromkeys(item for text in self.to_python(value) for item in self._items(text)))
        return self.kind.everything if self.kind.everything in items else SEPARATOR.join(items)

    def _items(self, text: str) -> list[str]:
        return [self._option(item) for item in split(text)]

    def _option(self, item: str) -> str:
        """Return the option that the kind takes an item for, such as REJETEE for rejetee; else the item as it is."""
        if item in self.words:
            return item
        try:
            return str(self.kind.parse(item)[0])
        except ValueError:
            return item


def field_of(parameter: Parameter, stored: BatchParameter | None) -> forms.Field:
    """Return the field, filled with the stored value, else with the default. A secret is never filled in."""
    if parameter.secret:
        return _secret(parameter, stored)
    text = stored.value if stored else ""
    if isinstance(parameter.kind, Boolean):
        return _switch(parameter, text)
    if parameter.kind.options():
        return _several(parameter, text)
    return _typed(parameter, text)


def _secret(parameter: Parameter, stored: BatchParameter | None) -> SecretInput:
    field = SecretInput(label=parameter.code, required=False)
    field.tell_stored(stored.secret if stored else Secret(), stored.secret_set_at if stored else None)
    return field


def _switch(parameter: Parameter, text: str) -> forms.BooleanField:
    widget = forms.CheckboxInput(attrs={"role": "switch", "class": "switch"})
    field = forms.BooleanField(label=parameter.code, required=False, widget=widget)
    try:
        field.initial = parameter.parse(text)
    except ParameterError:
        field.help_text = _("%(value)s is stored and cannot be used: saving replaces it.") % {"value": quoted(text)}
    return field


def _several(parameter: Parameter, text: str) -> Several:
    field = Several(parameter.kind, text or parameter.default, label=parameter.code)
    if parameter.default:
        field.help_text = _("None ticked: %(default)s.") % {"default": parameter.default}
    return field


def _typed(parameter: Parameter, text: str) -> forms.CharField:
    input_type = parameter.kind.input_type
    attrs = {"placeholder": parameter.default, "autocomplete": "off"}
    if input_type in ADDRESS_INPUTS:
        attrs["data-addresses"] = input_type
    widget = ADDRESS_INPUTS.get(input_type, forms.TextInput)(attrs=attrs)
    return forms.CharField(label=parameter.code, required=False, initial=text, widget=widget)
