"""The form of a batch: its parameter table follows from what the template declares."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from akuiteo.forms import SecretInput, set_or_not
from akuiteo.secrets import Secret
from batches.models import Batch, BatchParameter
from batches.parameters import Boolean, Parameter, ParameterError
from batches.registry import UnknownTemplateError, template, templates


class Row(NamedTuple):
    """One line of the parameter table. `stored` is the value as a reader may see it."""

    parameter: Parameter
    input: BoundField
    stored: str


class TemplateChoice(forms.Form):
    """The drop-down list that comes before everything else; it carries what was typed already."""

    template = forms.ChoiceField(label=_("Batch template"), required=True)
    code = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"id": "choice_code"}))
    label = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"id": "choice_label"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, f"{code} - {template.label}") for code, template in sorted(templates().items())]
        self.fields["template"].choices = [("", "---------"), *choices]  # type: ignore[attr-defined]


class BatchForm(forms.ModelForm[Batch]):
    class Meta:
        model = Batch
        fields = ("code", "label", "template")
        widgets = {"template": forms.HiddenInput}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.template_code = self.instance.template or self.data.get("template") or self.initial.get("template") or ""
        self.declared = _declared(self.template_code)
        self.stored = {row.code: row for row in self.instance.parameters.all()} if self.instance.pk else {}
        for parameter in self.declared:
            self.fields[_name(parameter)] = _field(parameter, self.stored.get(parameter.code))

    def rows(self) -> Iterator[Row]:
        for parameter in self.declared:
            yield Row(parameter, self[_name(parameter)], _shown(parameter, self.stored.get(parameter.code)))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        try:
            template(self.template_code)
        except UnknownTemplateError as error:
            self.add_error(None, str(error))
        for parameter in self.declared:
            self._check(parameter)
        return cleaned

    def _check(self, parameter: Parameter) -> None:
        name = _name(parameter)
        if name not in self.cleaned_data:
            return
        value = self.cleaned_data[name]
        if parameter.secret and not value and self.stored.get(parameter.code):
            return
        try:
            parameter.parse(value.reveal() if isinstance(value, Secret) else str(value))
        except ParameterError as error:
            self.add_error(name, error.message)

    def save_parameters(self) -> None:
        """Write the values; an emptied one is deleted, a secret that was left empty stays."""
        self.instance.parameters.exclude(code__in=[parameter.code for parameter in self.declared]).delete()
        for parameter in self.declared:
            self._save_parameter(parameter, self.cleaned_data[_name(parameter)])

    def _save_parameter(self, parameter: Parameter, value: Any) -> None:
        if parameter.secret:
            if value:
                self._store(parameter, {"value": "", "secret": value})
        elif value == "":
            self.instance.parameters.filter(code=parameter.code).delete()
        else:
            self._store(parameter, {"value": str(value), "secret": Secret()})

    def _store(self, parameter: Parameter, values: dict[str, Any]) -> None:
        self.instance.parameters.update_or_create(code=parameter.code, defaults=values)


def _declared(template_code: str) -> list[Parameter]:
    """Return the template's parameters as the reference lists them: by code."""
    found = templates().get(template_code)
    return sorted(found.declared().values(), key=lambda parameter: parameter.code) if found else []


def _name(parameter: Parameter) -> str:
    return f"parameter_{parameter.code}"


def _field(parameter: Parameter, stored: BatchParameter | None) -> forms.Field:
    if parameter.secret:
        field = SecretInput(label=parameter.code, required=False)
        field.tell_stored(bool(stored and stored.secret))
        return field
    text = stored.value if stored else ""
    if isinstance(parameter.kind, Boolean):
        return forms.BooleanField(label=parameter.code, required=False, initial=_is_true(parameter, text))
    widget = forms.EmailInput if parameter.kind.input_type == "email" else forms.TextInput
    attrs = {"placeholder": parameter.default}
    return forms.CharField(label=parameter.code, required=False, initial=text, widget=widget(attrs=attrs))


def _is_true(parameter: Parameter, text: str) -> bool:
    try:
        return bool(parameter.parse(text))
    except ParameterError:
        return False


def _shown(parameter: Parameter, stored: BatchParameter | None) -> str:
    if parameter.secret:
        return set_or_not(stored.secret if stored else Secret())
    return stored.value if stored else ""
