"""The results screen of Setup > Batches > Batch creation and modification."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from batches.models import Batch
from tests.admin.builders import make_batch, make_run, page, url

LIST = "batches_batch_changelist"


def ago(**time: float) -> datetime.datetime:
    return timezone.now() - datetime.timedelta(**time)


def listed(client: Client, query: str = "") -> list[str]:
    return [batch.code for batch in client.get(url(LIST) + query).context["cl"].queryset]


def test_a_batch_shows_its_last_run_with_outcome_and_age(viewer: Client, batch: Batch) -> None:
    make_run(batch, started_at=ago(hours=9))
    last = make_run(batch, started_at=ago(hours=3), outcome="partial")
    text = page(viewer.get(url(LIST)))
    assert f'<a href="{url("batches_run_change", last.pk)}"><span class="badge warn">partial</span></a>' in text
    assert ">3 hours ago</time>" in text.replace("\xa0", " ")


def test_the_exact_time_of_the_last_run_is_its_title(viewer: Client, batch: Batch) -> None:
    make_run(batch, started_at=datetime.datetime(2026, 11, 2, 8, 30, tzinfo=datetime.UTC))
    assert '<time datetime="2026-11-02T09:30:00+01:00" title=' in page(viewer.get(url(LIST)))


def test_a_run_of_this_minute_was_just_now(viewer: Client, batch: Batch) -> None:
    make_run(batch, started_at=ago(seconds=5))
    assert ">just now</time>" in page(viewer.get(url(LIST)))


def test_a_dry_run_is_no_last_run(viewer: Client, batch: Batch) -> None:
    make_run(batch, outcome="failed", started_at=ago(hours=3))
    make_run(batch, dry_run=True)
    assert "Read the run&#x27;s errors, then run it again" in page(viewer.get(url(LIST)))


@pytest.mark.parametrize(
    ("run", "step"),
    [
        ({"outcome": "running", "ended_at": None}, "Watch it: it is running"),
        ({"outcome": "queued", "ended_at": None}, "Watch it: it is about to begin"),
        ({}, "Nothing: it works"),
        ({"started_at": ago(hours=25)}, "Look at its schedule: it has not run for a day"),
        ({"outcome": "partial"}, "Read the run&#x27;s errors"),
        ({"outcome": "failed"}, "Read the run&#x27;s errors, then run it again"),
        ({"outcome": "refused", "exit_code": 78}, "Correct what the run names, then run it again"),
        ({"outcome": "interrupted"}, "Run it again: its process was ended"),
        ({"outcome": "stopped"}, "Run it again: it was stopped"),
    ],
)
def test_the_next_step_follows_from_the_last_outcome(
    viewer: Client, batch: Batch, run: dict[str, Any], step: str
) -> None:
    make_run(batch, **run)
    assert f">{step}</a>" in page(viewer.get(url(LIST)))


def test_a_batch_that_never_ran_is_to_be_run_once(viewer: Client, batch: Batch) -> None:
    text = page(viewer.get(url(LIST)))
    assert '<span class="badge">never ran</span>' in text
    assert ">Run it once, then schedule it</a>" in text


def test_a_refused_user_is_corrected_on_the_page_of_the_batch(viewer: Client, batch: Batch) -> None:
    make_run(batch, outcome="refused", exit_code=77)
    step = f'<a href="{url("batches_batch_change", batch.pk)}">Correct BATCH_USER, BATCH_PWD or'
    assert step in page(viewer.get(url(LIST)))


@pytest.mark.parametrize("query", ["?q=hourly", "?template=Sample", "?last_outcome=failed"])
def test_the_list_is_searched_and_filtered(viewer: Client, batch: Batch, query: str) -> None:
    Batch.objects.filter(pk=make_batch("DAILY", template="Other").pk).update(label="Every day")
    make_run(batch, outcome="succeeded", started_at=ago(hours=3))
    make_run(batch, outcome="failed")
    assert listed(viewer, query) == ["HOURLY"]


def test_batches_that_never_ran_are_found(viewer: Client, batch: Batch) -> None:
    make_run(make_batch("DAILY"))
    assert listed(viewer, "?last_outcome=never") == ["HOURLY"]


def test_an_empty_list_leads_to_the_first_batch(operations: Client) -> None:
    text = page(operations.get(url(LIST)))
    assert f'<a href="{url("batches_batch_add")}">Make the first one</a>' in text


def test_an_empty_list_says_to_who_may_make_none_whom_to_ask(viewer: Client) -> None:
    text = page(viewer.get(url(LIST)))
    assert "There is no batch that you may see" in text
    assert url("batches_batch_add") not in text


def test_a_search_without_result_leads_back_to_all(viewer: Client, batch: Batch) -> None:
    assert "Show all batches" in page(viewer.get(url(LIST) + "?q=nothing-like-that"))
