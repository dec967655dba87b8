"""What happened stays as it happened: nobody adds, changes or deletes a row of the journal, whatever their rights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client, RequestFactory
from django.utils import timezone

from akuiteo.models import User
from batches.models import FailureEpisode, OutgoingEmail, Recipient, Run, RunLogLine
from chorus.models import Invoice, StatusChange
from tests.admin.builders import make_batch, make_change, make_company, make_invoice, make_mail, make_run, url

JOURNAL: tuple[type[Model], ...] = (Run, RunLogLine, OutgoingEmail, Recipient, FailureEpisode, StatusChange)
LIST = "chorus_invoice_changelist"
KEPT = ("Run", "RunLogLine", "OutgoingEmail", "StatusChange", "Invoice", "Batch", "Company")


@pytest.fixture
def rows(db: None) -> dict[str, Model]:
    """Make a run with all that it leaves behind."""
    user = User.objects.create(username="starter")
    run = make_run(make_batch(), user=user, started_by=user)
    invoice = make_invoice(make_company(), chorus_status="SUSPENDUE")
    mail = make_mail(run=run, status="given up")
    change = make_change(invoice, "DEPOSEE", "SUSPENDUE", run=run, alert=mail)
    line = run.log_lines.create(at=timezone.now(), level="LOG", text="begun")
    made: tuple[Model, ...] = (user, run, invoice, mail, change, line, run.batch, invoice.company)
    return {type(row).__name__: row for row in made}


@pytest.mark.parametrize("model", JOURNAL, ids=lambda model: model._meta.label)
def test_s13_not_even_a_superuser_writes_the_journal_on_a_screen(db: None, model: type[Model]) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.create(username="root", is_superuser=True, is_staff=True)
    shown = admin.site._registry.get(model)
    assert shown is None or not any(
        (
            shown.has_add_permission(request),
            shown.has_change_permission(request, model()),
            shown.has_delete_permission(request, model()),
            "delete_selected" in shown.get_actions(request),
        )
    )


@pytest.mark.parametrize("model", JOURNAL, ids=lambda model: model._meta.label)
def test_s13_no_role_has_the_right_to_write_the_journal(db: None, model: type[Model]) -> None:
    writing = Permission.objects.filter(content_type__model=model._meta.model_name).exclude(codename__startswith="view")
    roles = Group.objects.filter(permissions__in=writing.exclude(codename="run_batch"))
    assert list(roles) == []


@pytest.mark.parametrize("what", KEPT)
def test_s13_nothing_that_a_superuser_deletes_takes_the_journal_with_it(
    client_of: Callable[[str], Client], rows: dict[str, Model], what: str
) -> None:
    model, pk = type(rows[what]), rows[what].pk
    name = f"{model._meta.app_label}_{model._meta.model_name}_delete"
    if model in admin.site._registry:
        client_of("superuser").post(url(name, pk), {"post": "yes"})
    assert all(type(row)._default_manager.filter(pk=row.pk).exists() for row in rows.values())


def test_s13_a_user_who_is_deleted_leaves_the_journal_behind(
    client_of: Callable[[str], Client], rows: dict[str, Model]
) -> None:
    client_of("superuser").post(url("akuiteo_user_delete", rows.pop("User").pk), {"post": "yes"})
    assert not User.objects.filter(username="starter").exists()
    assert all(type(row)._default_manager.filter(pk=row.pk).exists() for row in rows.values())


@pytest.mark.parametrize("action", ["check_now", "reopen_tracking", "assign_manager"])
def test_s13_an_action_that_is_sent_without_the_right_does_nothing(
    viewer: Client, rows: dict[str, Model], action: str
) -> None:
    before = list(Invoice.objects.values())
    form = {"action": action, "_selected_action": rows["Invoice"].pk, "assign_to": "nobody"}
    viewer.post(url(LIST), form | {"batch": rows["Batch"].pk})
    assert list(Invoice.objects.values()) == before
    assert Run.objects.count() == 1


@pytest.mark.parametrize("action", ["export_xlsx", "export_french_csv", "export_csv"])
def test_s13_an_export_that_is_asked_for_without_the_right_gives_no_file(
    viewer: Client, rows: dict[str, Model], action: str
) -> None:
    response = viewer.post(url(LIST), {"action": action, "_selected_action": rows["Invoice"].pk})
    assert "Content-Disposition" not in response.headers


def test_s13_a_mail_is_not_sent_again_without_the_right(viewer: Client, rows: dict[str, Model]) -> None:
    form = {"action": "send_again", "_selected_action": rows["OutgoingEmail"].pk}
    viewer.post(url("batches_outgoingemail_changelist"), form)
    assert OutgoingEmail.objects.get().status == OutgoingEmail.Status.GIVEN_UP


def test_s13_a_right_that_is_taken_away_while_a_page_is_open_is_gone(
    accounting: Client, rows: dict[str, Model]
) -> None:
    offered: Any = accounting.get(url(LIST)).context["action_form"]
    assert "reopen_tracking" in dict(offered.fields["action"].choices)
    User.objects.get(username="accounting").groups.set([Group.objects.get(name="Viewer")])
    accounting.post(url(LIST), {"action": "reopen_tracking", "_selected_action": rows["Invoice"].pk})
    assert not Invoice.objects.get().tracking_reopened
