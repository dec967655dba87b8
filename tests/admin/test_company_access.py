"""A company that is shown to one role: its page, its connection, its invoices and all that tells of them."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from akuiteo.models import User
from chorus.access import hidden_companies, visible_companies, visible_connections, visible_invoices
from chorus.models import ChorusConnection, Company, Invoice, InvoiceImport, StatusChange
from tests.admin.builders import (
    errors,
    make_batch,
    make_change,
    make_company,
    make_connection,
    make_invoice,
    make_run,
    page,
    told,
    url,
)
from tests.admin.test_permissions import BODIES, address, routes

CANARY = "canary"
"""Whatever case: it stands in all that there is to know of the restricted company."""
KEEPERS = "Keepers"
LIST = "chorus_invoice_changelist"
ACTIONS = ("check_now", "reopen_tracking", "assign_manager", "export_xlsx", "export_french_csv", "export_csv")
TELL_NOTHING = {
    "/admin/chorus/company/add/",
    "/admin/chorus/chorusconnection/<path:object_id>/",
    "/admin/chorus/company/<path:object_id>/",
    "/admin/chorus/company/<path:object_id>/delete/",
    "/admin/chorus/invoice/<path:object_id>/",
    "/admin/chorus/invoice/<int:pk>/do/<str:action>/",
    "/admin/chorus/invoice/<path:object_id>/delete/",
    "/admin/chorus/invoice/import/<int:pk>/",
    "/admin/chorus/invoice/import/<int:pk>/refused/",
}
"""Routes that show nobody anything of a company: redirections, refusals, and what is made of a user's own file."""


@pytest.fixture
def restricted(db: None, settings: Any) -> Company:
    """Make a company that Keepers see, with all that tells of it, and a bare one, beside one that everybody sees."""
    keepers = Group.objects.create(name=KEEPERS)
    make_invoice(make_company("OPEN"), "OPEN-1", chorus_status="SUSPENDUE")
    make_company("BARE-CANARY", name="Canary without connection", display_restricted_to=keepers)
    company = make_company("A-CANARY", name="Canary Ltd", siret="39872331600011", display_restricted_to=keepers)
    ended = timezone.localdate() - datetime.timedelta(days=1)
    make_connection(company, technical_login="CANARY@cpro.fr", technical_password_ends_on=ended)
    values = {"customer": "Town of Canary", "chorus_comment": "canary comment", "chorus_status_at": timezone.now()}
    invoice = make_invoice(company, "CANARY-1", chorus_status="SUSPENDUE", **values)
    paid = {"chorus_status": "MISE_EN_PAIEMENT", "deposited_on": ended} | values
    make_invoice(company, "CANARY-2", **paid, manager=User.objects.create(username="bea", last_name="Lenoir"))
    settings.BATCH_TEMPLATES = ["chorus.batch_templates.CheckFacturesClientChorus"]
    run = make_run(make_batch(template="CheckFacturesClientChorus"))
    make_change(invoice, "DEPOSEE", "SUSPENDUE", run=run, comment="canary comment")
    make_change(Invoice.objects.get(number="OPEN-1"), "DEPOSEE", "SUSPENDUE", run=run)
    return company


@pytest.fixture
def outsider(restricted: Company, administrator: Client) -> Client:
    """Return the browser of somebody with all roles but that one."""
    user_in(administrator).groups.add(*Group.objects.exclude(name=KEEPERS))
    return administrator


@pytest.fixture
def keeper(restricted: Company, client_of: Callable[[str], Client]) -> Client:
    client = client_of("of a keeper")
    user_in(client).groups.add(Group.objects.get(name="Administrator"), Group.objects.get(name=KEEPERS))
    return client


def user_in(client: Client) -> User:
    return User.objects.get(pk=client.session["_auth_user_id"])


def all_routes() -> list[str]:
    return [route for route in routes(get_resolver().url_patterns) if route.startswith("/admin/chorus/")]


def keys_of(company: Company) -> dict[str, Any]:
    """Return the keys of a company's rows, as `address` wants them."""
    invoice, run = company.invoices.get(number__endswith="-1"), make_run(make_batch("OTHER"))
    keys = {"company": company.pk, "chorusconnection": company.chorus.pk, "invoice": invoice.pk, "run": run.pk}
    return keys | {"action": "reopen_tracking", "form": "csv", "import": 1}


