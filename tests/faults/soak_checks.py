"""What must hold in every story: during each run, and at its end."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from batches.models import Run
from batches.outcomes import RunResult
from chorus.local_portal import dates
from chorus.models import Invoice, StatusChange
from chorus.statuses import DematerializationStatus
from tests.faults.portal_stage import NAMES_OF_EXCEPTIONS, alerted_numbers
from tests.faults.soak_faults import UNKNOWN
from tests.faults.soak_watch import Watch

if TYPE_CHECKING:
    from tests.faults.soak import Deposit, Story

TRIES = 7
MOST_WITHOUT_ANSWER = 60.0  # seconds
MOST_ASKED_PAUSES = 300.0 + 10.0  # seconds a connection: the budget, and the rounding of each pause


def assert_run_kept_to_its_limits(story: Story, result: RunResult, watch: Watch) -> None:
    """The run ended as the contract says, in words, in time, and without hammering anybody."""
    assert result.exit_code in (0, 3, 69)
    assert bool(result.errors) == (result.exit_code != 0)
    if story.is_astray:
        assert (result.exit_code, watch.requests) in ((69, 0), (0, 0))  # 0: there was nothing to ask for
    for error in result.errors:
        assert error.company in {company.code for company in story.companies} or "," in error.company, error
        assert "Chorus Pro" in error.message or error.invoice, error
    run = Run.objects.latest("pk")
    told = [*map(str, result.errors), run.summary, *run.log_lines.values_list("text", flat=True)]
    assert NAMES_OF_EXCEPTIONS.findall("\n".join(told)) == []
    assert watch.longest_series_of_failures() <= TRIES
    assert watch.longest_without_answer <= MOST_WITHOUT_ANSWER
    assert all(seconds <= MOST_ASKED_PAUSES for seconds in watch.asked_pauses.values())
    assert watch.requests - watch.failed <= most_answers(story)


def most_answers(story: Story) -> int:
    """Return how many answers a run may need: a page for each of its rows, one search and one history an invoice.

    Where rows move while they are read, windows are read three times; where results are capped, in many parts.
    """
    faults = story.stage.portal.faults.as_json()
    kinds = {fault["kind"] for fault in faults}
    granted: list[int] = [fault["rows"] for fault in faults if fault["kind"] == "page-cap"]
    size: int = min([story.stage.settings.CHORUS_PAGE_SIZE, *granted])
    pages = math.ceil((len(story.deposited) + len(story.only_there)) / size)
    times = 3 * 10 if "total-cap" in kinds else 3 if kinds & {"moving-rows", "bustle"} else 1
    return (pages + 5) * times + 2 * Invoice.objects.count()


def assert_truth(story: Story) -> None:
    """The database says what the portal says, each transition was written once and told once."""
    assert not story.only_here
    assert not story.only_there
    assert Invoice.objects.count() == len(story.deposited)
    for account in story.deposited:
        invoice = Invoice.objects.get(company=account.company, number=account.number)
        told = _told(story, account)
        where = f"{account.company} {account.number}"
        assert (invoice.chorus_status, invoice.chorus_id) == (account.status, account.portal_id), where
        assert (invoice.chorus_status, invoice.chorus_status_at, invoice.chorus_comment) in told, where
        assert (invoice.ask_by_number, invoice.reason_due, invoice.missing_since) == (False, False, None), where
        denied = account.status == "REJETEE"
        demat = DematerializationStatus.TRANSMISSION_DENIED if denied else DematerializationStatus.TRANSMITTED
        assert invoice.dematerialization_status == demat, where
        _assert_journal(invoice, told, where, story.lies)
    _assert_alerts(story)


def _told(story: Story, account: Deposit) -> list[tuple[str, Any, str]]:
    """Return all that the portal has said of an invoice, oldest first."""
    changes = story.stage.store.status_changes(account.portal_id)
    return [(row["status"], dates.in_paris(row["at"]), row["comment"] or "") for row in changes]


def _assert_journal(invoice: Invoice, told: list[tuple[str, Any, str]], where: str, lies: bool) -> None:
    """Each status change is one of the portal's, in its order, and begins where the one before ended."""
    changes = list(invoice.status_changes.order_by("pk"))
    assert [change.old for change in changes] == ["", *(change.new for change in changes[:-1])], where
    assert changes[-1].new == invoice.chorus_status, where
    written = [(change.new, change.at, change.comment) for change in changes if change.new != UNKNOWN]
    places = [told.index(each) for each in written]
    if lies:  # a status that was taken for another in between is written again
        assert places == sorted(places), where
    else:
        assert places == sorted(set(places)), where


def _assert_alerts(story: Story) -> None:
    due = StatusChange.objects.filter(new__in=story.alerting)
    assert not due.filter(alert_due=True).exists()
    told = due.filter(invoice__manager__isnull=False)
    expected = Counter(told.values_list("invoice__manager__email", "invoice__number"))
    assert Counter(alerted_numbers()) == expected
