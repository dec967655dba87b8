"""PostgreSQL finds parts of words by an index of trigrams; where that extension cannot be had, it reads the column."""

from django.db import Error, migrations, transaction

EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_trgm"
INDEX = "CREATE INDEX IF NOT EXISTS invoice_search_trigrams ON chorus_invoice USING gin (search_text gin_trgm_ops)"


def add_index(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute(EXTENSION)
            cursor.execute(INDEX)
    except Error as error:
        print(f" (searches of invoices stay slower, as pg_trgm cannot be used: {error})", end="")


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX IF EXISTS invoice_search_trigrams")


class Migration(migrations.Migration):
    dependencies = [("chorus", "0007_dashboard_indexes")]
    operations = [migrations.RunPython(add_index, drop_index)]
