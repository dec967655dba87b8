"""Which companies are shown to a user, and so which invoices and connections: one may be shown to one role alone.

The restriction comes on top of the rights, which the pages ask for. It holds for everybody but superusers. Commands on
the server and runs have no reader: they see every company.
"""

from __future__ import annotations

from django.db.models import QuerySet

from akuiteo.models import User
from chorus.models import ChorusConnection, Company, Invoice


def visible_companies(user: User) -> QuerySet[Company]:
    hidden = hidden_companies(user)
    return Company.objects.exclude(pk__in=hidden) if hidden else Company.objects.all()


def visible_invoices(user: User) -> QuerySet[Invoice]:
    """Return the invoices of the companies that the user sees."""
    hidden = hidden_companies(user)
    return Invoice.objects.exclude(company__in=hidden) if hidden else Invoice.objects.all()


def visible_connections(user: User) -> QuerySet[ChorusConnection]:
    """Return the connections of the companies that the user sees, and that of `*****`."""
    hidden = hidden_companies(user)
    return ChorusConnection.objects.exclude(company__in=hidden) if hidden else ChorusConnection.objects.all()


def hidden_companies(user: User) -> list[int]:
    """Return the keys of the companies that are shown to other roles only.

    Keys, and not a condition: where no company is restricted, as in most installations, queries stay as they are.
    """
    if user.is_superuser:
        return []
    restricted = Company.objects.exclude(display_restricted_to=None).order_by()
    hidden = restricted.exclude(display_restricted_to__in=user.groups.all())
    return list(hidden.values_list("pk", flat=True))
