"""What keeps the list of invoices fast: one column that is searched, and indexes in the orders that it is shown in."""

from django.db import migrations, models
from django.db.models import Value
from django.db.models.functions import Cast, Coalesce, Concat, Lower


class Migration(migrations.Migration):
    dependencies = [("chorus", "0005_back_office_roles")]
    operations = [
        migrations.RemoveIndex("invoice", "invoice_newest"),
        migrations.AddField(
            "invoice",
            "search_text",
            models.GeneratedField(
                verbose_name="searched text",
                expression=Lower(
                    Concat(
                        "number",
                        Value(" "),
                        "customer",
                        Value(" "),
                        "customer_siret",
                        Value(" "),
                        "flow_number",
                        Value(" "),
                        Coalesce(Cast("chorus_id", models.CharField(max_length=20)), Value("")),
                    )
                ),
                output_field=models.TextField(),
                db_persist=True,
            ),
        ),
        migrations.AddIndex(
            "invoice", models.Index(fields=["-date", "-id", "search_text"], name="invoice_newest_searched")
        ),
        migrations.AddIndex("invoice", models.Index(fields=["customer", "-id"], name="invoice_customer")),
        migrations.AddIndex("invoice", models.Index(fields=["amount_incl_tax", "-id"], name="invoice_amount")),
    ]
