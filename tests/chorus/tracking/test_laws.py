"""The laws of following, each against a simulated portal that counts its calls."""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection
from pytest_django import Settings

from chorus.models import Company, Invoice, StatusChange, Watermark
from chorus.portal.errors import PortalUnavailable, UnexpectedAnswer
from chorus.portal.messages import Search, SearchPage, StatusHistory
from chorus.statuses import DematerializationStatus
from chorus.tracking.ledger import Preview
from chorus.tracking.reading import Reader
from chorus.tracking.seen import Seen
from chorus.tracking.states import Change
from chorus.tracking.windows import Window
from tests.chorus.tracking.helpers import SIRET, follow, make_company, make_invoice
from tests.chorus.tracking.simulated_portal import Manners, SimulatedPortal

MakeInvoice = Callable[..., Invoice]
PAGE = 10


@pytest.fixture
def portal() -> SimulatedPortal:
    return SimulatedPortal(Manners(page_cap=PAGE))


def status(number: str) -> str:
    return Invoice.objects.get(number=number).chorus_status


def deposit_many(portal: SimulatedPortal, company: Company, count: int) -> None:
    for place in range(count):
        number = f"F-{place:04}"
        make_invoice(company, number)
        portal.deposit(number, company.siret)


def test_rule_4_only_dematerialized_transmitted_open_invoices_are_followed(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    followed: dict[str, dict[str, object]] = {
        "F-1": {},
        "F-2": {"chorus_status": "MANDATEE"},
        "F-3": {"chorus_status": "UNKNOWN_CODE"},
    }
    others: dict[str, dict[str, object]] = {
        "F-4": {"dematerialized": False},
        "F-5": {"dematerialization_status": DematerializationStatus.TO_BE_TRANSMITTED},
        "F-6": {"chorus_status": "MISE_EN_PAIEMENT"},
    }
    for number, values in {**followed, **others}.items():
        invoice(number, **values)
        portal.deposit(number, SIRET, code="COMPTABILISEE")
    result = follow(portal, [company])
    assert sorted(change.invoice.number for change in result.changes) == sorted(followed)


def test_rule_5_a_change_is_stored_with_its_date_comment_and_a_status_change(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    chorus_id = portal.deposit("F-1", SIRET, flow="CPP1", comment="Reçue")
    follow(portal, [company])
    stored.refresh_from_db()
    assert (stored.chorus_status, stored.chorus_comment, stored.flow_number) == ("DEPOSEE", "Reçue", "CPP1")
    assert (stored.chorus_id, stored.chorus_status_at) == (chorus_id, portal.rows[chorus_id].since)
    change = StatusChange.objects.get()
    assert (change.old, change.new, change.at) == ("", "DEPOSEE", stored.chorus_status_at)


def test_rule_5_an_unknown_code_is_logged_once_a_run(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    for number in ("F-1", "F-2"):
        invoice(number)
        portal.deposit(number, SIRET, code="TOUT_NOUVEAU")
    result = follow(portal, [company])
    assert status("F-1") == status("F-2") == "TOUT_NOUVEAU"
    assert result.log.warnings == 1


def test_rule_6_a_rejection_denies_the_transmission(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    portal.deposit("F-1", SIRET, code="REJETEE", comment="Doublon")
    follow(portal, [company])
    stored.refresh_from_db()
    assert stored.dematerialization_status == DematerializationStatus.TRANSMISSION_DENIED


def test_rule_7_a_final_invoice_causes_no_call(portal: SimulatedPortal, company: Company, invoice: MakeInvoice) -> None:
    invoice("F-1", chorus_status="MISE_EN_PAIEMENT")
    assert follow(portal, [company]).calls == 0


def test_rule_9_one_invoice_that_the_database_refuses_stops_no_other(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    taken = portal.deposit("F-1", SIRET)
    invoice("F-0", chorus_id=taken, chorus_status="MISE_EN_PAIEMENT")  # final, and holds the Chorus id of F-1
    invoice("F-1")
    invoice("F-2")
    portal.deposit("F-2", SIRET)
    result = follow(portal, [company])
    assert (status("F-1"), status("F-2")) == ("", "DEPOSEE")
    assert [error.invoice for error in result.tally.errors] == ["F-1"]


def test_l1_what_a_cap_may_hide_from_a_company_when_another_joins_it_is_asked_for(company: Company) -> None:
    portal = SimulatedPortal(Manners(page_cap=1))
    other = make_company("OTHER", "11111111111111")
    make_invoice(company, "Z-1")
    hidden = portal.deposit("Z-1", company.siret)
    follow(portal, [company])
    portal.manners.total_cap = 10
    for place in range(10):
        make_invoice(other, f"A-{place}")
        portal.deposit(f"A-{place}", other.siret)
    portal.move(hidden, "MANDATEE")
    follow(portal, [company, other])
    assert status("Z-1") == "MANDATEE"


def test_l2_an_unchanged_portal_costs_two_calls_however_many_invoices_are_open(
    portal: SimulatedPortal, company: Company
) -> None:
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    again = follow(portal, [company])
    assert again.calls <= 2
    assert (again.tally.checked, again.tally.changed) == (5 * PAGE, 0)


def test_l2_a_window_with_the_widest_overlap_costs_one_call(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    for number in ("F-1", "F-2", "F-3"):
        invoice(number)
        portal.deposit(number, SIRET)
        portal.tick(timedelta(days=10))
    follow(portal, [company])
    assert follow(portal, [company]).calls == 1


@pytest.mark.parametrize("changed", [1, 7, PAGE, 23, 50])
def test_l2_the_cost_follows_the_changes(portal: SimulatedPortal, company: Company, changed: int) -> None:
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    for chorus_id in list(portal.rows)[:changed]:
        portal.move(chorus_id, "MANDATEE")
    result = follow(portal, [company])
    assert result.tally.changed == changed
    assert result.calls <= 2 + math.ceil(changed / PAGE)


def test_l2_the_run_after_many_changes_costs_two_calls_again(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    for chorus_id in portal.rows:
        portal.move(chorus_id, "MANDATEE")
    follow(portal, [company])
    assert follow(portal, [company]).calls <= 2


def test_l2_the_run_after_a_burst_of_changes_costs_two_calls(company: Company) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, tells_time=True))
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    for chorus_id in list(portal.rows)[: 3 * PAGE + 5]:
        portal.tick(timedelta(milliseconds=2) - timedelta(seconds=20))
        portal.move(chorus_id, "MANDATEE")
    portal.tick()
    follow(portal, [company])
    assert follow(portal, [company]).calls <= 2


def test_l2_a_window_always_holds_its_witness_and_is_not_read_twice(company: Company) -> None:
    portal = SimulatedPortal(Manners(page_cap=PAGE, inclusive=False))
    deposit_many(portal, company, 5 * PAGE)
    follow(portal, [company])
    for chorus_id in list(portal.rows)[: 3 * PAGE + 5]:
        portal.tick(timedelta(microseconds=100) - timedelta(seconds=20))
        portal.move(chorus_id, "MANDATEE")
    follow(portal, [company])
    assert follow(portal, [company]).calls <= 4  # the burst's pages, and no second reading of three days


def test_l4_the_portals_own_word_tells_when_the_reading_began() -> None:
    portal = SimulatedPortal(Manners(tells_time=True))
    portal.deposit("F-1", SIRET)
    told = portal.tick(timedelta(hours=1))
    with Seen() as seen:
        reader = Reader(portal, PAGE, seen, take=lambda _rows: None, show=lambda _number, _page: None)
        reader.read(Window())
    assert reader.began == told


def test_l2_invoices_that_the_portal_does_not_know_cost_no_call_each(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    deposit_many(portal, company, 2 * PAGE)
    for place in range(5):
        invoice(f"M-{place}")
    follow(portal, [company])
    again = follow(portal, [company])
    assert again.calls <= 2
    assert again.tally.missing == 5


def test_l3_an_invoice_imported_after_its_last_change_was_read_past_gets_its_status(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice, settings: Settings
) -> None:
    deposit_many(portal, company, 3 * PAGE)
    portal.deposit("A-LATE", SIRET, code="MANDATEE")
    portal.tick(timedelta(days=30))
    portal.move(1, "MANDATEE")
    follow(portal, [company])
    invoice("A-LATE")
    follow(portal, [company])
    assert status("A-LATE") == "MANDATEE"


def test_l3_many_latecomers_are_read_in_bulk(portal: SimulatedPortal, company: Company, invoice: MakeInvoice) -> None:
    for place in range(3 * PAGE):
        portal.deposit(f"F-{place:04}", SIRET)
    portal.tick(timedelta(days=30))
    portal.deposit("G-1", SIRET)
    invoice("G-1")
    follow(portal, [company])
    for place in range(3 * PAGE):
        invoice(f"F-{place:04}")
    result = follow(portal, [company])
    assert result.tally.changed == 3 * PAGE
    assert result.calls <= 6


def test_l3_a_reopened_invoice_gets_its_status(portal: SimulatedPortal, company: Company, invoice: MakeInvoice) -> None:
    stored = invoice("F-1", chorus_status="SUSPENDUE", chorus_id=1, ask_by_number=False)
    invoice("F-2")
    portal.deposit("F-1", SIRET, code="COMPLETEE")
    portal.tick(timedelta(days=30))
    portal.deposit("F-2", SIRET)
    follow(portal, [company])
    assert status("F-1") == "SUSPENDUE"
    Invoice.objects.filter(pk=stored.pk).update(tracking_reopened=True, ask_by_number=True)
    follow(portal, [company])
    assert status("F-1") == "COMPLETEE"


def test_l4_the_watermark_stays_where_the_reading_was_cut_short(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 3 * PAGE)

    def break_down() -> None:
        raise PortalUnavailable("rechercher/fournisseur", "down")

    portal.between_pages = break_down
    with pytest.raises(PortalUnavailable):
        follow(portal, [company])
    assert not Watermark.objects.exists()


def test_l4_the_watermark_comes_from_the_portals_dates(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 3)
    follow(portal, [company])
    newest = max(row.since for row in portal.rows.values() if row.since)
    assert Watermark.objects.get().settled_until == newest


def test_l4_a_date_in_the_far_future_does_not_move_the_watermark_there(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    deposit_many(portal, company, 3)
    present = portal.now
    portal.now = datetime(9999, 1, 1, tzinfo=UTC)
    portal.deposit("NONSENSE", SIRET)
    portal.now = present
    follow(portal, [company])
    portal.move(1, "MANDATEE")
    follow(portal, [company])
    assert status("F-0000") == "MANDATEE"
    assert Watermark.objects.get().settled_until < datetime(2027, 1, 1, tzinfo=UTC)  # type: ignore[operator]


def test_l5_what_was_read_before_a_failure_is_kept_and_the_next_run_does_the_rest(
    portal: SimulatedPortal, company: Company
) -> None:
    deposit_many(portal, company, 3 * PAGE)
    pages = iter([None])

    def break_down_on_the_third_page() -> None:
        if next(pages, "broken") == "broken":
            raise PortalUnavailable("rechercher/fournisseur", "down")

    portal.between_pages = break_down_on_the_third_page
    with pytest.raises(PortalUnavailable):
        follow(portal, [company])
    kept = StatusChange.objects.count()
    portal.between_pages = lambda: None
    follow(portal, [company])
    assert kept >= PAGE
    assert StatusChange.objects.count() == 3 * PAGE


def peak_memory_of_a_run(company: Company, invoices: int) -> int:
    """Return the highest memory of a run, in bytes, with so many open invoices of which none has changed."""
    Invoice.objects.all().delete()
    Invoice.objects.bulk_create(
        Invoice(
            company=company,
            number=f"F-{place:05}",
            date=date(2026, 10, 1),
            dematerialization_status=DematerializationStatus.TRANSMITTED,
            chorus_status="DEPOSEE",
            ask_by_number=False,
        )
        for place in range(invoices)
    )
    portal = SimulatedPortal()
    portal.deposit("F-00000", SIRET)
    follow(portal, [company])
    tracemalloc.start()
    follow(portal, [company])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak


def test_l6_memory_is_flat_however_many_invoices_are_open(company: Company) -> None:
    few = peak_memory_of_a_run(company, 100)
    assert peak_memory_of_a_run(company, 5000) < 2 * few


def test_l7_companies_that_share_a_connection_share_its_calls(portal: SimulatedPortal, company: Company) -> None:
    other = make_company("OTHER", "11111111111111")
    for each in (company, other):
        make_invoice(each, "F-1")
        portal.deposit("F-1", each.siret, code="MANDATEE" if each == other else "DEPOSEE")
    result = follow(portal, [company, other])
    assert result.calls == 1
    assert {change.invoice.company: change.new for change in result.changes} == {"ACME": "DEPOSEE", "OTHER": "MANDATEE"}


def test_l7_a_company_that_joins_a_connection_is_read_from_the_beginning(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    other = make_company("OTHER", "11111111111111")
    invoice("F-1")
    make_invoice(other, "G-1", ask_by_number=False)
    portal.deposit("G-1", other.siret)
    portal.tick(timedelta(days=30))
    portal.deposit("F-1", SIRET)
    follow(portal, [company])
    follow(portal, [company, other])
    assert status("G-1") == "DEPOSEE"


def test_l7_twins_that_nothing_tells_apart_change_nothing_and_are_an_error(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    invoice("F-1")
    portal.deposit("F-1", SIRET, flow="CPP1")
    portal.deposit("F-1", SIRET, flow="CPP2", code="REJETEE")
    result = follow(portal, [company])
    assert status("F-1") == ""
    assert "1, 2" in result.tally.errors[0].message


def test_l7_twins_on_two_pages_are_twins_all_the_same(company: Company, invoice: MakeInvoice) -> None:
    portal = SimulatedPortal(Manners(page_cap=1))
    invoice("F-1", flow_number="CPP2")
    portal.deposit("F-1", SIRET, flow="")
    portal.deposit("F-1", SIRET, flow="CPP2", code="MANDATEE")
    follow(portal, [company])
    assert status("F-1") == "MANDATEE"


def test_l7_an_invoice_is_found_by_its_chorus_id_where_the_portal_has_another_number(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    deposit_many(portal, company, 1)
    follow(portal, [company])
    chorus_id = portal.deposit("WRITTEN-OTHERWISE", "99999999999999", code="MANDATEE")
    portal.tick(timedelta(days=30))
    portal.move(1, "MANDATEE")
    follow(portal, [company])
    invoice("ERP-7", chorus_id=chorus_id)
    follow(portal, [company])
    assert status("ERP-7") == "MANDATEE"


def test_l8_an_absent_invoice_is_counted_and_no_error(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    result = follow(portal, [company])
    stored.refresh_from_db()
    assert (result.tally.missing, result.tally.checked, result.tally.errors) == (1, 0, [])
    assert stored.missing_since is not None


@pytest.mark.parametrize(("days", "warnings"), [(3, 1), (400, 0)])
def test_l8_absence_is_warned_of_only_some_days_after_the_deposit(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice, settings: Settings, days: int, warnings: int
) -> None:
    settings.CHORUS_MISSING_AFTER_DAYS = days
    invoice("F-1")
    assert follow(portal, [company]).log.warnings == warnings


def test_l8_many_absent_invoices_are_not_asked_for_one_by_one(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    deposit_many(portal, company, 3 * PAGE)
    for place in range(40):
        invoice(f"M-{place}")
    result = follow(portal, [company])
    assert result.tally.missing == 40
    assert result.calls <= 3 + 2  # the pages, and the proof that their total is no cap


def test_l8_an_absent_invoice_that_appears_is_followed(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    follow(portal, [company])
    portal.deposit("F-1", SIRET)
    result = follow(portal, [company])
    stored.refresh_from_db()
    assert (stored.chorus_status, stored.missing_since, result.tally.missing) == ("DEPOSEE", None, 0)


def test_l9_the_reason_is_asked_from_the_history_where_the_row_has_none(
    portal: SimulatedPortal, company: Company, invoice: MakeInvoice
) -> None:
    stored = invoice("F-1")
    chorus_id = portal.deposit("F-1", SIRET, code="REJETEE")
    portal.reasons[chorus_id, "REJETEE"] = "Doublon"
    follow(portal, [company])
    stored.refresh_from_db()
    assert stored.chorus_comment == StatusChange.objects.get().comment == "Doublon"


def test_l9_the_history_is_asked_only_then(portal: SimulatedPortal, company: Company, invoice: MakeInvoice) -> None:
    invoice("F-1")
    invoice("F-2")
    portal.deposit("F-1", SIRET, code="REJETEE", comment="Doublon")
    portal.deposit("F-2", SIRET, code="MANDATEE")
    follow(portal, [company])
    assert "history" not in portal.calls


class MutePortal(SimulatedPortal):
    """One whose history cannot be had."""

    error: Exception = UnexpectedAnswer("consulter/historique", "refused")

    def history(self, chorus_id: int) -> StatusHistory:
        super().history(chorus_id)
        raise self.error


@pytest.mark.parametrize("error", [MutePortal.error, PortalUnavailable("consulter/historique", "down")])
def test_l9_a_reason_that_cannot_be_read_costs_an_error_and_comes_with_the_next_run(
    company: Company, invoice: MakeInvoice, error: Exception
) -> None:
    stored, mute = invoice("F-1"), MutePortal()
    mute.error = error
    chorus_id = mute.deposit("F-1", SIRET, code="REJETEE")
    result = follow(mute, [company])
    assert (status("F-1"), [each.invoice for each in result.tally.errors]) == ("REJETEE", ["F-1"])
    healthy = SimulatedPortal()
    healthy.rows, healthy.reasons[chorus_id, "REJETEE"] = mute.rows, "Doublon"
    invoice("F-2")
    follow(healthy, [company])
    stored.refresh_from_db()
    assert (stored.chorus_comment, stored.reason_due) == ("Doublon", False)


class SpoilingPortal(SimulatedPortal):
    """One of whose rows is unreadable while it is spoilt."""

    spoilt = True

    def search(self, search: Search, page: int, page_size: int) -> SearchPage:
        found = super().search(search, page, page_size)
        if not self.spoilt or not found.rows:
            return found
        return SearchPage(found.rows[1:], ("Row 1 cannot be read",), found.page, found.pages, PAGE, found.total)


def test_an_unreadable_row_is_an_error_and_is_read_again_by_the_next_run(
    company: Company, invoice: MakeInvoice
) -> None:
    portal = SpoilingPortal()
    for number in ("F-1", "F-2"):
        invoice(number, ask_by_number=False, chorus_status="DEPOSEE")
        portal.deposit(number, SIRET, code="MANDATEE")
    result = follow(portal, [company])
    assert ([error.message for error in result.tally.errors], status("F-2")) == (["Row 1 cannot be read"], "MANDATEE")
    assert result.tally.missing == 0
    portal.spoilt = False
    follow(portal, [company])
    assert status("F-1") == "MANDATEE"


def test_a_portal_that_announces_more_rows_than_it_gives_is_told_and_read_again(
    company: Company, invoice: MakeInvoice
) -> None:
    class Boaster(SimulatedPortal):
        def search(self, search: Search, page: int, page_size: int) -> SearchPage:
            found = super().search(search, page, page_size)
            return SearchPage(found.rows, (), page, found.pages, found.page_size, found.total + 1)

    invoice("F-1")
    boaster = Boaster()
    boaster.deposit("F-1", SIRET)
    result = follow(boaster, [company])
    assert result.log.warnings == 1
    assert not Watermark.objects.exists()


def test_a_portal_that_announces_pages_for_ever_is_not_followed_for_ever(
    company: Company, invoice: MakeInvoice
) -> None:
    class Endless(SimulatedPortal):
        def search(self, search: Search, page: int, page_size: int) -> SearchPage:
            found = super().search(search, 1, page_size)
            return SearchPage(found.rows, (), page, page + 1, 1, 1)

    invoice("F-1")
    endless = Endless()
    endless.deposit("F-1", SIRET)
    assert follow(endless, [company]).calls < 50
    assert status("F-1") == "DEPOSEE"


def test_a_cap_that_no_window_gets_below_is_met_by_asking_one_by_one(company: Company) -> None:
    portal = SimulatedPortal(Manners(total_cap=4))
    deposit_many(portal, company, 12)
    follow(portal, [company])
    moment = portal.tick()
    for chorus_id in list(portal.rows):
        portal.move(chorus_id, "MANDATEE")
        portal.now = moment  # all at once: they cannot be told apart by date
    follow(portal, [company])
    assert set(Invoice.objects.values_list("chorus_status", flat=True)) == {"MANDATEE"}


def test_a_capped_portal_that_ignores_upper_bounds_is_given_up_soon_and_asked_one_by_one(company: Company) -> None:
    portal = SimulatedPortal(Manners(total_cap=10, heeds_upper_bound=False))
    for place in range(40):
        make_invoice(company, f"F-{place:04}")
        portal.tick(timedelta(days=1))
        portal.deposit(f"F-{place:04}", SIRET)
    result = follow(portal, [company])
    assert set(Invoice.objects.values_list("chorus_status", flat=True)) == {"DEPOSEE"}
    assert result.calls < 3 * 40


def test_a_dry_run_finds_the_same_changes_and_writes_nothing(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 2 * PAGE)
    make_invoice(company, "MISSING")
    before = list(Invoice.objects.order_by("pk").values())
    preview = follow(portal, [company], ledger=Preview)
    assert list(Invoice.objects.order_by("pk").values()) == before
    assert not Watermark.objects.exists()
    assert counts(preview.changes) == counts(follow(portal, [company]).changes)


def test_a_dry_run_counts_what_the_run_would_count(portal: SimulatedPortal, company: Company) -> None:
    deposit_many(portal, company, 2 * PAGE)
    make_invoice(company, "MISSING")
    preview = follow(portal, [company], ledger=Preview).tally
    assert preview.counts() == follow(portal, [company]).tally.counts()


def counts(changes: Sequence[Change]) -> list[tuple[str, str, str]]:
    return sorted((change.invoice.number, change.old, change.new) for change in changes)


@pytest.mark.django_db(transaction=True)
def test_no_call_is_made_inside_a_database_transaction() -> None:
    class Watching(SimulatedPortal):
        def search(self, search: Search, page: int, page_size: int) -> SearchPage:
            assert not connection.in_atomic_block
            return super().search(search, page, page_size)

        def history(self, chorus_id: int) -> StatusHistory:
            assert not connection.in_atomic_block
            return super().history(chorus_id)

    company = make_company("ACME", SIRET)
    watching = Watching(Manners(page_cap=PAGE))
    deposit_many(watching, company, 2 * PAGE)
    watching.move(1, "REJETEE")
    make_invoice(company, "MISSING")
    assert follow(watching, [company]).tally.changed == 2 * PAGE
    assert "history" in watching.calls
