from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chorus", "0002_roles")]
    operations = [
        migrations.AddField(
            model_name="watermark",
            name="shortcut_since",
            field=models.DateTimeField(null=True, verbose_name="shortcut begins"),
        ),
        migrations.AddField(
            model_name="watermark",
            name="shortcut_rows",
            field=models.PositiveIntegerField(default=0, verbose_name="rows left out by the shortcut"),
        ),
    ]
