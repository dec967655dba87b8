"""Management > Sales > Invoices, with their CHORUS tab."""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import IntegrityError
from django.test import Client, RequestFactory
from django.utils import timezone

from akuiteo.models import User
from batches.models import Batch
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


def list_page(client: Client, query: str = "") -> str:
    return page(client.get(url("chorus_invoice_changelist") + query))


def change_page(client: Client, invoice: Invoice) -> str:
    return page(client.get(url("chorus_invoice_change", invoice.pk)))


def test_the_list_shows_the_chorus_status_as_a_badge_with_words_code_and_tone(viewer: Client, company: Company) -> None:
    make_invoice(company, "F-1", chorus_status="MISE_EN_PAIEMENT", amount_incl_tax=Decimal("1234.5"))
    make_invoice(company, "F-2", chorus_status="CODE_NOUVEAU")
    text = list_page(viewer)
    assert '<span class="badge good" title="sent for payment (MISE_EN_PAIEMENT)">sent for payment</span>' in text
    assert '<span class="badge neutral" title="CODE_NOUVEAU">CODE_NOUVEAU</span>' in text
    assert "1,234.50\N{NO-BREAK SPACE}€" in text


def test_an_invoice_that_was_never_read_says_so(viewer: Client, company: Company) -> None:
    make_invoice(company)
    assert '<td class="field-status"><span class="badge neutral">not read yet</span></td>' in list_page(viewer)


def test_the_list_shows_since_when_and_how_long(viewer: Client, company: Company) -> None:
    make_invoice(company, chorus_status="DEPOSEE", chorus_status_at=timezone.now() - datetime.timedelta(days=12))
    assert '<span class="age">12 days</span>' in list_page(viewer)


def test_the_list_names_company_and_manager(viewer: Client, company: Company) -> None:
    make_invoice(
        company,
        manager=User.objects.create(username="anna", first_name="Anna", last_name="Roy", email="anna@example.org"),
    )
    text = list_page(viewer)
    assert '<td class="field-seller">ACME</td>' in text
    assert '<td class="field-in_charge">Anna Roy</td>' in text


def test_an_invoice_on_paper_shows_no_transmission(viewer: Client, company: Company) -> None:
    make_invoice(company, dematerialized=False, dematerialization_status=1)
    assert '<td class="field-dematerialization">not dematerialized</td>' in list_page(viewer)


def test_an_empty_list_says_what_to_do_next(accounting: Client, viewer: Client) -> None:
    assert "Import the invoices of your ERP" in list_page(accounting)
    assert "Ask somebody who may import invoices" in list_page(viewer)


def test_a_list_without_hits_leads_back_to_all_invoices(viewer: Client, invoice: Invoice) -> None:
    text = list_page(viewer, "?q=nothing")
    assert "No invoice fits the search and the filters." in text
    assert f'<a href="{url("chorus_invoice_changelist")}">Show all invoices</a>' in text


@pytest.mark.parametrize("column", ["2", "-2", "3", "4", "-4", "5", "-6"])
def test_a_later_page_of_a_sorted_list_has_the_rows_that_follow(viewer: Client, company: Company, column: str) -> None:
    for number in range(60):
        make_invoice(company, f"F-{number}", amount_incl_tax=Decimal(number % 7), customer=f"Ville {number % 5}")
    pages = [viewer.get(url("chorus_invoice_changelist"), {"o": column, "p": number}) for number in (1, 2)]
    shown = [invoice.pk for response in pages for invoice in response.context["cl"].result_list]
    assert shown == list(pages[0].context["cl"].queryset.values_list("pk", flat=True))
    assert len(shown) == 60


def test_the_page_shows_what_the_portal_says(viewer: Client, invoice: Invoice) -> None:
    text = change_page(viewer, invoice)
    assert "deposited (DEPOSEE)" in text
    assert "well received" in text
    assert "2 - Transmitted" in text


def test_the_page_begins_with_what_comes_next(viewer: Client, company: Company) -> None:
    text = change_page(viewer, make_invoice(company, chorus_status="SUSPENDUE"))
    assert "The buyer asks for a document: complete the invoice on Chorus Pro, then reopen its tracking." in text


