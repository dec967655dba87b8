"""Encrypts the stored secrets anew with the newest key, one by one, while runs and the site work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.apps import apps
from django.db.models import Model
from django.utils.text import capfirst

from akuiteo.secrets import Secret, SecretField, SecretUnreadableError


@dataclass
class Rotation:
    """How many secrets were encrypted anew, how many had the newest key, and the names of those that no key reads."""

    rewritten: int = 0
    already_new: int = 0
    unreadable: list[str] = field(default_factory=list)


def rotate() -> Rotation:
    """Encrypt each stored secret with the newest key, unless it is already.

    Each is written at once and only where it is still the one that was read: a secret that somebody enters meanwhile
    stays, and after a kill another call does the rest. Nothing of this is in the history: no secret has changed.
    """
    rotation = Rotation()
    for model, name in _secret_fields():
        # The keys first: a cursor that is open for long would hold the database's log of changes on SQLite.
        keys = list(model._default_manager.exclude(**{name: ""}).order_by("pk").values_list("pk", flat=True))
        for pk in keys:
            _rotate(model, name, pk, rotation)
    return rotation


def _secret_fields() -> Iterator[tuple[type[Model], str]]:
    for model in apps.get_models():
        for column in model._meta.get_fields():
            if isinstance(column, SecretField):
                yield model, column.name


def _rotate(model: type[Model], name: str, pk: object, rotation: Rotation) -> None:
    while secret := _stored(model, name, pk):
        if secret.has_newest_key():
            rotation.already_new += 1
            return
        try:
            renewed = secret.with_newest_key()
        except SecretUnreadableError:
            rotation.unreadable.append(_words(model, name, pk))
            return
        if model._default_manager.filter(pk=pk, **{name: secret}).update(**{name: renewed}):
            rotation.rewritten += 1
            return
        # Somebody has entered another one since it was read: look at that one.


def _stored(model: type[Model], name: str, pk: object) -> Secret | None:
    """Return the secret; an empty one or None where there is none any more."""
    found: Secret | None = model._default_manager.filter(pk=pk).values_list(name, flat=True).first()
    return found


def _words(model: type[Model], name: str, pk: object) -> str:
    """Name a secret so that a person finds where to enter it again."""
    row = model._default_manager.filter(pk=pk).first()
    return f"{capfirst(model._meta.verbose_name)} {row}: {model._meta.get_field(name).verbose_name}"  # type: ignore[union-attr]
