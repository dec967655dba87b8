"""Putting an earlier version of a batch's set-up back in force, checked as when it is saved on its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from akuiteo.models import User
from akuiteo.roles import name_of
from akuiteo.versions import one_version, restored_from
from batches.access import has_role
from batches.models import Batch, BatchParameter
from batches.parameters import Parameter, ParameterError
from batches.registry import UnknownTemplateError, template

RESTRICTIONS = ("display_restricted_to", "parameters_restricted_to", "launch_restricted_to")
FIELDS = ("code", "label", "template", *RESTRICTIONS)


class CannotRestoreError(Exception):
    """The version would be refused on the form too. `problems`: a sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = problems


def restore(batch: Batch, earlier: Any, values: Mapping[str, str], number: int, user: User) -> None:
    """Set the batch up as `earlier`, a row of its history, with these parameter values; secrets stay as they are.

    `user` is the one who does it, `number` that of the version. Raises CannotRestoreError, and then writes nothing.
    """
    former = {name: getattr(batch, name) for name in RESTRICTIONS}
    changed = _set_fields(batch, earlier)
    declared = _declared(batch)
    stored = {row.code: row for row in batch.parameters.all()}
    problems = [
        *_problems_of_batch(batch),
        *_problems_of_roles(batch, former, changed, user),
        *_problems_of_parameters(declared, stored, values),
    ]
    if problems:
        raise CannotRestoreError(problems)
    with transaction.atomic(), one_version(restored_from(number)):
        batch.save()
        for row in stored.values():
            if row.code not in declared:
                row.delete()
        for parameter in declared.values():
            if not parameter.secret:
                _set(batch, stored.get(parameter.code), parameter.code, values.get(parameter.code, ""))


def _set_fields(batch: Batch, earlier: Any) -> list[str]:
    """Set the batch's own fields, and return the names of those that were different."""
    attributes = {name: Batch._meta.get_field(name).attname for name in FIELDS}  # type: ignore[union-attr]
    changed = [name for name, key in attributes.items() if getattr(batch, key) != getattr(earlier, key)]
    for name in changed:
        setattr(batch, attributes[name], getattr(earlier, attributes[name]))
    return changed


def _declared(batch: Batch) -> dict[str, Parameter]:
    try:
        return template(batch.template).declared()
    except UnknownTemplateError as error:
        raise CannotRestoreError([str(error)]) from error


def _problems_of_batch(batch: Batch) -> Iterable[str]:
    try:
        batch.full_clean()
    except ValidationError as error:
        for name, messages in error.message_dict.items():
            yield from (f"{name}: {message}" for message in messages)


def _problems_of_roles(
    batch: Batch, former: Mapping[str, Group | None], changed: Iterable[str], user: User
) -> Iterable[str]:
    for name in RESTRICTIONS:
        if name in changed and not has_role(user, former[name]):
            words = _("The batch is restricted to the role %(role)s, which you do not have: ask somebody who has it.")
            yield words % {"role": name_of(former[name])}
        role = Group.objects.filter(pk=getattr(batch, f"{name}_id")).first()
        if name in changed and not has_role(user, role):
            words = _("This version is restricted to the role %(role)s, which you do not have: you would be shut out.")
            yield words % {"role": name_of(role)}


def _problems_of_parameters(
    declared: Mapping[str, Parameter], stored: Mapping[str, BatchParameter], values: Mapping[str, str]
) -> Iterable[str]:
    for code, parameter in declared.items():
        if parameter.secret:
            row = stored.get(code)
            if parameter.required and not (row and row.secret):
                yield _("%(code)s is not set: enter it on the batch's page first.") % {"code": code}
            continue
        try:
            parameter.parse(values.get(code, ""))
        except ParameterError as error:
            yield str(error)


def _set(batch: Batch, row: BatchParameter | None, code: str, value: str) -> None:
    if value == "":
        if row:
            row.delete()
    elif row is None:
        BatchParameter.objects.create(batch=batch, code=code, value=value)
    elif row.value != value:
        row.value = value
        row.save(update_fields=["value"])
