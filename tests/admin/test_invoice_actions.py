"""What is done with selected invoices, on the list and on their own page."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from akuiteo.models import User
from batches.models import Batch, Outcome, Run
from chorus import checking
from chorus.models import Company, Invoice
from chorus.screens import invoice_actions
from tests.admin.builders import make_batch, make_company, make_invoice, page, told, url

LIST = "chorus_invoice_changelist"


@pytest.fixture
def company(db: None) -> Company:
    return make_company()


@pytest.fixture
def checker(db: None) -> Batch:
    return make_checker()


def make_checker(code: str = "CHORUS", companies: str = "*****") -> Batch:
    batch = make_batch(code, template="CheckFacturesClientChorus")
    batch.parameters.create(code="LISTE_SOCIETES_A_TRAITER", value=companies)
    return batch


def act(client: Client, action: str, *invoices: Invoice, query: str = "", **fields: Any) -> Any:
    form = {"action": action, "_selected_action": [invoice.pk for invoice in invoices]} | fields
    return client.post(url(LIST) + query, form, follow=True)


def act_on_page(client: Client, action: str, invoice: Invoice, **fields: Any) -> Any:
    return client.post(url("chorus_invoice_act", invoice.pk, action), fields)


def buttons(client: Client, invoice: Invoice) -> list[str]:
    response = client.get(url("chorus_invoice_change", invoice.pk))
    return [name for name, _label in response.context["page_actions"]]


class TestReopening:
    def test_tells_how_many_are_followed_again(self, operations: Client, company: Company) -> None:
        codes = ("SUSPENDUE", "A_RECYCLER", "DEPOSEE")
        response = act(
            operations, "reopen_tracking", *(make_invoice(company, code, chorus_status=code) for code in codes)
        )
        assert told(response) == [
            "The tracking of 2 invoices is reopened: the next run asks for them.",
            "1 invoice is followed anyway: its status is not final.",
        ]
        assert Invoice.objects.filter(tracking_reopened=True).count() == 2

    def test_of_none_says_so(self, operations: Client, company: Company) -> None:
        response = act(operations, "reopen_tracking", make_invoice(company, chorus_status="DEPOSEE"))
        assert told(response) == ["1 invoice is followed anyway: its status is not final."]

    def test_works_on_a_filtered_searched_and_sorted_list(self, operations: Client, company: Company) -> None:
        wanted = make_invoice(company, "F-1", chorus_status="SUSPENDUE", missing_since=timezone.now())
        other = make_invoice(company, "F-2", chorus_status="SUSPENDUE")
        query = "?missing=yes&needs_action=yes&o=5&q=lyon"
        act(operations, "reopen_tracking", wanted, query=query, select_across="1")
        wanted.refresh_from_db()
        other.refresh_from_db()
        assert (wanted.tracking_reopened, other.tracking_reopened) == (True, False)

    def test_on_the_page_of_an_invoice_leads_back_to_it(self, operations: Client, company: Company) -> None:
        invoice = make_invoice(company, chorus_status="SUSPENDUE")
        response = act_on_page(operations, "reopen_tracking", invoice)
        assert response.headers["Location"] == url("chorus_invoice_change", invoice.pk)
        invoice.refresh_from_db()
        assert invoice.tracking_reopened


class TestAssigning:
    def test_asks_for_the_manager_first(self, accounting: Client, company: Company) -> None:
        User.objects.create(username="gone", is_active=False)
        invoice = make_invoice(company, manager=User.objects.create(username="anna"))
        text = page(act(accounting, "assign_manager", invoice))
        assert ">anna</option>" in text
        assert ">gone</option>" not in text
        invoice.refresh_from_db()
        assert invoice.manager is not None

    def test_tells_how_many_have_the_manager_now_and_had_before(self, accounting: Client, company: Company) -> None:
        anna = User.objects.create(username="anna", first_name="Anna", last_name="Roy", email="anna@example.org")
        other = User.objects.create(username="other")
        invoices = [make_invoice(company, str(n), manager=user) for n, user in enumerate((None, other, anna))]
        response = act(accounting, "assign_manager", *invoices, assign_to="chosen", manager=anna.pk)
        assert told(response) == [
            "2 invoices are now assigned to Anna Roy.",
            "1 invoice was assigned to Anna Roy before.",
        ]
        assert Invoice.objects.filter(manager=anna).count() == 3

    def test_warns_of_a_manager_without_address(self, accounting: Client, company: Company) -> None:
        anna = User.objects.create(username="anna")
        response = act(accounting, "assign_manager", make_invoice(company), assign_to="chosen", manager=anna.pk)
        assert told(response)[1] == "anna has no e-mail address, so that no alert arrives. Enter one under Users."

    def test_without_a_choice_asks_again(self, accounting: Client, company: Company) -> None:
        invoice = make_invoice(company, manager=User.objects.create(username="anna"))
        assert "This field is required." in page(act(accounting, "assign_manager", invoice, assign_to="chosen"))
        invoice.refresh_from_db()
        assert invoice.manager is not None

    def test_to_nobody_is_a_choice_of_its_own(self, accounting: Client, company: Company) -> None:
        invoice = make_invoice(company, manager=User.objects.create(username="anna"))
        response = act(accounting, "assign_manager", invoice, assign_to="nobody")
        assert told(response) == ["1 invoice is now assigned to nobody."]
        invoice.refresh_from_db()
        assert invoice.manager is None

    def test_keeps_the_selection_of_the_whole_list(self, accounting: Client, company: Company) -> None:
        first = make_invoice(company, "F-1")
        make_invoice(company, "F-2")
        text = page(act(accounting, "assign_manager", first, select_across="1"))
        assert '<input type="hidden" name="select_across" value="1">' in text
        assert "2 selected invoices" in text

    def test_all_invoices_takes_no_more_queries_than_one(self, accounting: Client, company: Company) -> None:
        first, *_others = [make_invoice(company, str(number)) for number in range(30)]
        anna = User.objects.create(username="anna", email="anna@example.org")
        form = {"action": "assign_manager", "_selected_action": first.pk, "assign_to": "chosen", "manager": anna.pk}
        with CaptureQueriesContext(connection) as one:
            accounting.post(url(LIST), form)
        with CaptureQueriesContext(connection) as all_of_them:
            accounting.post(url(LIST), form | {"select_across": "1"})
        assert Invoice.objects.filter(manager=anna).count() == 30
        assert len(all_of_them) <= len(one)


class TestCheckingNow:
    def test_asks_first_and_tells_what_is_left_out(self, accounting: Client, company: Company, checker: Batch) -> None:
        wanted, final = make_invoice(company, "F-1"), make_invoice(company, "F-2", chorus_status="SUSPENDUE")
        text = page(act(accounting, "check_now", wanted, final))
        assert "CHORUS - Every hour" in text
        assert "<td>final status: reopen the tracking first</td>" in text
        assert not Run.objects.exists()

    def test_starts_a_run_of_these_invoices_alone_and_leads_to_it(
        self, accounting: Client, company: Company, checker: Batch
    ) -> None:
        wanted, final = make_invoice(company, "F-1"), make_invoice(company, "F-2", chorus_status="SUSPENDUE")
        response = act(accounting, "check_now", wanted, final, batch=checker.pk)
        run = Run.objects.get()
        assert (run.only, run.outcome, run.dry_run) == ([wanted.pk], Outcome.QUEUED, False)
        assert response.redirect_chain[-1][0] == url("batches_run_change", run.pk)
        assert told(response) == [
            "1 invoice is being checked.",
            "1 invoice is left out: final status: reopen the tracking first.",
        ]

    def test_offers_the_batches_that_follow_the_companies(self, accounting: Client, company: Company) -> None:
        other = make_company("BETA")
        for code, companies in {"OF-BETA": "BETA", "OF-BOTH": "BETA;ACME", "OF-NONE": "GAMMA"}.items():
            make_checker(code, companies)
        invoices = make_invoice(company, "F-1"), make_invoice(other, "F-2")
        text = html.unescape(page(act(accounting, "check_now", *invoices)))
        assert text.index("OF-BOTH - Every hour") < text.index("OF-BETA - Every hour")
        assert "OF-NONE" not in text

    def test_leaves_out_what_the_chosen_batch_does_not_follow(self, accounting: Client, company: Company) -> None:
        wanted, other = make_invoice(company, "F-1"), make_invoice(make_company("BETA"), "F-2")
        response = act(accounting, "check_now", wanted, other, batch=make_checker(companies="ACME").pk)
        assert Run.objects.get().only == [wanted.pk]
        assert told(response)[1] == "1 invoice is left out: company not followed by the batch CHORUS."

    def test_without_a_batch_for_the_companies_says_what_to_do(self, accounting: Client, company: Company) -> None:
        make_checker(companies="BETA")
        text = page(act(accounting, "check_now", make_invoice(company)))
        assert "No batch that you may start follows the companies of these invoices." in text

    def test_of_none_that_is_followed_starts_nothing(
        self, accounting: Client, company: Company, checker: Batch
    ) -> None:
        on_paper = make_invoice(company, dematerialized=False)
        text = page(act(accounting, "check_now", on_paper, batch=checker.pk))
        assert "None of the selected invoices can be checked now." in text
        assert not Run.objects.exists()

    @pytest.mark.parametrize("restriction", ["launch_restricted_to", "display_restricted_to"])
    def test_respects_the_restrictions_of_a_batch(
        self, accounting: Client, company: Company, checker: Batch, restriction: str
    ) -> None:
        Batch.objects.update(**{restriction: Group.objects.get(name="Administrator")})
        text = page(act(accounting, "check_now", make_invoice(company), batch=checker.pk))
        assert "CHORUS - Every hour" not in text
        assert not Run.objects.exists()

    def test_of_too_many_is_refused(
        self, accounting: Client, company: Company, checker: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(invoice_actions, "MOST", 1)
        response = act(accounting, "check_now", make_invoice(company, "F-1"), make_invoice(company, "F-2"))
        assert told(response) == [
            "At most 1 invoices are checked at once: select fewer, or run the batch for all of them."
        ]

    def test_on_the_page_of_an_invoice_goes_the_same_way(
        self, accounting: Client, company: Company, checker: Batch
    ) -> None:
        invoice = make_invoice(company)
        back = f'href="{url("chorus_invoice_change", invoice.pk)}">Cancel</a>'
        assert back in page(act_on_page(accounting, "check_now", invoice))
        act_on_page(accounting, "check_now", invoice, batch=checker.pk)
        assert Run.objects.get().only == [invoice.pk]

    def test_is_bounded_in_its_queries(self, accounting: Client, company: Company) -> None:
        def queries(*invoices: Invoice) -> int:
            with CaptureQueriesContext(connection) as captured:
                act(accounting, "check_now", *invoices)
            return len(captured)

        make_checker("A")
        few = queries(make_invoice(company, "F-1"))
        for number in range(5):
            make_checker(f"B{number}")
        many = queries(*(make_invoice(company, f"G-{number}") for number in range(30)))
        assert many - few <= 5  # one for each further batch, whose companies are read
        assert checking.MOST == 200


class TestButtons:
    @pytest.mark.parametrize(
        ("fields", "expected"),
        [
            ({"chorus_status": "DEPOSEE"}, ["check_now", "assign_manager"]),
            ({"chorus_status": "SUSPENDUE"}, ["reopen_tracking", "assign_manager"]),
            ({"chorus_status": "SUSPENDUE", "tracking_reopened": True}, ["check_now", "assign_manager"]),
            ({"dematerialized": False}, ["assign_manager"]),
        ],
    )
    def test_are_those_of_use(
        self, accounting: Client, company: Company, fields: dict[str, Any], expected: list[str]
    ) -> None:
        assert buttons(accounting, make_invoice(company, **fields)) == expected

    def test_are_those_that_the_user_may_press(self, viewer: Client, operations: Client, company: Company) -> None:
        invoice = make_invoice(company)
        assert buttons(viewer, invoice) == []
        assert buttons(operations, invoice) == ["check_now"]

    @pytest.mark.parametrize("action", invoice_actions.ACTIONS)
    def test_s13_do_nothing_for_who_may_not(self, viewer: Client, company: Company, action: str) -> None:
        assert act_on_page(viewer, action, make_invoice(company)).status_code == 403

    def test_s13_need_the_right_to_see_the_invoice(self, viewer: Client, company: Company) -> None:
        user = User.objects.get(username="viewer")
        user.groups.clear()
        user.user_permissions.add(Permission.objects.get(codename="reopen_invoice"))
        assert act_on_page(viewer, "reopen_tracking", make_invoice(company)).status_code == 403

    def test_change_nothing_by_get(self, operations: Client, company: Company) -> None:
        invoice = make_invoice(company, chorus_status="SUSPENDUE")
        assert operations.get(url("chorus_invoice_act", invoice.pk, "reopen_tracking")).status_code == 405

    @pytest.mark.parametrize("action", ["delete_selected", "export_csv", "unknown"])
    def test_are_no_way_to_other_actions(self, administrator: Client, company: Company, action: str) -> None:
        assert act_on_page(administrator, action, make_invoice(company)).status_code == 404
