"""What is to be done first, until the first invoices are followed."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from akuiteo.models import User
from batches.models import Batch
from chorus.models import ChorusConnection, Company, Invoice


class Step(NamedTuple):
    """`url` is empty where the user may not do it."""

    text: str | Promise
    is_done: bool
    url: str


STEPS: tuple[tuple[str | Promise, type[Model], str, str], ...] = (
    (_("Create a company: the seller, with its SIRET."), Company, "chorus.add_company", "chorus_company_add"),
    (
        _("Give it a Chorus connection, and test it."),
        ChorusConnection,
        "chorus.add_chorusconnection",
        "chorus_chorusconnection_add",
    ),
    (_("Import invoices from a CSV file."), Invoice, "chorus.import_invoice", "chorus_invoice_import"),
    (_("Create a batch that asks for their statuses, and run it."), Batch, "batches.add_batch", "batches_batch_add"),
)


def steps(user: User) -> list[Step]:
    """Return all steps, or none where all are done."""
    found = [
        Step(text, model._default_manager.exists(), reverse(f"admin:{view}") if user.has_perm(permission) else "")
        for text, model, permission, view in STEPS
    ]
    return [] if all(step.is_done for step in found) else found
