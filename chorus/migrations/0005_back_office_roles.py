"""The rights that the back office adds, given to the roles; docs/roles.md has the table."""

from importlib import import_module

from django.db import migrations

_permission = import_module("chorus.migrations.0002_roles")._permission

CHECK_INVOICES = "chorus.check_invoice"
TEST_CONNECTIONS = "chorus.test_chorusconnection"
NAMES = {
    CHECK_INVOICES: "Can check invoices on the portal",
    TEST_CONNECTIONS: "Can test Chorus connections",
}
ADDED = {
    "Accounting": (CHECK_INVOICES,),
    "Operations": (CHECK_INVOICES, TEST_CONNECTIONS),
    "Administrator": (CHECK_INVOICES, TEST_CONNECTIONS),
}


def add_rights(apps, schema_editor):
    alias = schema_editor.connection.alias
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for role, names in ADDED.items():
        group = groups.filter(name=role).first()
        for name in names if group else ():
            permission = _permission(apps, alias, name)
            permission.name = NAMES[name]
            permission.save()
            group.permissions.add(permission)


class Migration(migrations.Migration):
    dependencies = [("chorus", "0004_back_office")]
    operations = [migrations.RunPython(add_rights, migrations.RunPython.noop)]
