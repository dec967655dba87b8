"""The dashboard on the index: useful in ten seconds, and each figure leads to just the invoices that it counts."""

from __future__ import annotations

import datetime
import html
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from akuiteo.models import User
from batches.models import Batch, Outcome, OutgoingEmail, Run
from chorus.dashboard import invoice_charts, key_figures
from chorus.dashboard.figures import Total, standing, to_act_on, total_of
from chorus.models import Company, Invoice, StatusChange
from tests.admin.builders import SCRIPT, make_batch, make_company, make_connection, make_mail, make_run, page, url
from tests.chorus.dashboard.builders import an_invoice, days_ago

MOST = 35
"""Session, user, permissions (2), warnings (9), companies hidden from the user (4), how to begin (4), invoices (9),
runs (2), and room for few more."""


@pytest.fixture
def company(db: None) -> Company:
    company = make_company()
    make_connection(company)
    return company


def index(client: Client, **headers: str) -> str:
    return page(client.get(url("index"), headers=headers))


def headings(text: str) -> list[str]:
    return [
        html.unescape(re.sub("<.*?>", "", found)).strip()
        for found in re.findall("<h2 id.*?>(.*?)</h2>", text, re.DOTALL)
    ]


def one_of_each(company: Company, manager: User | None = None) -> None:
    for status in ("", "DEPOSEE", "SUSPENDUE", "MISE_EN_PAIEMENT", "UNHEARD_OF"):
        for age in (5, 40, 70, 120):
            an_invoice(company, status, age=age, since=age / 2, manager=manager, customer="Lyon & Cie")
    an_invoice(company, "", age=30, missing_since=days_ago(2))
    an_invoice(company, "REJETEE", since=1, dematerialized=False)


def test_an_empty_installation_says_how_to_begin(administrator: Client) -> None:
    text = index(administrator)
    assert headings(text) == ["How to begin"]
    assert url("chorus_company_add") in text
    assert url("batches_batch_add") in text


def test_who_may_not_do_a_step_gets_no_link_to_it(viewer: Client) -> None:
    text = index(viewer)
    assert "Create a company" in text
    assert url("chorus_company_add") not in text


def test_what_is_done_is_marked_and_when_all_is_done_nothing_is_said(administrator: Client, company: Company) -> None:
    assert index(administrator).count('class="done"') == 2
    make_batch()
    an_invoice(company, "DEPOSEE")
    assert "How to begin" not in index(administrator)


def test_the_panels_come_in_the_order_of_their_use(administrator: Client, company: Company) -> None:
    one_of_each(company)
    make_run(make_batch())
    assert headings(index(administrator)) == [
        "Warnings 1",
        "To act on today",
        "Where the invoices stand",
        "Open invoices by age since deposit",
        "Days from deposit to payment",
        "Recent runs",
    ]


def test_without_warnings_it_says_that_all_is_well(administrator: Client, company: Company) -> None:
    an_invoice(company, "DEPOSEE", manager=User.objects.create(username="anna", email="anna@example.org"))
    assert "All is well" in index(administrator)


def test_the_worst_warnings_come_first(administrator: Client, company: Company) -> None:
    an_invoice(company, "DEPOSEE", manager=None)
    make_mail(status="given up")
    text = index(administrator)
    assert "All is well" not in text
    assert text.index("did not arrive") < text.index("reach nobody")


def test_a_user_sees_only_what_their_rights_allow(client_of: Callable[[str], Client], company: Company) -> None:
    one_of_each(company)
    make_run(make_batch())
    client = client_of("of one right")
    User.objects.get(username="of one right").user_permissions.add(Permission.objects.get(codename="view_run"))
    text = index(client)
    assert "To act on today" not in text
    assert "Lyon" not in text


@pytest.mark.parametrize("role", ["Viewer", "Accounting"])
def test_connections_are_no_business_of_those_who_may_not_see_them(
    client_of: Callable[[str], Client], company: Company, role: str
) -> None:
    make_company("ALONE")
    assert "ALONE" not in index(client_of(role))


def test_each_key_figure_leads_to_the_invoices_that_it_counts(viewer: Client, company: Company) -> None:
    one_of_each(company)
    stopped, missing = to_act_on(Invoice.objects.all())
    counts = [
        13,
        5,
        Invoice.objects.filter(chorus_status="MISE_EN_PAIEMENT", chorus_status_at__gte=_month()).count(),
        1,
    ]
    invoices = Invoice.objects.all()
    figures = key_figures.key_figures(invoices, standing(invoices), total_of(stopped) + total_of(missing))
    assert [_listed(viewer, figure.url) for figure in figures] == counts
    assert [figure.shown for figure in figures][1::2] == ["5", "1"]


def test_the_link_to_all_that_needs_action_lists_what_has_waited_longest_first(
    client_of: Callable[[str], Client], company: Company
) -> None:
    for since in (3, 9, 1, 7, 5, 8, 2, 6, 4, 10, 12):
        an_invoice(company, "SUSPENDUE", number=f"{since} days", since=since, age=30 - since)
    an_invoice(company, number="11 days", age=30, missing_since=days_ago(11))
    client = client_of("only looks")
    User.objects.get(username="only looks").user_permissions.add(Permission.objects.get(codename="view_invoice"))
    (link,) = re.findall(r'<p class="more"><a href="([^"]*)">All', index(client))
    response: Any = client.get(html.unescape(link))
    shown = [invoice.number for invoice in response.context["cl"].result_list]
    assert shown == [f"{since} days" for since in range(12, 0, -1)]


def test_each_status_leads_to_the_invoices_that_it_counts(viewer: Client, company: Company) -> None:
    one_of_each(company)
    bars = invoice_charts.statuses(standing(Invoice.objects.all()))
    assert [_listed(viewer, bar.url) for bar in bars] == [bar.total.count for bar in bars] == [5, 4, 4, 4, 4]


