"""Rows to look at, and what a browser sends and shows."""

from __future__ import annotations

import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from akuiteo.secrets import Secret
from batches.models import Batch, Outcome, OutgoingEmail, Run
from batches.recipients import add_recipients
from chorus.models import ChorusConnection, Company, Invoice, StatusChange

SCRIPT = "<script>alert(1)</script>"


def url(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def page(response: Any) -> str:
    """Return the HTML of a page that was shown, not redirected to."""
    assert response.status_code == 200, response.status_code
    return str(response.content.decode())


def errors(response: Any) -> dict[str, list[str]]:
    """Return the errors that the form shows, by field."""
    assert response.status_code == 200, response.status_code
    return dict(response.context["adminform"].form.errors)


def told(response: Any) -> list[str]:
    """Return the messages at the top of the page."""
    return [str(message) for message in response.context["messages"]]


def make_batch(code: str = "HOURLY", template: str = "Sample") -> Batch:
    batch = Batch.objects.create(code=code, label="Every hour", template=template)
    for name, value in {"BATCH_MAIL": "support@example.org", "BATCH_USER": "batch", "ALERT": "False"}.items():
        batch.parameters.create(code=name, value=value)
    batch.parameters.create(code="BATCH_PWD", secret=Secret.of("stored-password"))
    return batch


def make_run(batch: Batch, **fields: Any) -> Run:
    started = fields.pop("started_at", timezone.now())
    ended_at = started + datetime.timedelta(seconds=75)
    values = {"trigger": Run.Trigger.COMMAND, "outcome": Outcome.SUCCEEDED, "ended_at": ended_at}
    return Run.objects.create(batch=batch, started_at=started, **values | fields)


def make_mail(**fields: Any) -> OutgoingEmail:
    """A mail all of whose recipients have its status."""
    number = OutgoingEmail.objects.count()
    mail = OutgoingEmail.objects.create(
        **{"message_id": f"<{number}@test>", "to": ["anna@example.org"], "subject": "2 invoices", "text": "Hello"}
        | fields
    )
    add_recipients(mail)
    mail.recipients.update(status=mail.status, detail=mail.last_error)
    return mail


def make_company(code: str = "ACME", **fields: Any) -> Company:
    return Company.objects.create(**{"code": code, "name": f"{code} Ltd", "siret": "33254021516357"} | fields)


def make_connection(company: Company | None = None, **fields: Any) -> ChorusConnection:
    values = {
        "environment": "local",
        "piste_client_id": "acme",
        "piste_client_secret": Secret.of("stored-piste-secret"),
        "technical_login": "TECH_1@cpro.fr",
        "technical_password": Secret.of("stored-technical-password"),
    }
    return ChorusConnection.objects.create(company=company, **values | fields)


def make_invoice(company: Company, number: str = "F-1", **fields: Any) -> Invoice:
    values = {"date": datetime.date(2026, 11, 2), "customer": "Mairie de Lyon", "dematerialization_status": 2}
    return Invoice.objects.create(company=company, number=number, **values | fields)


def make_change(invoice: Invoice, old: str, new: str, **fields: Any) -> StatusChange:
    return StatusChange.objects.create(invoice=invoice, old=old, new=new, seen_at=timezone.now(), **fields)
