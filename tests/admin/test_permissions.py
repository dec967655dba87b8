"""Who may open which page and post to it: 200 (shown), 302 (done, or sent to log in), 403 (refused)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from akuiteo.models import User
from batches.models import OutgoingEmail, Run
from tests.admin.builders import make_batch, make_company, make_connection, make_invoice, make_mail, make_run, url

Rows = dict[str, int]
EVERYBODY = {"Viewer": 200, "Accounting": 200, "Operations": 200, "Administrator": 200, "superuser": 200, "nobody": 302}
NOBODY = dict.fromkeys(EVERYBODY, 403) | {"nobody": 302}


def only(*roles: str) -> dict[str, int]:
    return NOBODY | dict.fromkeys((*roles, "superuser"), 200)


BATCH_MAKERS = only("Operations", "Administrator")
SET_UP_READERS = only("Operations", "Administrator")
ADMINISTRATORS = only("Administrator")

PAGES = {
    "batches_batch_changelist": EVERYBODY,
    "batches_batch_add": BATCH_MAKERS,
    "batches_batch_change": EVERYBODY,
    "batches_batch_history": EVERYBODY,
    "batches_batch_delete": BATCH_MAKERS,
    "batches_run_changelist": EVERYBODY,
    "batches_run_add": NOBODY,
    "batches_run_change": EVERYBODY,
    "batches_run_delete": NOBODY,
    "batches_outgoingemail_changelist": EVERYBODY,
    "batches_outgoingemail_add": NOBODY,
    "batches_outgoingemail_change": EVERYBODY,
    "batches_outgoingemail_delete": NOBODY,
    "chorus_invoice_changelist": EVERYBODY,
    "chorus_invoice_add": ADMINISTRATORS,
    "chorus_invoice_change": EVERYBODY,
    "chorus_invoice_history": EVERYBODY,
    "chorus_invoice_delete": NOBODY,
    "chorus_company_changelist": EVERYBODY,
    "chorus_company_add": ADMINISTRATORS,
    "chorus_company_change": EVERYBODY,
    "chorus_company_delete": ADMINISTRATORS,
    "chorus_chorusconnection_changelist": SET_UP_READERS,
    "chorus_chorusconnection_add": ADMINISTRATORS,
    "chorus_chorusconnection_change": SET_UP_READERS,
    "chorus_chorusconnection_delete": ADMINISTRATORS,
    "akuiteo_user_changelist": SET_UP_READERS,
    "akuiteo_user_add": ADMINISTRATORS,
    "akuiteo_user_change": SET_UP_READERS,
    "akuiteo_user_delete": ADMINISTRATORS,
    "auth_group_changelist": SET_UP_READERS,
    "auth_group_add": only(),
    "auth_user_password_change": ADMINISTRATORS,
}
POSTS = {
    "batches_batch_add": BATCH_MAKERS,
    "batches_batch_change": BATCH_MAKERS,
    "batches_run_add": NOBODY,
    "batches_run_change": NOBODY,
    "batches_run_delete": NOBODY,
    "batches_outgoingemail_add": NOBODY,
    "batches_outgoingemail_change": NOBODY,
    "batches_outgoingemail_delete": NOBODY,
    "chorus_invoice_add": ADMINISTRATORS,
    "chorus_invoice_change": only("Accounting", "Administrator"),
    "chorus_invoice_delete": NOBODY,
    "chorus_company_add": ADMINISTRATORS,
    "chorus_chorusconnection_add": ADMINISTRATORS,
    "chorus_chorusconnection_change": ADMINISTRATORS,
    "akuiteo_user_add": ADMINISTRATORS,
    "akuiteo_user_change": ADMINISTRATORS,
    "auth_user_password_change": ADMINISTRATORS,
    "auth_group_add": only(),
}
DELETIONS = {
    "batches_batch_delete": BATCH_MAKERS,
    "chorus_company_delete": ADMINISTRATORS,
    "chorus_chorusconnection_delete": ADMINISTRATORS,
    "akuiteo_user_delete": ADMINISTRATORS,
}


def cases(table: dict[str, dict[str, int]]) -> list[tuple[str, str, int]]:
    return [(view, role, status) for view, statuses in table.items() for role, status in statuses.items()]


@pytest.fixture
def rows(db: None) -> Rows:
    run = make_run(make_batch("WITH-RUNS"))
    company = make_company("SELLER")
    return {
        "batch": make_batch().pk,
        "run": run.pk,
        "outgoingemail": make_mail(run=run).pk,
        "invoice": make_invoice(company).pk,
        "company": make_company().pk,
        "chorusconnection": make_connection().pk,
        "user": User.objects.create(username="anna").pk,
    }


def address(view: str, rows: Rows) -> str:
    model = view.split("_")[1]
    return url(view) if view.endswith(("_changelist", "_add")) else url(view, rows[model])


@pytest.mark.parametrize(("view", "role", "status"), cases(PAGES))
def test_a_page_opens_for_those_who_may_see_it(
    client_of: Callable[[str], Client], rows: Rows, view: str, role: str, status: int
) -> None:
    assert client_of(role).get(address(view, rows)).status_code == status


@pytest.mark.parametrize(("view", "role", "status"), cases(POSTS))
def test_a_form_is_taken_from_those_who_may_send_it(
    client_of: Callable[[str], Client], rows: Rows, view: str, role: str, status: int
) -> None:
    """An empty form: who may send it is shown what is missing."""
    assert client_of(role).post(address(view, rows)).status_code == status


@pytest.mark.parametrize(("view", "role", "status"), cases(DELETIONS))
def test_a_deletion_is_done_for_those_who_may_delete(
    client_of: Callable[[str], Client], rows: Rows, view: str, role: str, status: int
) -> None:
    response = client_of(role).post(address(view, rows), {"post": "yes"})
    assert response.status_code == (302 if status == 200 else status)


@pytest.mark.parametrize(("view", "model"), [("run", Run), ("outgoingemail", OutgoingEmail)])
def test_not_even_a_superuser_deletes_history_in_bulk(
    client_of: Callable[[str], Client], rows: Rows, view: str, model: type[Run] | type[OutgoingEmail]
) -> None:
    form = {"action": "delete_selected", "_selected_action": rows[view], "post": "yes"}
    client_of("superuser").post(url(f"batches_{view}_changelist"), form)
    assert model.objects.count() == 1


@pytest.mark.parametrize("view", ["batches_batch_changelist", "chorus_company_changelist", "chorus_invoice_changelist"])
def test_what_has_a_history_is_not_offered_for_bulk_deletion(
    client_of: Callable[[str], Client], rows: Rows, view: str
) -> None:
    assert b"delete_selected" not in client_of("superuser").get(url(view)).content


@pytest.mark.parametrize(
    ("role", "may"), [("Viewer", False), ("Accounting", True), ("Operations", True), ("Administrator", True)]
)
def test_tracking_is_reopened_by_those_who_may(client_of: Callable[[str], Client], role: str, may: bool) -> None:
    invoice = make_invoice(make_company(), chorus_status="SUSPENDUE")
    client_of(role).post(
        url("chorus_invoice_changelist"), {"action": "reopen_tracking", "_selected_action": invoice.pk}
    )
    invoice.refresh_from_db()
    assert invoice.tracking_reopened is may


def test_a_form_from_another_site_is_refused(client_of: Callable[[str], Client], rows: Rows) -> None:
    browser = client_of("superuser")
    browser.handler.enforce_csrf_checks = True
    assert browser.post(address("chorus_company_delete", rows), {"post": "yes"}).status_code == 403
