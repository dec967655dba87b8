"""Moving a connection to another company, as the original does: the source is left without one."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from akuiteo.versions import one_version
from chorus.models import ChorusConnection, Company


class TargetTakenError(Exception):
    """The company that a connection was to go to has one already."""


def free_companies() -> QuerySet[Company]:
    """Return the companies without a connection of their own."""
    return Company.objects.filter(chorus=None)


def is_free_for_all() -> bool:
    """Tell whether ***** has no connection."""
    return not ChorusConnection.objects.filter(company=None).exists()


def move(connection: ChorusConnection, target: Company | None) -> None:
    """Give the connection, its secrets included, to another company, or with None to *****.

    Raises TargetTakenError. Watermarks stay: each carries the account that it was read with.
    """
    connection.company = target
    try:
        with transaction.atomic(), one_version():
            connection.save(update_fields=["company"])
    except IntegrityError as error:
        raise TargetTakenError from error
