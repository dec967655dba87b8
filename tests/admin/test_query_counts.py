"""The number of queries of a page does not grow with the rows: tried on every page that an administrator has."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from akuiteo.models import User
from batches.models import Batch, BatchParameter, Outcome
from chorus.models import Invoice
from tests.admin.builders import (
    make_batch,
    make_change,
    make_company,
    make_connection,
    make_invoice,
    make_mail,
    make_run,
    page,
    url,
)

MOST = 30
"""Session, user, permissions (2), choices, counts, rows: no page has more queries, and most have half of them."""
MODELS = [model._meta.label_lower for model in admin.site._registry]
STATUSES = ("DEPOSEE", "SUSPENDUE", "MISE_EN_PAIEMENT", "REJETEE", "")


def make_rows(numbers: range) -> None:
    """Make a row of everything for each number, and more of what the pages of the first ones show."""
    for number in numbers:
        user = User.objects.create(username=f"manager{number}")
        company = make_company(f"C{number}")
        make_connection(company)
        batch = make_batch(f"B{number}")
        run = make_run(batch, user=user, started_by=user, counts={"checked": 1})
        mail = make_mail(run=run)
        status = STATUSES[number % len(STATUSES)]
        invoice = make_invoice(
            company,
            manager=user,
            chorus_status=status,
            chorus_status_at=timezone.now() if status else None,
            dematerialization_status=3 if status == "REJETEE" else 2,
        )
        make_change(invoice, "DEPOSEE", "MANDATEE", run=run, alert=mail)
        _add_to_the_first(number)


def _add_to_the_first(number: int) -> None:
    batch, invoice = Batch.objects.earliest("pk"), Invoice.objects.earliest("pk")
    run = make_run(batch, outcome=list(Outcome.values)[2 + number % 6])
    first = batch.runs.earliest("pk")
    first.log_lines.create(at=timezone.now(), level="ERROR", text=f"line {number}")
    make_change(invoice, "DEPOSEE", "MANDATEE", run=run, alert=make_mail(run=first))
    make_change(make_invoice(invoice.company, f"N{number}"), "", "DEPOSEE", run=first)
    batch.label = f"Label {number}"
    batch.save()
    BatchParameter(batch=batch, code=f"P{number}", value="1").save()


def queries(client: Client, address: str) -> int:
    """Count the queries of a page, asked for a second time: what is looked up once a process does not count."""
    page(client.get(address))
    with CaptureQueriesContext(connection) as captured:
        page(client.get(address))
    return len(captured)


def assert_does_not_grow(client: Client, address: str) -> None:
    few = queries(client, address)
    make_rows(range(3, 30))
    assert queries(client, address) <= few <= MOST


@pytest.fixture(autouse=True)
def _three_rows(db: None) -> None:
    make_rows(range(3))


@pytest.mark.parametrize("model", MODELS)
def test_a_list_of_30_rows_costs_no_more_queries_than_one_of_3(administrator: Client, model: str) -> None:
    assert_does_not_grow(administrator, url(f"{model.replace('.', '_')}_changelist"))


@pytest.mark.parametrize("view", ["change", "history"])
@pytest.mark.parametrize("model", MODELS)
def test_a_page_with_30_rows_costs_no_more_queries_than_one_with_3(
    administrator: Client, model: str, view: str
) -> None:
    label = model.split(".")
    first = next(each for each in admin.site._registry if each._meta.label_lower == model)._default_manager
    assert_does_not_grow(administrator, url(f"{'_'.join(label)}_{view}", first.earliest("pk").pk))


def test_the_dashboard_costs_no_more_queries_with_more_rows(administrator: Client) -> None:
    assert_does_not_grow(administrator, url("index"))
