"""The form of a batch: its parameter table follows from what the template declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.contrib.auth.models import Group
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akuiteo.forms import set_or_not
from akuiteo.models import User
from akuiteo.roles import name_of
from akuiteo.secrets import Secret
from batches.access import has_role
from batches.kinds import split
from batches.models import Batch, BatchParameter
from batches.newest_version import changed_meanwhile, is_newest, newest_version
from batches.parameters import Boolean, Parameter, ParameterError, Text
from batches.registry import UnknownTemplateError, template, templates
from batches.screens.parameter_fields import Several, field_of

RESTRICTIONS = ("display_restricted_to", "parameters_restricted_to", "launch_restricted_to")


@dataclass(frozen=True)
class Row:
    """One line of the parameter table."""

    parameter: Parameter
    input: BoundField
    stored: BatchParameter | None

    def widget(self) -> SafeString:
        return self.input.as_widget(attrs={"aria-describedby": self.described_by()})

    def described_by(self) -> str:
        """Return the ids of what a screen reader tells with the input: description, hint and errors."""
        return f"{self.input.auto_id}_description {self.input.aria_describedby or ''}".strip()

    def hint(self) -> str:
        """Return what may be typed, where that is not plain."""
        is_plain = isinstance(self.input.field, Several) or type(self.parameter.kind) is Text
        return "" if is_plain or self.parameter.kind.input_type != "text" else str(self.parameter.kind.accepted)

    def help_text(self) -> str:
        if self.parameter.secret and self.input.form.errors and self.input.data:
            return _("Type it again: what you typed is not kept.")
        return str(self.input.help_text)

    def shown(self) -> list[str]:
        """Return the stored value as a reader may see it, in lines."""
        if self.parameter.secret:
            secret = self.stored.secret if self.stored else Secret()
            return [set_or_not(secret, self.stored.secret_set_at if self.stored else None)]
        text = self.stored.value if self.stored else ""
        if isinstance(self.input.field, Several):
            words = self.input.field.words
            return [f"{item} - {words[item]}" if item in words else item for item in split(text)]
        return [_shown_boolean(self.parameter, text) if isinstance(self.parameter.kind, Boolean) else text]


class Problem(NamedTuple):
    """An error, and the id of the input that it is about."""

    anchor: str
    text: str


class TemplateChoice(forms.Form):
    """The drop-down list that comes before everything else; it carries what was typed already."""

    template = forms.ChoiceField(label=gettext_lazy("Batch template"), required=True)
    code = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"id": "choice_code"}))
    label = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"id": "choice_label"}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(code, f"{code} - {template.label}") for code, template in sorted(templates().items())]
        self.fields["template"].choices = [("", "---------"), *choices]  # type: ignore[attr-defined]


class BatchForm(forms.ModelForm[Batch]):
    """`user` is the one who fills it in. Initial `copied_from`: the batch whose values a new one begins with.

    `version` is that of the batch with which the form was opened. Clean it in a transaction.
    """

    user: User
    version = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Batch
        fields = ("code", "label", "template", *RESTRICTIONS)
        widgets = {"template": forms.HiddenInput}
        error_messages = {"template": {"required": gettext_lazy("Choose the batch template.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["version"] = newest_version(self.instance)
        self.former_roles: dict[str, Group | None] = {name: getattr(self.instance, name) for name in RESTRICTIONS}
        self.template_code = self.instance.template or self.data.get("template") or self.initial.get("template") or ""
        self.declared = _declared(self.template_code)
        self.stored = _stored(self.instance) if self.instance.pk else {}
        filled = self.stored or _without_secrets(self.initial.get("copied_from"))
        for parameter in self.declared:
            self.fields[_name(parameter)] = field_of(parameter, filled.get(parameter.code))

    @cached_property
    def rows(self) -> list[Row]:
        return [Row(parameter, self[_name(parameter)], self.stored.get(parameter.code)) for parameter in self.declared]

    def problems(self) -> Iterator[Problem]:
        """Return the errors of all inputs, in the order of the page."""
        parameters = [_name(parameter) for parameter in self.declared]
        for name in ("template", "code", "label", *parameters, *RESTRICTIONS):
            for error in self.errors.get(name, ()):
                words = "%(error)s" if name in parameters else _("%(field)s: %(error)s")
                anchor = "choice_template" if name == "template" else self[name].auto_id
                yield Problem(anchor, words % {"field": self[name].label, "error": error})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        self._check_version()
        self._check_template()
        for parameter in self.declared:
            self._check(parameter)
        for name in RESTRICTIONS:
            self._check_restriction(name)
        return cleaned

    def _check_version(self) -> None:
        if not self.instance.pk:
            return
        # Of two that are saved at once, the second waits here and then finds the version of the first.
        Batch.objects.select_for_update().get(pk=self.instance.pk)
        if not is_newest(self.cleaned_data.get("version", ""), self.instance):
            self.add_error(None, changed_meanwhile(self.instance))

    def _check_template(self) -> None:
        if not self.template_code:
            return
        try:
            template(self.template_code)
        except UnknownTemplateError as error:
            self.add_error(None, str(error))

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

    def _check_restriction(self, name: str) -> None:
        if name in self.changed_data:
            try:
                refuse_to_lift(self.user, self.former_roles[name])
                refuse_to_shut_out(self.user, self.cleaned_data.get(name))
            except forms.ValidationError as error:
                self.add_error(name, error)

    def save_parameters(self) -> None:
        """Write the values; an emptied one is deleted, a secret that was left empty stays."""
        self.instance.parameters.exclude(code__in=[parameter.code for parameter in self.declared]).delete()
        for parameter in self.declared:
            self._save_parameter(parameter, self.cleaned_data[_name(parameter)])

    def _save_parameter(self, parameter: Parameter, value: Any) -> None:
        row = self.stored.get(parameter.code) or BatchParameter(batch=self.instance, code=parameter.code)
        if parameter.secret:
            if value:
                row.value, row.secret, row.secret_set_at = "", value, timezone.now()
                row.save()
        elif value == "":
            self.instance.parameters.filter(code=parameter.code).delete()
        elif row.pk is None or row.value != str(value) or row.secret:
            row.value, row.secret, row.secret_set_at = str(value), Secret(), None
            row.save()


def refuse_to_lift(user: User, role: Group | None) -> None:
    """Raise ValidationError where the user takes a restriction away that keeps them out themselves."""
    if not has_role(user, role):
        words = _("This is restricted to the role %(role)s, which you do not have: ask somebody who has it.")
        raise forms.ValidationError(words % {"role": name_of(role)})


def refuse_to_shut_out(user: User, role: Group | None) -> None:
    """Raise ValidationError where the user restricts something to a role that they do not have."""
    if not has_role(user, role):
        words = _(
            "You do not have the role %(role)s: you would shut yourself out. "
            "Choose a role that you have, or leave this empty."
        )
        raise forms.ValidationError(words % {"role": name_of(role)})


def _declared(template_code: str) -> list[Parameter]:
    """Return the template's parameters as the reference lists them: by code."""
    found = templates().get(template_code)
    return sorted(found.declared().values(), key=lambda parameter: parameter.code) if found else []


def _stored(batch: Batch) -> dict[str, BatchParameter]:
    return {row.code: row for row in batch.parameters.all()}


def _without_secrets(batch: Batch | None) -> dict[str, BatchParameter]:
    return {code: row for code, row in _stored(batch).items() if not row.secret} if batch else {}


def _name(parameter: Parameter) -> str:
    return f"parameter_{parameter.code}"


def _shown_boolean(parameter: Parameter, text: str) -> str:
    try:
        return _("Yes") if parameter.parse(text) else _("No")
    except ParameterError:
        return text
