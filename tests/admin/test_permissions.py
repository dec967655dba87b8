"""Who may open which page, send what to it, and do what with rows that are selected; access.txt is the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.module_loading import import_string

from akuiteo.models import User
from akuiteo.secrets import Secret
from batches.models import OutgoingEmail, Run
from chorus.models import InvoiceImport
from tests.admin.builders import make_batch, make_company, make_connection, make_invoice, make_mail, make_run, url

TABLE = Path(__file__).with_name("access.txt")
CALLERS = ("anonymous", "nobody", "Viewer", "Accounting", "Operations", "Administrator", "superuser")
DIRECTIONS = "Say in tests/admin/access.txt who may open this, and in docs/roles.md what it is."
NOT_TEMPLATES = {r"^(?P<app_label>auth|akuiteo|batches|chorus)/$": "chorus/", r"(?P<url>.*)$": "nothing/"}
"""Addresses of the routes that are regular expressions."""
BODIES = {"/delete/": {"post": "yes"}}
"""What is sent to a route of this ending; to the others an empty form: who may send it is told what is missing."""

EXPORTS = frozenset({"export_xlsx", "export_french_csv", "export_csv"})
DELETE = frozenset({"delete_selected"})
UNLOCK = frozenset({"unlock"})
ACTIONS: dict[str, dict[str, frozenset[str]]] = {
    "akuiteo.User": {"Administrator": DELETE | UNLOCK, "superuser": DELETE | UNLOCK},
    "auth.Group": {"superuser": DELETE},
    "batches.Batch": {},
    "batches.OutgoingEmail": dict.fromkeys(("Operations", "Administrator", "superuser"), frozenset({"send_again"})),
    "batches.Run": {},
    "chorus.ChorusConnection": {"Administrator": DELETE, "superuser": DELETE},
    "chorus.Company": {},
    "chorus.Invoice": {"Operations": EXPORTS | {"check_now", "reopen_tracking"}}
    | dict.fromkeys(
        ("Accounting", "Administrator", "superuser"), EXPORTS | {"check_now", "reopen_tracking", "assign_manager"}
    ),
}


Answers = dict[str, tuple[int, ...]]
"""By method: the status that each of CALLERS is answered."""

PANELS = {
    "chorus.dashboard.panels.Warnings": "",  # each warning asks for its own right
    "chorus.dashboard.panels.Beginning": "",  # each step asks for its own right
    "chorus.dashboard.panels.Invoices": "chorus.view_invoice",
    "batches.dashboard.Runs": "batches.view_run",
}


def table() -> dict[str, Answers]:
    """Return what the table says, by route."""
    said: dict[str, Answers] = {}
    for line in TABLE.read_text().splitlines():
        if line and not line.startswith("#"):
            method, route, *statuses = line.split()
            said.setdefault(route, {})[method] = tuple(map(int, statuses))
    return said


def routes(patterns: Any, prefix: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern):
            yield f"/{route}"


def address(route: str, rows: Mapping[str, Any]) -> str:
    for expression, example in NOT_TEMPLATES.items():
        route = route.replace(expression, example)
    model = route.split("/")[3] if route.count("/") > 3 else ""
    keys = {"object_id": rows.get(model), "pk": rows.get(model), "id": rows.get(model)} | dict(rows)
    if "/import/<int:pk>/" in route:
        keys["pk"] = rows["import"]
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(keys[found[1]]), route)


def make_rows() -> dict[str, Any]:
    batch, company = make_batch("WITH-RUNS"), make_company("SELLER")
    run = make_run(batch)
    return {
        "batch": make_batch().pk,
        "batch_pk": batch.pk,
        "run": run.pk,
        "outgoingemail": make_mail(run=run, status=OutgoingEmail.Status.GIVEN_UP).pk,
        "invoice": make_invoice(company, chorus_status="SUSPENDUE").pk,
        "company": make_company().pk,
        "chorusconnection": make_connection(technical_password=Secret("unreadable: no test calls anybody")).pk,
        "user": User.objects.create(username="anna").pk,
        "group": Group.objects.create(name="Spare").pk,
        "content_type_id": ContentType.objects.get_for_model(Run).pk,
        "number": 1,
        "action": "reopen_tracking",
        "form": "csv",
    }


def answer(browser: Client, method: str, route: str, rows: Mapping[str, Any]) -> int:
    """Return the status of the answer; what was changed is taken back."""
    body = next((body for ending, body in BODIES.items() if route.endswith(ending)), {})
    with transaction.atomic():
        owner = user_of(browser) or User.objects.get(username="anna")
        kept = InvoiceImport.objects.create(user=owner, file_name="invoices.csv", content=b"company,number,date\n")
        place = address(route, {**rows, "import": kept.pk})
        response = browser.get(place) if method == "GET" else browser.post(place, body)
        response.getvalue()  # a file that is streamed is closed at its end
        transaction.set_rollback(True)
    return int(response.status_code)


def browsers(client_of: Callable[[str], Client]) -> list[Client]:
    """Return those of CALLERS."""
    return [Client() if caller == "anonymous" else client_of(caller) for caller in CALLERS]


def user_of(browser: Client) -> User | None:
    return User.objects.filter(pk=browser.session.get("_auth_user_id", 0)).first()


def test_every_page_is_in_the_table() -> None:
    present = set(routes(get_resolver().url_patterns))
    assert present - set(table()) == set(), DIRECTIONS
    assert set(table()) - present == set(), "These pages are gone: take them out of the table."


def test_the_table_has_both_methods_of_every_page() -> None:
    assert [route for route, answers in table().items() if set(answers) != {"GET", "POST"}] == []


@pytest.mark.parametrize("route", table())
def test_s13_a_page_answers_each_role_as_the_table_says(client_of: Callable[[str], Client], route: str) -> None:
    rows = make_rows()
    everybody = browsers(client_of)
    for method, statuses in table()[route].items():
        assert tuple(answer(browser, method, route, rows) for browser in everybody) == statuses, method


@pytest.mark.parametrize("model", [model._meta.label for model in admin.site._registry])
def test_s13_an_action_is_offered_to_those_who_may_do_it(client_of: Callable[[str], Client], model: str) -> None:
    assert model in ACTIONS, DIRECTIONS
    shown = next(shown for registered, shown in admin.site._registry.items() if registered._meta.label == model)
    for caller, browser in zip(CALLERS, browsers(client_of), strict=True):
        request = RequestFactory().get("/")
        request.user = user_of(browser) or AnonymousUser()
        assert set(shown.get_actions(request)) == ACTIONS[model].get(caller, frozenset()), caller


def test_every_panel_of_the_dashboard_is_for_those_who_may_look_at_what_it_shows(settings: Any) -> None:
    needed = {name: import_string(name).permission for name in settings.DASHBOARD_PANELS}
    assert needed == PANELS, DIRECTIONS


@pytest.mark.parametrize(
    ("role", "sees"), [("Viewer", False), ("Accounting", False), ("Operations", True), ("Administrator", True)]
)
def test_the_dashboard_warns_of_connections_those_who_may_look_at_them(
    client_of: Callable[[str], Client], role: str, sees: bool
) -> None:
    connection = make_connection(make_company(), technical_password_ends_on=date(2020, 1, 1))
    shown = client_of(role).get(url("index")).content.decode()
    assert (url("chorus_chorusconnection_change", connection.pk) in shown) is sees


@pytest.mark.parametrize(("view", "model"), [("run", Run), ("outgoingemail", OutgoingEmail)])
def test_s13_not_even_a_superuser_deletes_history_in_bulk(
    client_of: Callable[[str], Client], view: str, model: type[Run] | type[OutgoingEmail]
) -> None:
    rows = make_rows()
    form = {"action": "delete_selected", "_selected_action": rows[view], "post": "yes"}
    client_of("superuser").post(url(f"batches_{view}_changelist"), form)
    assert model.objects.count() == 1


@pytest.mark.parametrize(
    ("role", "may"), [("Viewer", False), ("Accounting", True), ("Operations", True), ("Administrator", True)]
)
def test_s13_tracking_is_reopened_by_those_who_may(client_of: Callable[[str], Client], role: str, may: bool) -> None:
    invoice = make_invoice(make_company(), chorus_status="SUSPENDUE")
    client_of(role).post(
        url("chorus_invoice_changelist"), {"action": "reopen_tracking", "_selected_action": invoice.pk}
    )
    invoice.refresh_from_db()
    assert invoice.tracking_reopened is may


def test_s15_a_form_from_another_site_is_refused(client_of: Callable[[str], Client]) -> None:
    rows = make_rows()
    browser = client_of("superuser")
    browser.handler.enforce_csrf_checks = True
    assert browser.post(url("chorus_company_delete", rows["company"]), {"post": "yes"}).status_code == 403
