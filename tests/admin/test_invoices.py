"""Management > Sales > Invoices, with their CHORUS tab."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError
from django.test import Client, RequestFactory
from django.utils import timezone

from akuiteo.models import User
from chorus.models import Company, Invoice, StatusChange
from tests.admin.builders import (
    SCRIPT,
    errors,
    make_batch,
    make_change,
    make_company,
    make_invoice,
    make_mail,
    make_run,
    page,
    told,
    url,
)

FORM = {"date": "2026-11-02", "customer": "Mairie de Lyon", "currency": "EUR", "dematerialized": "on"}
CHORUS_FIELDS = (
    "chorus_status",
    "chorus_status_at",
    "chorus_comment",
    "chorus_checked_at",
    "chorus_id",
    "flow_number",
    "deposited_on",
    "dematerialization_status",
)


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture
def invoice(company: Company) -> Invoice:
    return make_invoice(company, chorus_status="DEPOSEE", chorus_comment="well received")


def change(client: Client, invoice: Invoice, **fields: Any) -> Any:
    form = {name: value for name, value in (FORM | fields).items() if value is not None}
    response = client.post(url("chorus_invoice_change", invoice.pk), form)
    invoice.refresh_from_db()
    return response


def numbers(client: Client, query: dict[str, Any]) -> list[str]:
    found = client.get(url("chorus_invoice_changelist"), query).context["cl"].queryset
    return sorted(found.values_list("number", flat=True))


def test_the_list_shows_the_chorus_status_in_words_and_code(viewer: Client, company: Company) -> None:
    make_invoice(company, "F-1", chorus_status="MISE_EN_PAIEMENT", amount_incl_tax=Decimal("1234.5"))
    make_invoice(company, "F-2", chorus_status="CODE_NOUVEAU")
    text = page(viewer.get(url("chorus_invoice_changelist")))
    assert ">sent for payment (MISE_EN_PAIEMENT)<" in text
    assert ">CODE_NOUVEAU<" in text
    assert "1,234.50\N{NO-BREAK SPACE}€" in text


def test_an_invoice_that_was_never_read_has_no_status(viewer: Client, company: Company) -> None:
    make_invoice(company)
    assert '<td class="field-status">-</td>' in page(viewer.get(url("chorus_invoice_changelist")))


@pytest.mark.parametrize(
    ("filter_value", "expected"),
    [("REJETEE", ["rejected"]), ("-", ["unread"]), ("other", ["unknown"]), (None, ["rejected", "unknown", "unread"])],
)
def test_invoices_are_filtered_by_chorus_status(
    viewer: Client, company: Company, filter_value: str | None, expected: list[str]
) -> None:
    make_invoice(company, "rejected", chorus_status="REJETEE", dematerialization_status=3)
    make_invoice(company, "unread")
    make_invoice(company, "unknown", chorus_status="CODE_NOUVEAU")
    assert numbers(viewer, {"chorus_status": filter_value} if filter_value else {}) == expected


def test_invoices_are_filtered_by_company_manager_and_dematerialization(viewer: Client, company: Company) -> None:
    anna = User.objects.create(username="anna")
    make_invoice(company, "F-1", manager=anna)
    other = make_invoice(make_company("BETA"), "F-2", dematerialization_status=3)
    assert numbers(viewer, {"company__id__exact": other.company_id}) == ["F-2"]
    assert numbers(viewer, {"manager__id__exact": anna.pk}) == ["F-1"]
    assert numbers(viewer, {"manager__isnull": "True"}) == ["F-2"]
    assert numbers(viewer, {"dematerialization_status__exact": 3}) == ["F-2"]


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
    assert "for more than 3 days" in page(viewer.get(url("chorus_invoice_changelist")))


@pytest.mark.parametrize("query", ["f-77", "lyon", "214 202 186", "FLUX9", "4711"])
def test_invoices_are_found_by_what_people_know_of_them(viewer: Client, company: Company, query: str) -> None:
    make_invoice(company, "F-1", customer="Somebody else")
    make_invoice(company, "F-77", customer_siret="21420218600016", flow_number="FLUX9", chorus_id=4711)
    assert numbers(viewer, {"q": query}) == ["F-77"]


def test_the_page_shows_what_the_portal_says(viewer: Client, invoice: Invoice) -> None:
    text = page(viewer.get(url("chorus_invoice_change", invoice.pk)))
    assert "deposited (DEPOSEE)" in text
    assert "well received" in text
    assert "2 - Transmitted" in text


def test_status_changes_are_listed_with_comment_run_and_alert(viewer: Client, invoice: Invoice) -> None:
    run, mail = make_run(make_batch()), make_mail()
    make_change(invoice, "", "CODE_NOUVEAU")
    make_change(invoice, "DEPOSEE", "REJETEE", comment="No commitment number", run=run, alert=mail)
    text = page(viewer.get(url("chorus_invoice_change", invoice.pk)))
    assert "<td>- → CODE_NOUVEAU</td>" in text
    assert "<td>deposited (DEPOSEE) → rejected (REJETEE)</td>" in text
    assert "<td>No commitment number</td>" in text
    assert url("batches_run_change", run.pk) in text
    assert f'{url("batches_outgoingemail_change", mail.pk)}">anna@example.org, due' in text


def test_an_alert_that_is_still_to_be_written_is_said_to_be_due(viewer: Client, invoice: Invoice) -> None:
    make_change(invoice, "DEPOSEE", "SUSPENDUE", alert_due=True)
    text = page(viewer.get(url("chorus_invoice_change", invoice.pk)))
    assert ">due-" in "".join(text.split()).replace("</td>", "-")


def test_an_invoice_without_status_changes_says_so(viewer: Client, invoice: Invoice) -> None:
    assert "No status was read from the portal yet." in page(viewer.get(url("chorus_invoice_change", invoice.pk)))


def test_html_of_customers_and_buyers_is_inert(viewer: Client, company: Company) -> None:
    invoice = make_invoice(company, customer=SCRIPT, chorus_status=SCRIPT, chorus_comment=SCRIPT)
    make_change(invoice, SCRIPT, SCRIPT, comment=SCRIPT)
    for address in (url("chorus_invoice_changelist"), url("chorus_invoice_change", invoice.pk)):
        assert SCRIPT not in page(viewer.get(address))


def test_accounting_names_the_manager_and_the_chorus_references(accounting: Client, invoice: Invoice) -> None:
    anna = User.objects.create(username="anna")
    fields = {
        "manager": anna.pk,
        "commitment_number": "EJ-1",
        "service_label": "Voirie",
        "customer_siret": "214 202 186 00016",
    }
    assert change(accounting, invoice, **fields).status_code == 302
    assert invoice.manager == anna
    assert (invoice.commitment_number, invoice.service_label) == ("EJ-1", "Voirie")
    assert invoice.customer_siret == "21420218600016"


def test_what_the_portal_says_cannot_be_changed(accounting: Client, invoice: Invoice) -> None:
    before = {name: getattr(invoice, name) for name in CHORUS_FIELDS}
    change(accounting, invoice, **dict.fromkeys(CHORUS_FIELDS, "3"), customer="Changed")
    assert invoice.customer == "Changed"
    assert {name: getattr(invoice, name) for name in CHORUS_FIELDS} == before


def test_company_and_number_of_an_invoice_stay(accounting: Client, invoice: Invoice) -> None:
    change(accounting, invoice, company=make_company("BETA").pk, number="F-2", customer="Changed")
    assert (invoice.company.code, invoice.number) == ("ACME", "F-1")


def test_a_form_does_not_undo_what_a_run_writes_meanwhile(accounting: Client, invoice: Invoice) -> None:
    model_admin = admin.site.get_model_admin(Invoice)
    request = RequestFactory().post("/")
    request.user = User.objects.get(username="accounting")
    form = model_admin.get_form(request, invoice, change=True)(FORM | {"customer": "Changed"}, instance=invoice)
    assert form.is_valid()
    Invoice.objects.update(chorus_status="SUSPENDUE")
    model_admin.save_model(request, form.save(commit=False), form, change=True)
    invoice.refresh_from_db()
    assert (invoice.customer, invoice.chorus_status) == ("Changed", "SUSPENDUE")


def test_a_form_without_changes_changes_nothing(accounting: Client, invoice: Invoice) -> None:
    assert change(accounting, invoice).status_code == 302
    assert invoice.dematerialization_status == 2


def test_an_invoice_that_is_no_longer_dematerialized_is_not_followed(accounting: Client, invoice: Invoice) -> None:
    change(accounting, invoice, dematerialized=None)
    assert not invoice.dematerialized
    assert invoice.dematerialization_status == 1


def test_an_invoice_that_becomes_dematerialized_is_asked_for_at_the_next_run(
    accounting: Client, company: Company
) -> None:
    invoice = make_invoice(company, dematerialized=False, dematerialization_status=1, ask_by_number=False)
    change(accounting, invoice)
    assert invoice.dematerialization_status == 2
    assert invoice.ask_by_number


def test_a_denied_transmission_stays_denied(accounting: Client, company: Company) -> None:
    invoice = make_invoice(company, chorus_status="REJETEE", dematerialization_status=3)
    change(accounting, invoice, dematerialized=None)
    assert not invoice.dematerialized
    assert invoice.dematerialization_status == 3


def test_an_invoice_added_by_hand_counts_as_transmitted(administrator: Client, company: Company) -> None:
    form = FORM | {"company": company.pk, "number": "F-9"}
    assert administrator.post(url("chorus_invoice_add"), form).status_code == 302
    assert Invoice.objects.get(number="F-9").dematerialization_status == 2


def test_a_number_is_unique_within_its_company(administrator: Client, invoice: Invoice) -> None:
    form = FORM | {"company": invoice.company_id, "number": invoice.number}
    assert "__all__" in errors(administrator.post(url("chorus_invoice_add"), form))


def test_reopening_reports_how_many_are_followed_again(operations: Client, company: Company) -> None:
    keys = [
        make_invoice(company, f"F-{code}", chorus_status=code).pk for code in ("SUSPENDUE", "A_RECYCLER", "DEPOSEE")
    ]
    form = {"action": "reopen_tracking", "_selected_action": keys}
    response = operations.post(url("chorus_invoice_changelist"), form, follow=True)
    assert told(response) == [
        "The tracking of 2 invoices is reopened: the next run asks for them.",
        "1 invoice is followed anyway: its status is not final.",
    ]
    assert Invoice.objects.filter(tracking_reopened=True).count() == 2


def test_reopening_none_says_so(operations: Client, invoice: Invoice) -> None:
    form = {"action": "reopen_tracking", "_selected_action": [invoice.pk]}
    response = operations.post(url("chorus_invoice_changelist"), form, follow=True)
    assert told(response) == ["1 invoice is followed anyway: its status is not final."]


def test_reopening_works_on_a_filtered_and_sorted_list(operations: Client, company: Company) -> None:
    now = timezone.now()
    wanted = make_invoice(company, chorus_status="SUSPENDUE", missing_since=now)
    form = {"action": "reopen_tracking", "_selected_action": [wanted.pk], "select_across": "1"}
    operations.post(url("chorus_invoice_changelist") + "?missing=yes&o=5&q=lyon", form)
    wanted.refresh_from_db()
    assert wanted.tracking_reopened


def test_status_changes_are_never_orphaned(invoice: Invoice) -> None:
    make_change(invoice, "", "DEPOSEE")
    with pytest.raises(IntegrityError):
        StatusChange.objects.create(invoice=invoice, new="", seen_at=timezone.now())