def test_the_timeline_is_a_list_of_statuses_newest_first(viewer: Client, invoice: Invoice) -> None:
    make_change(invoice, "", "DEPOSEE")
    make_change(invoice, "DEPOSEE", "REJETEE", comment="No commitment number")
    timeline = change_page(viewer, invoice).partition('<ol class="timeline">')[2].partition("</ol>")[0]
    assert timeline.index(">rejected</span>") < timeline.index(">deposited</span>")
    assert "<blockquote>No commitment number</blockquote>" in timeline


def test_the_timeline_says_how_long_each_status_lasted(viewer: Client, invoice: Invoice) -> None:
    now = timezone.now()
    make_change(invoice, "", "DEPOSEE", at=now - datetime.timedelta(days=30))
    make_change(invoice, "DEPOSEE", "MANDATEE", at=now - datetime.timedelta(days=3))
    text = change_page(viewer, invoice)
    assert "lasted 27 days" in text
    assert "for 3 days so far" in text


def test_a_status_of_hours_has_lasted_less_than_a_day(viewer: Client, invoice: Invoice) -> None:
    make_change(invoice, "", "DEPOSEE", at=timezone.now())
    make_change(invoice, "DEPOSEE", "MANDATEE", at=timezone.now())
    text = change_page(viewer, invoice)
    assert "lasted less than a day" in text
    assert "since today" in text


def test_the_timeline_leads_to_run_and_alert(viewer: Client, invoice: Invoice) -> None:
    run, mail = make_run(make_batch()), make_mail()
    make_change(invoice, "DEPOSEE", "REJETEE", run=run, alert=mail)
    text = change_page(viewer, invoice)
    assert f'<a href="{url("batches_run_change", run.pk)}">HOURLY #{run.pk}</a>' in text
    assert f'<a href="{url("batches_outgoingemail_change", mail.pk)}">anna@example.org</a>, due' in text


def test_a_run_and_an_alert_that_the_reader_may_not_see_are_not_named(viewer: Client, invoice: Invoice) -> None:
    batch = make_batch()
    Batch.objects.update(display_restricted_to=Group.objects.get(name="Administrator"))
    run = make_run(batch)
    make_change(invoice, "DEPOSEE", "REJETEE", run=run, alert=make_mail(run=run))
    text = change_page(viewer, invoice)
    assert "HOURLY" not in text
    assert "anna@example.org" not in text
    assert "The invoice manager was alerted." in text


def test_an_alert_that_is_still_to_be_written_is_said_to_be_due(viewer: Client, invoice: Invoice) -> None:
    make_change(invoice, "DEPOSEE", "SUSPENDUE", alert_due=True)
    assert "Alert: due, the next run writes it" in change_page(viewer, invoice)


def test_an_invoice_without_status_changes_says_so(viewer: Client, invoice: Invoice) -> None:
    assert "No status was read from the portal yet. The next run asks for it." in change_page(viewer, invoice)


def test_s12_html_of_customers_and_buyers_is_inert(viewer: Client, company: Company) -> None:
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


def test_status_changes_are_never_orphaned(invoice: Invoice) -> None:
    make_change(invoice, "", "DEPOSEE")
    with pytest.raises(IntegrityError):
        StatusChange.objects.create(invoice=invoice, new="", seen_at=timezone.now())


def test_amounts_are_written_and_read_in_the_readers_form(accounting: Client, invoice: Invoice) -> None:
    french = {"accept-language": "fr"}
    address = url("chorus_invoice_change", invoice.pk)
    form = FORM | {"date": "02/11/2026", "amount_incl_tax": "1234,56"}
    assert accounting.post(address, form, headers=french).status_code == 302
    invoice.refresh_from_db()
    assert invoice.amount_incl_tax == Decimal("1234.56")
    assert 'value="1234,56"' in page(accounting.get(address, headers=french))


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(
    "typed",
    ["1234.56", "1234,56", "1 234,56", "1\N{NO-BREAK SPACE}234,56", "1\N{NARROW NO-BREAK SPACE}234.56", " 1234,56 "],
)
def test_an_amount_is_taken_as_english_and_french_readers_write_it(
    accounting: Client, invoice: Invoice, typed: str, language: str
) -> None:
    form = FORM | {"date": "02/11/2026" if language == "fr" else "2026-11-02", "amount_excl_tax": typed}
    address = url("chorus_invoice_change", invoice.pk)
    assert accounting.post(address, form, headers={"accept-language": language}).status_code == 302
    invoice.refresh_from_db()
    assert invoice.amount_excl_tax == Decimal("1234.56")


