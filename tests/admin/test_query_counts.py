"""The number of queries of a page does not grow with its rows."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from akuiteo.models import User
from batches.models import Batch
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

MOST = 16
"""Session, user, permissions (2), the filters' choices (up to 4), counts (2), rows, and room for few more."""


def make_rows(batch: Batch, numbers: range) -> None:
    for number in numbers:
        user = User.objects.create(username=f"manager{number}")
        company = make_company(f"C{number}")
        make_connection(company)
        make_invoice(company, manager=user, chorus_status="DEPOSEE", chorus_status_at=timezone.now())
        run = make_run(make_batch(f"B{number}"), user=user, counts={"checked": 1})
        make_mail(run=run)


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        page(client.get(address))
    return len(captured)


@pytest.mark.parametrize(
    "view",
    [
        "batches_batch_changelist",
        "batches_run_changelist",
        "batches_outgoingemail_changelist",
        "chorus_company_changelist",
        "chorus_chorusconnection_changelist",
        "chorus_invoice_changelist",
        "akuiteo_user_changelist",
    ],
)
def test_a_list_of_50_rows_costs_no_more_queries_than_one_of_5(administrator: Client, batch: Batch, view: str) -> None:
    make_rows(batch, range(5))
    few = queries(administrator, url(view))
    make_rows(batch, range(5, 50))
    assert queries(administrator, url(view)) <= few <= MOST


def test_an_invoice_with_many_status_changes_costs_no_more_queries(accounting: Client, batch: Batch) -> None:
    invoice = make_invoice(make_company())

    def add_changes(count: int) -> None:
        for _ in range(count):
            make_change(invoice, "DEPOSEE", "MANDATEE", run=make_run(batch), alert=make_mail())

    address = url("chorus_invoice_change", invoice.pk)
    add_changes(2)
    few = queries(accounting, address)
    add_changes(20)
    assert queries(accounting, address) <= few <= MOST


def test_a_run_with_many_lines_and_mails_costs_no_more_queries(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    address = url("batches_run_change", run.pk)
    few = queries(viewer, address)
    for number in range(20):
        run.log_lines.create(at=timezone.now(), level="LOG", text=str(number))
        make_mail(run=run)
    assert queries(viewer, address) <= few <= MOST
