"""What roles and rights are called on the pages; they are stored under their English names."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

ROLES = {
    "Viewer": _("Viewer"),
    "Accounting": _("Accounting"),
    "Operations": _("Operations"),
    "Administrator": _("Administrator"),
}
RIGHTS = {
    "run_batch": _("Can run batches"),
    "import_invoice": _("Can import invoices"),
    "export_invoice": _("Can export invoices"),
    "reopen_invoice": _("Can reopen the tracking of invoices"),
    "check_invoice": _("Can check invoices on the portal"),
    "test_chorusconnection": _("Can test Chorus connections"),
}
RIGHTS_OF_EACH_MODEL = {
    "add": _("Can add %(model)s"),
    "change": _("Can change %(model)s"),
    "delete": _("Can delete %(model)s"),
    "view": _("Can view %(model)s"),
}


def role_name(group: Group) -> str:
    return str(ROLES.get(group.name, group.name))


def right_name(permission: Permission) -> str:
    if permission.codename in RIGHTS:
        return str(RIGHTS[permission.codename])
    action, _underscore, _model = permission.codename.partition("_")
    model = permission.content_type.model_class()
    if model is None or action not in RIGHTS_OF_EACH_MODEL:
        return permission.name
    return RIGHTS_OF_EACH_MODEL[action] % {"model": _plural(model)}


def name_of(thing: object) -> str:
    """Return what a page calls a thing of any model."""
    return role_name(thing) if isinstance(thing, Group) else str(thing)


def _plural(model: type[Model]) -> str:
    """Return what several are called; Django calls the roles groups."""
    return str(_("roles") if model is Group else model._meta.verbose_name_plural)
