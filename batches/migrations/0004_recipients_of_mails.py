from django.db import migrations

ROWS_AT_ONCE = 1000


def make_recipients(apps, _schema_editor):
    """Mails that are there already get their recipients. What became of each is not known better than of the mail."""
    mails = apps.get_model("batches", "OutgoingEmail").objects.only(
        "to", "cc", "bcc", "status", "created_at", "sent_at", "last_error"
    )
    recipient = apps.get_model("batches", "Recipient")
    rows = []
    for mail in mails.order_by("pk").iterator(ROWS_AT_ONCE):
        for address in dict.fromkeys([*mail.to, *mail.cc, *mail.bcc]):
            # Nobody is told now of what was given up long ago.
            told = mail.created_at if mail.status == "given up" else None
            rows.append(
                recipient(
                    mail=mail,
                    address=address,
                    status=mail.status,
                    detail=mail.last_error,
                    at=mail.sent_at,
                    support_told_at=told,
                )
            )
        if len(rows) >= ROWS_AT_ONCE:
            recipient.objects.bulk_create(rows)
            rows = []
    recipient.objects.bulk_create(rows)


class Migration(migrations.Migration):
    dependencies = [("batches", "0003_mail_recipients")]

    operations = [migrations.RunPython(make_recipients, migrations.RunPython.noop)]
