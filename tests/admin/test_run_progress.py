"""The page of a run goes on while the run works, and says what to do where it does not."""

from __future__ import annotations

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from batches.locks import lock_batch
from batches.models import Batch, Run
from batches.run_row import is_lost
from tests.admin.builders import SCRIPT, make_mail, make_run, page, url
from tests.admin.test_runs import log


def test_an_onlooker_gets_what_is_new(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, outcome="running", ended_at=None, summary="page 3 of 9", counts={"checked": 7})
    log(run, "first")
    with lock_batch(batch):
        before = viewer.get(url("batches_run_progress", run.pk)).json()
        log(run, "second")
        news = viewer.get(url("batches_run_progress", run.pk) + f"?after={before['last']}").json()
    assert (news["ended"], ">second<" in news["lines"], ">first<" in news["lines"]) == (False, True, False)
    assert "page 3 of 9" in news["parts"]["run-state"]
    assert "<dt>checked</dt><dd>7</dd>" in news["parts"]["run-state"]
    assert "run-results" not in news["parts"]


def test_an_onlooker_gets_the_end(operations: Client, batch: Batch) -> None:
    run = make_run(batch, summary="All went well.")
    make_mail(run=run, subject="2 invoices")
    news = operations.get(url("batches_run_progress", run.pk) + "?after=0").json()
    assert news["ended"]
    assert "All went well." in news["parts"]["run-state"]
    assert "2 invoices" in news["parts"]["run-results"]
    assert "Run again" in news["parts"]["run-tools"]


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 40, "%00"])
def test_a_strange_place_in_the_log_is_its_beginning(viewer: Client, batch: Batch, after: str) -> None:
    run = make_run(batch)
    log(run, "first")
    assert ">first<" in viewer.get(url("batches_run_progress", run.pk) + f"?after={after}").json()["lines"]


def test_s12_html_in_news_is_inert(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, summary=SCRIPT)
    log(run, SCRIPT)
    news = viewer.get(url("batches_run_progress", run.pk)).json()
    assert SCRIPT not in news["lines"] + "".join(news["parts"].values())


def test_a_page_of_an_unended_run_goes_on_by_itself_and_without_scripts(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, outcome="running", ended_at=None)
    with lock_batch(batch):
        text = page(viewer.get(url("batches_run_change", run.pk)))
    assert "batches/run.js" in text
    assert "Reload to see more" in text
    Run.objects.update(outcome="succeeded", ended_at=timezone.now())
    assert "batches/run.js" not in page(viewer.get(url("batches_run_change", run.pk)))


def test_a_run_that_does_not_begin_says_what_to_do(operations: Client, batch: Batch) -> None:
    run = make_run(batch, outcome="queued", ended_at=None)
    assert "It is about to begin." in page(operations.get(url("batches_run_change", run.pk)))
    Run.objects.update(started_at=timezone.now() - datetime.timedelta(minutes=2))
    text = page(operations.get(url("batches_run_change", run.pk)))
    assert "It has not begun within 60 seconds" in text
    assert url("batches_run_again", run.pk) in text


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_run_whose_process_is_gone_says_what_to_do(operations: Client, batch: Batch, dry_run: bool) -> None:
    run = make_run(batch, outcome="running", ended_at=None, dry_run=dry_run)
    with lock_batch(batch, dry_run=not dry_run):
        text = page(operations.get(url("batches_run_change", run.pk)))
    assert "Its process has ended without closing it" in text
    assert ('<span class="badge bad">interrupted</span>' in text, "running</span>" in text) == (True, False)
    assert url("batches_run_again", run.pk) in text


def test_the_page_of_a_run_whose_process_is_gone_has_no_clock_and_asks_no_more(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, outcome="running", ended_at=None)
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert ("batches/run.js" in text, "elapsed" in text, "duration" in text) == (False, False, False)


def test_an_onlooker_is_told_that_the_process_is_gone(operations: Client, batch: Batch) -> None:
    run = make_run(batch, outcome="running", ended_at=None)
    news = operations.get(url("batches_run_progress", run.pk)).json()
    assert (news["ended"], "Its process has ended" in news["parts"]["run-state"]) == (True, True)
    assert "Run again" in news["parts"]["run-tools"]


def test_looking_at_a_run_whose_process_is_gone_changes_nothing(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, outcome="running", ended_at=None)
    for view in ("batches_run_change", "batches_run_progress"):
        viewer.get(url(view, run.pk))
    assert (Run.objects.get().outcome, run.log_lines.exists()) == ("running", False)


def test_a_run_that_ends_while_it_is_looked_at_is_not_taken_for_lost(batch: Batch) -> None:
    run = make_run(batch, outcome="running", ended_at=None)
    assert is_lost(run)
    Run.objects.update(outcome="succeeded", ended_at=timezone.now())
    assert not is_lost(run)
