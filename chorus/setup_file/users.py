"""[[users]]"""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from akuiteo.models import User
from batches.plain_text import quoted
from chorus.setup_file.filling import fill, outcome
from chorus.setup_file.tables import Table

ROLES = ("Viewer", "Accounting", "Operations", "Administrator")
TEXTS = {
    "login": "username",
    "email": "email",
    "first_name": "first_name",
    "last_name": "last_name",
    "language": "language",
}
KEYS = (*TEXTS, "password", "active", "roles")


def load_user(table: Table) -> str:
    """Create or update a user. What is left out of the table stays as it is."""
    table.require("login")
    login = table.text("login")
    user = User.objects.filter(username=login).first() or User()
    is_new = user.pk is None
    values = {key: table.text(key) for key in TEXTS} | {"active": table.boolean("active")}
    changed = fill(user, table, values, TEXTS | {"active": "is_active"})
    changed |= _set_password(user, table)
    roles = _roles(table)
    changed |= roles is not None and _set_staff(user, bool(roles))
    if table.is_wrong:
        return outcome(is_new, changed)
    if is_new or changed:
        user.save()
    changed |= roles is not None and _set_roles(user, roles)
    return outcome(is_new, changed)


def _set_password(user: User, table: Table) -> bool:
    table.refuse_empty("password")
    password = table.text("password")
    if password:
        if user.password and user.check_password(password):
            return False
        user.set_password(password)
        return True
    if user.pk is None:
        user.set_unusable_password()
    return False


def _roles(table: Table) -> set[str] | None:
    names = table.texts("roles")
    if names is None:
        return None
    unknown = [name for name in names if name not in ROLES]
    if unknown:
        table.problem(
            _("roles: %(unknown)s unknown; accepted: %(accepted)s")
            % {"unknown": quoted(*unknown), "accepted": ", ".join(ROLES)}
        )
    return set(names)


def _set_staff(user: User, may_enter: bool) -> bool:
    """Let those who have a role into the admin, and nobody else but superusers."""
    is_staff = may_enter or user.is_superuser
    changed = user.is_staff != is_staff
    user.is_staff = is_staff
    return changed


def _set_roles(user: User, roles: set[str]) -> bool:
    current = set(user.groups.filter(name__in=ROLES).values_list("name", flat=True))
    if current == roles:
        return False
    user.groups.remove(*Group.objects.filter(name__in=current - roles))
    user.groups.add(*Group.objects.filter(name__in=roles - current))
    return True