def nothing() -> dict[str, Any]:
    """Return keys of no rows."""
    keys = dict.fromkeys(("company", "chorusconnection", "invoice", "import"), 99999)
    return keys | {"action": "reopen_tracking", "form": "csv"}


def body(response: Any) -> str:
    """Return where an answer leads to and all that it says, a workbook unpacked, in lower case."""
    content = b"".join(response) if response.streaming else response.content
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as workbook:
            content = b" ".join(workbook.read(name) for name in workbook.namelist())
    return f"{response.headers.get('Location', '')} {content.decode()}".lower()


def without_tokens(response: Any) -> str:
    return re.sub('name="csrfmiddlewaretoken" value="[^"]*"', "", page(response))


def other_pages() -> Iterator[str]:
    """Yield the addresses outside of the routes, and with queries, that have told of companies at some time."""
    bea, company = User.objects.get(username="bea"), Company.objects.get(code="A-CANARY")
    run = company.invoices.get(number="CANARY-1").status_changes.get().run
    assert run
    yield url("index")
    yield url("batches_run_change", run.pk)
    yield url("batches_run_progress", run.pk)
    yield f"{url(LIST)}?company__id__exact={company.pk}"
    for query in ("q=town", f"manager={bea.pk}", f"run={run.pk}", "needs_action=yes", "alerts=none", "final=yes"):
        yield f"{url(LIST)}?{query}"
        yield f"{url('chorus_invoice_export', 'xlsx')}?{query}"
    for form in ("csv", "csv-fr", "xlsx"):
        yield url("chorus_invoice_export", form)
    yield f"{url('chorus_company_changelist')}?q=ltd"
    yield f"{url('chorus_chorusconnection_changelist')}?q=cpro"
    for model, field in (("invoice", "company"), ("chorusconnection", "company"), ("statuschange", "invoice")):
        yield f"{url('autocomplete')}?app_label=chorus&model_name={model}&field_name={field}&term="


def test_s13_no_page_tells_others_of_a_restricted_company(outsider: Client, restricted: Company) -> None:
    keys = keys_of(restricted)
    for route in all_routes():
        for method in ("get", "post"):
            sent = next((form for ending, form in BODIES.items() if route.endswith(ending)), {})
            assert CANARY not in body(getattr(outsider, method)(address(route, keys), sent)), (method, route)
    for each in other_pages():
        assert CANARY not in body(outsider.get(each)), each
    assert (Company.objects.count(), ChorusConnection.objects.count(), Invoice.objects.count()) == (3, 1, 3)


def test_s13_counts_and_sums_are_as_if_a_restricted_company_did_not_exist(
    outsider: Client, restricted: Company
) -> None:
    make_invoice(restricted, "CANARY-3", chorus_status="DEPOSEE", amount_incl_tax=1234)
    make_connection(Company.objects.get(code="OPEN"))  # or the dashboard says how to begin
    addresses = (url("index"), url(LIST), url("chorus_company_changelist"), url("chorus_chorusconnection_changelist"))
    told_now = [without_tokens(outsider.get(each)) for each in addresses]
    StatusChange.objects.filter(invoice__company=restricted).delete()
    restricted.invoices.all().delete()
    Company.objects.exclude(code="OPEN").delete()
    assert told_now == [without_tokens(outsider.get(each)) for each in addresses]


def test_s13_the_same_pages_tell_its_role_of_it(keeper: Client, restricted: Company) -> None:
    keys = keys_of(restricted)
    silent = {route for route in all_routes() if CANARY not in body(keeper.get(address(route, keys)))}
    assert silent == TELL_NOTHING
    assert [each for each in other_pages() if CANARY not in body(keeper.get(each))] == []


