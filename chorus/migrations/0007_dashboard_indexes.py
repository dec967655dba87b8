"""What keeps the dashboard fast: its sums are read from indexes alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chorus", "0006_invoice_lists")]
    operations = [
        migrations.AddIndex(
            "invoice",
            models.Index(
                fields=[
                    "chorus_status",
                    "currency",
                    "tracking_reopened",
                    "deposited_on",
                    "date",
                    "manager",
                    "amount_incl_tax",
                    "dematerialized",
                    "missing_since",
                ],
                name="invoice_standing",
            ),
        ),
        migrations.AddIndex(
            "invoice",
            models.Index(
                fields=[
                    "chorus_status",
                    "chorus_status_at",
                    "customer",
                    "deposited_on",
                    "currency",
                    "amount_incl_tax",
                    "dematerialized",
                ],
                name="invoice_status_since",
            ),
        ),
    ]
