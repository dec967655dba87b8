"""Values of a table -> a model instance, checked by the model's own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _

from akuiteo.secrets import Secret, SecretUnreadableError
from batches.plain_text import quoted
from chorus.setup_file.tables import Table

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


def outcome(is_new: bool, is_changed: bool) -> str:
    if is_new:
        return CREATED
    return UPDATED if is_changed else UNCHANGED


def fill(instance: models.Model, table: Table, values: Mapping[str, Any], keys: Mapping[str, str]) -> bool:
    """Set the values that are not None, by file key, and check them. Return whether any was new.

    `keys`: file key -> model field. What the fields refuse becomes a problem of the table.
    """
    given = {keys[key]: value for key, value in values.items() if value is not None}
    changed = [name for name, value in given.items() if getattr(instance, name) != value]
    for name in changed:
        setattr(instance, name, given[name])
    others = {field.name for field in instance._meta.fields} - set(given)
    try:
        instance.clean_fields(exclude=others)
    except ValidationError as error:
        for key, name in keys.items():
            for message in error.message_dict.get(name, ()):
                table.problem(f"{key} {quoted(str(given[name]))}: {message}{_accepted(instance, name)}")
    return bool(changed)


def fill_secret(instance: models.Model, name: str, text: str | None) -> bool:
    """Set a secret, and when, unless it is the stored one already. Return whether it was new.

    Raises SecretUnreadableError when nothing can be encrypted; a stored one that cannot be read is replaced.
    """
    if text is None or text == _revealed(getattr(instance, name)):
        return False
    setattr(instance, name, Secret.of(text))
    setattr(instance, f"{name}_set_at", timezone.now())
    return True


def _revealed(secret: Secret) -> str | None:
    try:
        return secret.reveal()
    except SecretUnreadableError:
        return None


def _accepted(instance: models.Model, name: str) -> str:
    choices = next(field.choices for field in instance._meta.fields if field.name == name)
    codes = [str(code) for code, _label in choices or ()]
    return " " + _("Accepted: %s.") % ", ".join(codes) if codes else ""