def test_s13_its_addresses_answer_others_as_those_of_rows_that_do_not_exist(
    outsider: Client, restricted: Company
) -> None:
    keys = keys_of(restricted) | {"import": 99999}
    for route in all_routes():
        if "<path:object_id>/" in route or "<int:pk>" in route:
            for method in ("get", "post"):
                hidden, missing = (getattr(outsider, method)(address(route, each)) for each in (keys, nothing()))
                assert hidden.status_code == missing.status_code, (method, route)
                assert hidden.status_code in (302, 403, 404, 405), (method, route)
                leads_to = missing.headers.get("Location", "").replace("99999", str(keys[route.split("/")[3]]))
                assert hidden.headers.get("Location", "") == leads_to, (method, route)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("across", ["0", "1"])
def test_s13_no_action_reaches_the_invoices_of_a_restricted_company(
    outsider: Client, restricted: Company, action: str, across: str
) -> None:
    before = list(restricted.invoices.values())
    form: dict[str, Any] = {
        "action": action,
        "_selected_action": list(restricted.invoices.values_list("pk", flat=True)),
    }
    form |= {"select_across": across, "assign_to": "chosen", "manager": user_in(outsider).pk}
    response = outsider.post(url(LIST), form, follow=True)
    assert CANARY not in body(response)
    assert list(restricted.invoices.values()) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_s13_each_action_reaches_them_for_its_role(keeper: Client, restricted: Company, action: str) -> None:
    before = list(restricted.invoices.values())
    form = {"action": action, "_selected_action": restricted.invoices.get(number="CANARY-1").pk}
    form |= {"assign_to": "chosen", "manager": user_in(keeper).pk}
    said = body(keeper.post(url(LIST), form))
    assert CANARY in said or list(restricted.invoices.values()) != before


class TestImport:
    HEADER = "company;number;date;customer\n"

    def choose(self, client: Client, text: str, company: Company | None = None) -> Any:
        form = {"file": SimpleUploadedFile("i.csv", text.encode()), "company": company.pk if company else ""}
        return client.post(url("chorus_invoice_import"), form)

    def test_s13_refuses_a_line_for_a_restricted_company_as_one_for_none(
        self, outsider: Client, restricted: Company
    ) -> None:
        lines = "A-CANARY;CANARY-1;22/11/2026;Changed\nNOWHERE;X-1;22/11/2026;New\nOPEN;OPEN-1;22/11/2026;Changed\n"
        address = self.choose(outsider, self.HEADER + lines).headers["Location"]
        for response in (outsider.get(address), outsider.post(address, follow=True)):
            report = response.context["report"]
            assert (report.counts["refused"], report.counts["updated"]) == (2, 1)
            hidden, unknown = (line.reason.partition(": ")[2] for line in report.refused)
            assert hidden.replace("A-CANARY", "NOWHERE") == unknown
            assert unknown == "company “NOWHERE”: unknown company; known ones: OPEN"
        assert restricted.invoices.get(number="CANARY-1").customer == "Town of Canary"

    def test_s13_takes_its_lines_from_its_role(self, keeper: Client, restricted: Company) -> None:
        address = self.choose(keeper, self.HEADER + "A-CANARY;CANARY-1;22/11/2026;Changed\n").headers["Location"]
        keeper.post(address)
        assert restricted.invoices.get(number="CANARY-1").customer == "Changed"

    def test_s13_cannot_be_given_a_restricted_company_for_all_lines(
        self, outsider: Client, restricted: Company
    ) -> None:
        response = self.choose(outsider, "number;date\nCANARY-9;22/11/2026\n", restricted)
        assert list(response.context["form"].errors) == ["company"]
        assert not InvoiceImport.objects.exists()

    def test_s13_of_a_file_knows_what_its_user_may_see_whoever_imports_it(
        self, outsider: Client, restricted: Company, client_of: Callable[[str], Client]
    ) -> None:
        location = self.choose(outsider, self.HEADER + "A-CANARY;CANARY-1;22/11/2026;Changed\n").headers["Location"]
        client_of("superuser").post(location)
        assert restricted.invoices.get(number="CANARY-1").customer == "Town of Canary"


def test_s13_the_list_offers_no_manager_of_restricted_invoices_alone(outsider: Client, keeper: Client) -> None:
    for client, offered in ((outsider, False), (keeper, True)):
        manager = next(
            spec for spec in client.get(url(LIST)).context["cl"].filter_specs if spec.parameter_name == "manager"
        )
        assert ("Lenoir" in dict(manager.lookup_choices).values()) is offered


