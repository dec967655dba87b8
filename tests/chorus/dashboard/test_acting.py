"""The invoices that have waited for us longest."""

from __future__ import annotations

from chorus.dashboard.acting import LONGEST_REASON, SHOWN, Waiting, oldest
from chorus.dashboard.figures import to_act_on
from chorus.models import Company, Invoice
from tests.chorus.dashboard.builders import an_invoice, days_ago


def waiting() -> list[Waiting]:
    return oldest(*to_act_on(Invoice.objects.all()))


def test_the_oldest_come_first_whatever_they_wait_for(company: Company) -> None:
    an_invoice(company, "REJETEE", since=2, number="new")
    an_invoice(company, "", missing_since=days_ago(5), age=20, number="lost")
    an_invoice(company, "SUSPENDUE", since=9, number="old")
    an_invoice(company, "A_RECYCLER", number="undated")
    assert [row.invoice.number for row in waiting()] == ["old", "lost", "new", "undated"]
    assert [row.days for row in waiting()] == [9, 5, 2, None]


def test_no_more_than_ten_are_shown(company: Company) -> None:
    for number in range(SHOWN + 3):
        an_invoice(company, "SUSPENDUE", since=number)
    assert len(waiting()) == SHOWN
    assert waiting()[0].days == SHOWN + 2


def test_the_buyers_reason_is_one_short_line(company: Company) -> None:
    an_invoice(company, "SUSPENDUE", chorus_comment="Missing\n" + "x" * 500)
    (row,) = waiting()
    assert row.reason.startswith("Missing\\n")
    assert len(row.reason) == LONGEST_REASON


def test_where_there_is_no_reason_it_says_so(company: Company) -> None:
    an_invoice(company, "REJETEE", since=3)
    an_invoice(company, "", missing_since=days_ago(1), age=20)
    assert [row.reason for row in waiting()] == ["The buyer gave no reason.", "Chorus Pro does not know it."]


def test_an_invoice_without_amount_has_an_empty_one(company: Company) -> None:
    an_invoice(company, "SUSPENDUE", None)
    assert waiting()[0].amount == ""
