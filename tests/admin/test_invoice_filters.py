"""Finding invoices: the filters of the list, their counts, and the search."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from akuiteo.models import User
from batches.models import Batch
from chorus.models import Company, Invoice
from chorus.screens import admin_filters
from tests.admin.builders import make_batch, make_change, make_company, make_invoice, make_run, page, url

LIST = "chorus_invoice_changelist"


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


def numbers(client: Client, query: dict[str, Any]) -> list[str]:
    response = client.get(url(LIST), query)
    assert response.status_code == 200, response.headers
    return sorted(response.context["cl"].queryset.values_list("number", flat=True))


def counts(client: Client, query: dict[str, Any]) -> dict[str, int]:
    """Return the counts beside the choices of the status filter, "" for all."""
    changelist = client.get(url(LIST), query).context["cl"]
    status = next(spec for spec in changelist.filter_specs if spec.parameter_name == "chorus_status")
    return {choice.get("code", ""): choice["count"] for choice in status.choices(changelist)}


def make_one_of_each_kind(company: Company) -> None:
    make_invoice(company, "rejected", chorus_status="REJETEE", dematerialization_status=3)
    make_invoice(company, "unread")
    make_invoice(company, "unknown", chorus_status="CODE_NOUVEAU")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("REJETEE", ["rejected"]), ("-", ["unread"]), ("other", ["unknown"]), (None, ["rejected", "unknown", "unread"])],
)
def test_invoices_are_filtered_by_chorus_status(
    viewer: Client, company: Company, value: str | None, expected: list[str]
) -> None:
    make_one_of_each_kind(company)
    assert numbers(viewer, {"chorus_status": value} if value else {}) == expected


def test_each_status_that_there_is_has_its_count(viewer: Client, company: Company) -> None:
    make_one_of_each_kind(company)
    make_invoice(company, "unknown too", chorus_status="AUTRE_CODE")
    assert counts(viewer, {}) == {"": 4, "REJETEE": 1, "-": 1, "other": 2}


@pytest.mark.parametrize("query", [{"company__id__exact": ""}, {"q": "lyon"}])
def test_the_counts_respect_the_other_filters_and_the_search(
    viewer: Client, company: Company, query: dict[str, Any]
) -> None:
    make_one_of_each_kind(company)
    make_invoice(
        make_company("BETA"),
        "F-9",
        customer="Mairie de Nantes",
        chorus_status="REJETEE",
        dematerialization_status=3,
    )
    query = {name: value or company.pk for name, value in query.items()}
    assert counts(viewer, query) == {"": 3, "REJETEE": 1, "-": 1, "other": 1}


def test_the_counts_do_not_respect_the_status_that_is_chosen(viewer: Client, company: Company) -> None:
    make_one_of_each_kind(company)
    assert counts(viewer, {"chorus_status": "MANDATEE"}) == {"": 3, "MANDATEE": 0, "REJETEE": 1, "-": 1, "other": 1}


def test_the_counts_take_one_query(viewer: Client, company: Company) -> None:
    make_one_of_each_kind(company)
    with CaptureQueriesContext(connection) as captured:
        page(viewer.get(url(LIST)))
    assert len([query for query in captured if "GROUP BY" in query["sql"]]) == 1


def test_invoices_are_filtered_by_final_status(viewer: Client, company: Company, settings: Any) -> None:
    settings.CHORUS_FINAL_STATUSES = ["MANDATEE"]
    make_invoice(company, "final", chorus_status="MANDATEE")
    make_invoice(company, "open", chorus_status="MISE_EN_PAIEMENT")
    make_invoice(company, "unread")
    assert numbers(viewer, {"final": "yes"}) == ["final"]
    assert numbers(viewer, {"final": "no"}) == ["open", "unread"]


def test_a_final_invoice_whose_tracking_was_reopened_is_not_final(viewer: Client, company: Company) -> None:
    make_invoice(company, "final", chorus_status="SUSPENDUE")
    make_invoice(company, "reopened", chorus_status="SUSPENDUE", tracking_reopened=True)
    assert numbers(viewer, {"final": "yes"}) == ["final"]
    assert numbers(viewer, {"final": "no"}) == ["reopened"]


def test_invoices_are_filtered_by_what_needs_action(viewer: Client, company: Company) -> None:
    for code in ("SUSPENDUE", "A_RECYCLER", "DEPOSEE"):
        make_invoice(company, code, chorus_status=code)
    assert numbers(viewer, {"needs_action": "yes"}) == ["A_RECYCLER", "SUSPENDUE"]


def test_l8_missing_are_those_deposited_days_ago_that_the_portal_does_not_know(
    viewer: Client, company: Company, settings: Any
) -> None:
    settings.CHORUS_MISSING_AFTER_DAYS = 3
    now, today = timezone.now(), timezone.localdate()
    old, young = today - datetime.timedelta(days=3), today - datetime.timedelta(days=2)
    make_invoice(company, "missing", missing_since=now, deposited_on=old, date=today)
    make_invoice(company, "missing by its date", missing_since=now, date=old)
    make_invoice(company, "too young", missing_since=now, deposited_on=young, date=old)
    make_invoice(company, "not missing", deposited_on=old)
    make_invoice(company, "on paper", missing_since=now, deposited_on=old, dematerialized=False)
    assert numbers(viewer, {"missing": "yes"}) == ["missing", "missing by its date"]
    assert "for more than 3 days" in page(viewer.get(url(LIST)))


@pytest.mark.parametrize(
    ("age", "days"), [("30", (-1, 0, 30)), ("60", (31, 60)), ("90", (61, 90)), ("older", (91, 500))]
)
def test_invoices_are_filtered_by_the_days_since_their_deposit(
    viewer: Client, company: Company, age: str, days: tuple[int, ...]
) -> None:
    today = timezone.localdate()
    for number in (-1, 0, 30, 31, 60, 61, 90, 91, 500):
        make_invoice(company, str(number), date=today, deposited_on=today - datetime.timedelta(days=number))
    assert numbers(viewer, {"age": age}) == sorted(map(str, days))


def test_an_invoice_without_deposit_is_as_old_as_its_date(viewer: Client, company: Company) -> None:
    make_invoice(company, date=timezone.localdate() - datetime.timedelta(days=45))
    assert numbers(viewer, {"age": "60"}) == ["F-1"]


def test_invoices_are_filtered_by_manager(viewer: Client, company: Company) -> None:
    anna = User.objects.create(username="anna")
    make_invoice(company, "Anna's", manager=anna)
    make_invoice(company, "mine", manager=User.objects.get(username="viewer"))
    make_invoice(company, "nobody's")
    assert numbers(viewer, {"manager": anna.pk}) == ["Anna's"]
    assert numbers(viewer, {"manager": "me"}) == ["mine"]
    assert numbers(viewer, {"manager": "none"}) == ["nobody's"]


def test_f33_invoices_are_filtered_by_alerts_that_reach_nobody(viewer: Client, company: Company) -> None:
    anna = User.objects.create(username="anna", email="anna@example.org")
    gone = User.objects.create(username="gone", email="gone@example.org", is_active=False)
    make_invoice(company, "reaches anna", manager=anna)
    make_invoice(company, "manager without address", manager=User.objects.create(username="no address"))
    make_invoice(company, "manager who has left", manager=gone)
    make_invoice(company, "no manager")
    assert numbers(viewer, {"alerts": "none"}) == ["manager who has left", "manager without address", "no manager"]
    assert "reach nobody</a>" in page(viewer.get(url(LIST)))


def test_managers_are_listed_by_name_while_they_are_few(
    viewer: Client, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_invoice(company, "F-1", manager=User.objects.create(username="anna", first_name="Anna", last_name="Roy"))
    assert ">Anna Roy</a>" in page(viewer.get(url(LIST)))
    monkeypatch.setattr(admin_filters, "MOST_MANAGERS", 0)
    assert ">Anna Roy</a>" not in page(viewer.get(url(LIST)))


def test_invoices_are_filtered_by_company_and_dematerialization(viewer: Client, company: Company) -> None:
    make_invoice(company, "F-1")
    other = make_invoice(make_company("BETA"), "F-2", dematerialization_status=3)
    assert numbers(viewer, {"company__id__exact": other.company_id}) == ["F-2"]
    assert numbers(viewer, {"dematerialization_status__exact": 3}) == ["F-2"]


def test_the_invoices_that_a_run_changed_are_listed_once_each(viewer: Client, company: Company) -> None:
    run = make_run(make_batch())
    changed = make_invoice(company, "changed")
    make_invoice(company, "other")
    make_change(changed, "", "DEPOSEE", run=run)
    make_change(changed, "DEPOSEE", "MANDATEE", run=run)
    assert numbers(viewer, {"run": run.pk}) == ["changed"]
    assert f"Changed by run {run.pk}" in page(viewer.get(url(LIST), {"run": run.pk}))


def test_the_list_does_not_tell_what_a_run_changed_that_the_reader_may_not_see(
    viewer: Client, company: Company
) -> None:
    run = make_run(make_batch())
    Batch.objects.update(display_restricted_to=Group.objects.get(name="Administrator"))
    make_change(make_invoice(company), "", "DEPOSEE", run=run)
    assert numbers(viewer, {"run": run.pk}) == []


@pytest.mark.parametrize("query", ["run=x", "run=-1", "manager=x", "manager=99999999999999999999", "run=%F0%9D%9F%99"])
def test_a_filter_that_makes_no_sense_shows_all_invoices(viewer: Client, company: Company, query: str) -> None:
    assert viewer.get(f"{url(LIST)}?{query}").headers["Location"].endswith("?e=1")


@pytest.mark.parametrize("query", ["age=x", "final=x", "needs_action=x", "missing=x", "chorus_status=%27--"])
def test_an_unknown_choice_breaks_nothing(viewer: Client, company: Company, query: str) -> None:
    assert viewer.get(f"{url(LIST)}?{query}").status_code == 200


@pytest.mark.parametrize(
    "query", ["f-77", "lyon mairie", "21420218600016", "214 202 186 00016", "FLUX9", "4711", "214 202"]
)
def test_invoices_are_found_by_what_people_know_of_them(viewer: Client, company: Company, query: str) -> None:
    make_invoice(company, "F-1", customer="Mairie de Nantes")
    make_invoice(company, "F-77", customer_siret="21420218600016", flow_number="FLUX9", chorus_id=4711)
    assert numbers(viewer, {"q": query}) == ["F-77"]


def test_the_search_follows_what_changes(viewer: Client, company: Company) -> None:
    make_invoice(company)
    Invoice.objects.update(chorus_id=815, flow_number="CPP815")
    assert numbers(viewer, {"q": "cpp815"}) == ["F-1"]


@pytest.mark.parametrize("query", ["%", "_", "\\", "' OR 1=1 --", "x" * 5000, "é " * 2000])
def test_a_hostile_search_finds_nothing(viewer: Client, company: Company, query: str) -> None:
    make_invoice(company)
    assert numbers(viewer, {"q": query}) == []