def test_s13_a_connection_is_not_moved_to_a_restricted_company(outsider: Client, restricted: Company) -> None:
    restricted.chorus.delete()
    connection = make_connection(Company.objects.get(code="OPEN"))
    response = outsider.post(url("chorus_chorusconnection_move", connection.pk), {"to": restricted.pk})
    assert list(response.context["form"].errors) == ["to"]
    assert CANARY not in body(response)


def test_s13_the_history_of_a_connection_begins_where_it_left_a_restricted_company(
    outsider: Client, keeper: Client, restricted: Company
) -> None:
    connection = restricted.chorus
    connection.technical_login = "TECH_2@cpro.fr"
    connection.company = Company.objects.get(code="OPEN")
    connection.save()
    address = url("chorus_chorusconnection_history", connection.pk)
    assert CANARY not in body(outsider.get(address))
    assert CANARY in body(keeper.get(address))


def test_s13_a_trial_of_the_connection_for_all_names_no_restricted_company(
    outsider: Client, restricted: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("chorus.screens.connection_admin.try_connection", lambda *given: asked.append(given))
    shared = make_connection()
    outsider.post(url("chorus_chorusconnection_test", shared.pk))
    ((connection, hidden),) = asked
    assert connection == shared
    assert set(hidden) == set(Company.objects.exclude(code="OPEN").values_list("pk", flat=True))


def test_an_invoice_is_not_added_to_a_restricted_company(outsider: Client, restricted: Company) -> None:
    form = {"company": restricted.pk, "number": "X-1", "date": "2026-11-22", "currency": "EUR"}
    assert "company" in errors(outsider.post(url("chorus_invoice_add"), form))


def test_s13_to_delete_a_user_does_not_tell_what_they_have_done(
    outsider: Client, keeper: Client, restricted: Company
) -> None:
    done = {"user": user_in(keeper), "action_flag": CHANGE, "object_repr": "A-CANARY"}
    LogEntry.objects.create(**done, object_id=str(restricted.pk))
    assert CANARY not in body(outsider.get(url("akuiteo_user_delete", user_in(keeper).pk)))


def test_s13_superusers_see_every_company(restricted: Company) -> None:
    root = User.objects.create(username="root", is_superuser=True)
    assert visible_companies(root).count() == 3
    assert visible_invoices(root).count() == 3
    assert visible_connections(root).count() == 1


def test_s13_one_of_several_roles_suffices(restricted: Company) -> None:
    anna = User.objects.create(username="anna")
    assert restricted.pk in hidden_companies(anna)
    anna.groups.add(Group.objects.get(name="Viewer"), Group.objects.get(name=KEEPERS))
    assert hidden_companies(anna) == []


def test_queries_of_invoices_stay_as_they_are_where_no_company_is_hidden(db: None) -> None:
    anna = User.objects.create(username="anna")
    make_company()
    assert str(visible_invoices(anna).query) == str(Invoice.objects.all().query)


def test_the_connection_of_all_companies_is_seen_by_all(restricted: Company) -> None:
    shared = make_connection()
    assert list(visible_connections(User.objects.create(username="anna"))) == [shared]


def test_a_run_page_lists_invoices_to_those_who_may_look_at_invoices(
    client_of: Callable[[str], Client], restricted: Company
) -> None:
    client = client_of("of runs")
    user_in(client).user_permissions.add(Permission.objects.get(codename="view_run"))
    run = Invoice.objects.get(number="OPEN-1").status_changes.get().run
    assert run
    address = url("batches_run_change", run.pk)
    assert "OPEN-1" not in page(client.get(address))
    assert "OPEN-1" in page(client_of("Viewer").get(address))


def test_s13_nothing_registered_escapes_the_walk() -> None:
    names = {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "chorus"}
    assert names == {"company", "chorusconnection", "invoice"}


def test_s13_the_messages_of_an_action_count_visible_invoices_alone(outsider: Client, restricted: Company) -> None:
    form = {"action": "reopen_tracking", "_selected_action": [1], "select_across": "1"}
    response = outsider.post(url(LIST), form, follow=True)
    assert told(response) == ["The tracking of 1 invoice is reopened: the next run asks for it."]