def test_each_age_leads_to_the_invoices_that_it_counts(viewer: Client, company: Company) -> None:
    one_of_each(company)
    ages = invoice_charts.ageing(standing(Invoice.objects.all())).rows
    assert [_listed(viewer, age.url) for age in ages] == [age.total.count for age in ages] == [4, 3, 3, 3]


def test_each_customer_leads_to_the_payments_that_it_counts(viewer: Client, company: Company) -> None:
    one_of_each(company)
    payments = invoice_charts.payments(Invoice.objects.all())
    assert payments is not None
    assert [_listed(viewer, bar.url) for bar in payments.customers] == [4]


def test_f33_the_open_invoices_whose_alerts_reach_nobody_are_those_of_the_link(
    administrator: Client, company: Company
) -> None:
    one_of_each(company, User.objects.create(username="anna", email="anna@example.org"))
    one_of_each(company, User.objects.create(username="without address"))
    one_of_each(company)
    text = index(administrator)
    (link,) = re.findall(r'href="([^"]*alerts=none[^"]*)"', text)
    assert _listed(administrator, html.unescape(link)) == 27
    assert "The alerts of 27 open invoices reach nobody." in text


def test_an_open_figure_leads_to_final_invoices_too_whose_tracking_was_reopened(
    viewer: Client, company: Company
) -> None:
    an_invoice(company, "DEPOSEE")
    an_invoice(company, "SUSPENDUE", tracking_reopened=True)
    an_invoice(company, "SUSPENDUE")
    invoices = Invoice.objects.all()
    figure = key_figures.key_figures(invoices, standing(invoices), Total())[0]
    assert (figure.label, figure.details) == ("Open amount", ["2 invoices"])
    assert _listed(viewer, figure.url) == 2


def test_what_was_ever_paid_has_no_bar(company: Company) -> None:
    one_of_each(company)
    bars = invoice_charts.statuses(standing(Invoice.objects.all()))
    assert [bool(bar.length) for bar in bars] == [True, True, True, False, True]


def test_the_ageing_chart_is_of_one_currency(company: Company) -> None:
    an_invoice(company, "DEPOSEE", "300.00", age=1)
    an_invoice(company, "DEPOSEE", "100.00", age=50)
    an_invoice(company, "DEPOSEE", "999.00", age=50, currency="USD")
    ageing = invoice_charts.ageing(standing(Invoice.objects.all()))
    assert ageing.currency == "EUR"
    assert [segment.label for segment in ageing.segments] == ["up to 30 days: 75%", "31 to 60 days: 25%"]


def test_amounts_and_numbers_are_in_the_readers_form(viewer: Client, company: Company) -> None:
    Invoice.objects.bulk_create(
        [
            Invoice(company=company, number=str(n), date=timezone.localdate(), amount_incl_tax=Decimal("1.01"))
            for n in range(1234)
        ]
    )
    text = html.unescape(index(viewer, accept_language="fr"))
    assert re.search(r"1\s246,34\s€", text)
    assert re.search(r"1\s234", text)


def test_hostile_texts_are_shown_as_texts(administrator: Client, company: Company) -> None:
    an_invoice(company, "SUSPENDUE", since=2, chorus_comment=SCRIPT, customer=SCRIPT, number=SCRIPT)
    an_invoice(company, "MISE_EN_PAIEMENT", age=9, since=2, customer=SCRIPT)
    make_run(make_batch(), summary=SCRIPT + '" onclick="x')
    text = index(administrator)
    assert SCRIPT not in text
    assert 'onclick="' not in text


def test_the_page_has_neither_inline_styles_nor_scripts(administrator: Client, company: Company, batch: Batch) -> None:
    one_of_each(company)
    make_run(batch)
    text = index(administrator)
    assert " style=" not in text
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]* src=)", text)


def test_every_chart_says_in_words_what_it_draws(administrator: Client, company: Company) -> None:
    one_of_each(company)
    pictures = re.findall(r'<svg class="(?:bar|stacked-bar|key)[^>]*>', index(administrator))
    assert pictures
    assert all('aria-hidden="true"' in picture or 'role="img"' in picture for picture in pictures)


def test_looking_at_it_changes_nothing(administrator: Client, company: Company, batch: Batch) -> None:
    one_of_each(company)
    make_run(batch, outcome=Outcome.RUNNING, ended_at=None, started_at=timezone.now() - datetime.timedelta(days=2))
    models = (Invoice, Run, Batch, OutgoingEmail, StatusChange)
    before = [list(model._default_manager.order_by("pk").values()) for model in models]
    index(administrator)
    assert [list(model._default_manager.order_by("pk").values()) for model in models] == before


def test_the_queries_do_not_grow_with_the_data(administrator: Client, company: Company) -> None:
    def make_more(numbers: range) -> None:
        for number in numbers:
            one_of_each(make_company(f"C{number}"), User.objects.create(username=f"manager{number}"))
            make_run(make_batch(f"B{number}"), outcome=Outcome.FAILED, started_at=days_ago(3))
            make_mail(status="given up")

    make_more(range(2))
    few = _queries(administrator)
    make_more(range(2, 14))
    assert _queries(administrator) <= few <= MOST


@override_settings(DASHBOARD_PANELS=[])
def test_a_dashboard_without_panels_says_what_to_do(viewer: Client) -> None:
    assert "Ask an administrator for a role" in index(viewer)


def _month() -> datetime.datetime:
    return timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _listed(client: Client, address: str) -> int:
    """Return how many invoices the list at this address has."""
    response: Any = client.get(address)
    assert response.status_code == 200, address
    return int(response.context["cl"].queryset.count())


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as captured:
        index(client)
    return len(captured)
