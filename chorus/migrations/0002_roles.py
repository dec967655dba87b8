"""The roles, as groups with least rights; docs/roles.md has the table."""

from django.db import migrations

VIEW = (
    "batches.view_batch",
    "batches.view_batchparameter",
    "batches.view_run",
    "batches.view_runlogline",
    "batches.view_outgoingemail",
    "chorus.view_company",
    "chorus.view_invoice",
    "chorus.view_statuschange",
)
WORK_ON_INVOICES = ("chorus.import_invoice", "chorus.export_invoice", "chorus.reopen_invoice")
SET_UP_BATCHES = (
    "batches.run_batch",
    "batches.add_batch",
    "batches.change_batch",
    "batches.delete_batch",
    "batches.add_batchparameter",
    "batches.change_batchparameter",
    "batches.delete_batchparameter",
)
VIEW_SET_UP = ("chorus.view_chorusconnection", "chorus.view_watermark", "akuiteo.view_user", "auth.view_group")
SET_UP_CHORUS = (
    "chorus.add_invoice",
    "chorus.add_company",
    "chorus.change_company",
    "chorus.delete_company",
    "chorus.add_chorusconnection",
    "chorus.change_chorusconnection",
    "chorus.delete_chorusconnection",
)
SET_UP_USERS = ("akuiteo.add_user", "akuiteo.change_user", "akuiteo.delete_user")

ACCOUNTING = (*VIEW, *WORK_ON_INVOICES, "chorus.change_invoice")
OPERATIONS = (*VIEW, *VIEW_SET_UP, *WORK_ON_INVOICES, *SET_UP_BATCHES)
ROLES = {
    "Viewer": VIEW,
    "Accounting": ACCOUNTING,
    "Operations": OPERATIONS,
    "Administrator": {*ACCOUNTING, *OPERATIONS, *SET_UP_CHORUS, *SET_UP_USERS},
}
NAMES = {
    "run_batch": "Can run batches",
    "import_invoice": "Can import invoices",
    "export_invoice": "Can export invoices",
    "reopen_invoice": "Can reopen the tracking of invoices",
}


def make_roles(apps, schema_editor):
    alias = schema_editor.connection.alias
    groups = apps.get_model("auth", "Group").objects.using(alias)
    for role, permissions in ROLES.items():
        group, _created = groups.get_or_create(name=role)
        group.permissions.set(_permission(apps, alias, name) for name in permissions)


def _permission(apps, alias, name):
    """Return the permission, which Django makes only after the last migration: too late for this one."""
    app_label, codename = name.split(".")
    action, model = codename.split("_")
    content_type, _created = (
        apps.get_model("contenttypes", "ContentType").objects.using(alias).get_or_create(app_label=app_label, model=model)
    )
    verbose_name = apps.get_model(app_label, model)._meta.verbose_name
    permission, _created = (
        apps.get_model("auth", "Permission")
        .objects.using(alias)
        .get_or_create(
            content_type=content_type,
            codename=codename,
            defaults={"name": NAMES.get(codename, f"Can {action} {verbose_name}")},
        )
    )
    return permission


class Migration(migrations.Migration):
    dependencies = [
        ("chorus", "0001_initial"),
        ("batches", "0001_initial"),
        ("akuiteo", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