@pytest.mark.parametrize("typed", ["1,234.56", "1.234,56", "1,234", "12 34", "1e3", "NaN", "12 €", "10000000000000"])
def test_what_may_be_another_amount_is_refused_with_what_is_accepted(
    accounting: Client, invoice: Invoice, typed: str
) -> None:
    (error,) = errors(change(accounting, invoice, amount_incl_tax=typed))["amount_incl_tax"]
    assert "such as 1234.56 or 1 234,56" in error
    assert invoice.amount_incl_tax is None


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_amount_can_be_sent_back_as_it_is_shown(accounting: Client, invoice: Invoice, language: str) -> None:
    Invoice.objects.update(amount_incl_tax=Decimal("-1234567.80"))
    address = url("chorus_invoice_change", invoice.pk)
    text = page(accounting.get(address, headers={"accept-language": language}))
    (box,) = re.findall('<input[^>]*name="amount_incl_tax"[^>]*>', text)
    assert 'type="text"' in box
    assert 'inputmode="decimal"' in box
    (shown,) = re.findall('value="([^"]*)"', box)
    change(accounting, invoice, amount_incl_tax=shown)
    assert invoice.amount_incl_tax == Decimal("-1234567.80")


def test_an_amount_can_be_left_empty(accounting: Client, invoice: Invoice) -> None:
    Invoice.objects.update(amount_incl_tax=1)
    change(accounting, invoice, amount_incl_tax=" ")
    assert invoice.amount_incl_tax is None


@pytest.mark.parametrize("siret", ["2142021860001", "214202186000161", "2142021860001A", "FR 214 202 186"])
def test_a_siret_of_a_customer_has_14_digits(accounting: Client, invoice: Invoice, siret: str) -> None:
    assert errors(change(accounting, invoice, customer_siret=siret))["customer_siret"] == ["A SIRET has 14 digits."]
    assert invoice.customer_siret == ""


def test_a_customer_may_have_no_siret(accounting: Client, invoice: Invoice) -> None:
    Invoice.objects.update(customer_siret="21420218600016")
    assert change(accounting, invoice, customer_siret=" ").status_code == 302
    assert invoice.customer_siret == ""


def test_managers_are_offered_by_name_as_long_as_they_are_active(accounting: Client, invoice: Invoice) -> None:
    User.objects.create(username="anna", first_name="Anna", last_name="Roy")
    User.objects.create(username="gone", first_name="Guy", last_name="Gone", is_active=False)
    text = change_page(accounting, invoice)
    assert ">Anna Roy (anna)</option>" in text
    assert "(gone)" not in text


def test_a_manager_who_has_left_stays_until_there_is_another(accounting: Client, invoice: Invoice) -> None:
    gone = User.objects.create(username="gone", first_name="Guy", last_name="Gone", is_active=False)
    Invoice.objects.update(manager=gone)
    assert "selected>Guy Gone (gone)</option>" in change_page(accounting, invoice)
    assert change(accounting, invoice, manager=gone.pk).status_code == 302
    assert invoice.manager == gone


def test_nobody_who_has_left_becomes_a_manager(accounting: Client, invoice: Invoice) -> None:
    gone = User.objects.create(username="gone", is_active=False)
    assert "manager" in errors(change(accounting, invoice, manager=gone.pk))


def test_a_new_invoice_is_not_asked_for_what_the_portal_says(administrator: Client) -> None:
    text = page(administrator.get(url("chorus_invoice_add")))
    assert "Contract number" in text
    assert "Chorus id" not in text


def test_remarks_stand_where_they_apply(viewer: Client, company: Company) -> None:
    assert "Tracking reopened" not in change_page(viewer, make_invoice(company, "F-1"))
    assert "Tracking reopened" in change_page(viewer, make_invoice(company, "F-2", tracking_reopened=True))


def test_the_absence_from_the_portal_stands_where_it_holds(viewer: Client, company: Company) -> None:
    label, remark = "Missing on the portal since", "The portal does not know this invoice."
    text = change_page(viewer, make_invoice(company, "F-1"))
    assert label not in text
    assert remark not in text
    assert label in change_page(viewer, make_invoice(company, "F-2", missing_since=timezone.now()))
