"""The strip of recent runs, and what is wrong with batches and mails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import RequestFactory
from django.utils import timezone

from akuiteo.models import User
from batches.dashboard import BATCHES_SHOWN, RUNS_SHOWN, Runs, Strip, warnings
from batches.models import Batch, Outcome, OutgoingEmail, Run
from tests.admin.builders import make_batch, make_mail, make_run


@pytest.fixture
def administrator(db: None) -> User:
    return User.objects.create(username="root", is_superuser=True)


@pytest.fixture
def viewer(db: None) -> User:
    user = User.objects.create(username="viewer")
    user.groups.add(Group.objects.get(name="Viewer"))
    return user


def strips(user: User) -> list[Strip]:
    request = RequestFactory().get("/")
    request.user = user
    context = Runs().context(request)
    return context["strips"] if context else []


def told(user: User) -> list[str]:
    return [warning.text for warning in warnings(user)]


def run_ago(batch: Batch, outcome: Outcome = Outcome.SUCCEEDED, **ago: float) -> Run:
    fields: dict[str, Any] = {"dry_run": bool(ago.pop("dry_run", False))}
    return make_run(batch, outcome=outcome, started_at=timezone.now() - timedelta(**ago), **fields)


def test_the_newest_run_stands_last(administrator: User) -> None:
    batch = make_batch()
    run_ago(batch, Outcome.FAILED, hours=1)
    run_ago(batch, Outcome.SUCCEEDED, hours=3)
    run_ago(batch, Outcome.PARTIAL, hours=2)
    (strip,) = strips(administrator)
    assert [square.tone for square in strip.squares] == ["good", "warn", "bad"]
    assert strip.succeeded == 1


def test_a_strip_has_the_newest_24_runs(administrator: User) -> None:
    batch = make_batch()
    runs = [run_ago(batch, hours=hours) for hours in range(RUNS_SHOWN + 5, 0, -1)]
    (strip,) = strips(administrator)
    assert len(strip.squares) == RUNS_SHOWN
    assert strip.squares[0].url.endswith(f"/{runs[5].pk}/change/")


def test_the_batches_that_ran_last_come_first_and_there_are_no_more_than_ten(administrator: User) -> None:
    for number in range(BATCHES_SHOWN + 2):
        run_ago(make_batch(f"B{number}"), hours=number)
    assert [strip.batch.code for strip in strips(administrator)] == [f"B{number}" for number in range(BATCHES_SHOWN)]


def test_dry_runs_and_batches_that_never_ran_have_no_strip(administrator: User) -> None:
    make_batch("NEVER")
    run_ago(make_batch("DRY"), hours=1, dry_run=True)
    assert strips(administrator) == []


def test_a_square_says_what_it_stands_for(administrator: User) -> None:
    make_run(make_batch(), outcome=Outcome.REFUSED, summary="BATCH_PWD is wrong.")
    (square,) = strips(administrator)[0].squares
    assert square.title.endswith("refused · BATCH_PWD is wrong.")
    assert square.sign == "⊘"


def test_a_batch_whose_display_is_restricted_is_told_to_nobody_else(viewer: User) -> None:
    batch = make_batch()
    batch.display_restricted_to = Group.objects.get(name="Administrator")
    batch.save()
    run = run_ago(batch, Outcome.FAILED, days=3)
    make_mail(run=run, status="given up")
    assert strips(viewer) == []
    assert told(viewer) == []


def test_a_batch_without_success_for_a_day_is_told(viewer: User) -> None:
    batch = make_batch()
    run_ago(batch, Outcome.SUCCEEDED, days=2, hours=1)
    run_ago(batch, Outcome.PARTIAL, hours=1)
    assert told(viewer) == ["Batch HOURLY has not succeeded for 2\N{NO-BREAK SPACE}days."]


def test_a_batch_that_never_succeeded_is_told_after_a_day(viewer: User) -> None:
    batch = make_batch()
    run_ago(batch, Outcome.PARTIAL, hours=20)
    assert told(viewer) == []
    run_ago(batch, Outcome.FAILED, hours=25)
    assert told(viewer) == ["Batch HOURLY has never succeeded."]


def test_a_success_within_a_day_is_enough_unless_it_was_a_dry_run(viewer: User) -> None:
    batch = make_batch()
    run_ago(batch, Outcome.FAILED, days=3)
    run_ago(batch, hours=2, dry_run=True)
    assert told(viewer) == ["Batch HOURLY has never succeeded."]
    run_ago(batch, hours=23)
    assert told(viewer) == []


@pytest.mark.parametrize(("outcome", "words"), [(Outcome.REFUSED, "was refused"), (Outcome.FAILED, "failed")])
def test_a_batch_whose_last_run_was_refused_or_failed_is_told_at_once(
    viewer: User, outcome: Outcome, words: str
) -> None:
    batch = make_batch()
    run_ago(batch, hours=3)
    last = run_ago(batch, outcome, hours=2)
    run_ago(batch, hours=1, dry_run=True)
    (warning,) = warnings(viewer)
    assert warning.text == f"The last run of HOURLY {words}, 2\N{NO-BREAK SPACE}hours ago."
    assert warning.url.endswith(f"/run/{last.pk}/change/")
    assert warning.advice.endswith(", then run it again.")


def test_a_success_after_a_failed_run_ends_its_warning(viewer: User) -> None:
    batch = make_batch()
    run_ago(batch, Outcome.FAILED, hours=2)
    run_ago(batch, hours=1)
    assert told(viewer) == []


def test_a_batch_without_success_for_a_day_is_told_once(viewer: User) -> None:
    run_ago(make_batch(), Outcome.FAILED, days=2)
    assert told(viewer) == ["Batch HOURLY has never succeeded."]


def test_a_batch_that_never_ran_is_no_warning(viewer: User) -> None:
    make_batch()
    assert told(viewer) == []


def test_f32_mails_that_did_not_arrive_are_told_for_30_days(viewer: User) -> None:
    make_mail(status="bounced")
    old = make_mail(status="given up")
    OutgoingEmail.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=31))
    assert told(viewer) == ["1 mail of the last 30 days did not arrive."]


def test_mails_that_have_waited_for_an_hour_are_told(viewer: User) -> None:
    make_mail()
    late = make_mail()
    OutgoingEmail.objects.filter(pk=late.pk).update(created_at=timezone.now() - timedelta(minutes=61))
    assert told(viewer) == ["1 mail has waited for more than an hour."]


def test_who_may_see_neither_batches_nor_mails_is_told_nothing(db: None) -> None:
    run_ago(make_batch(), Outcome.FAILED, days=3)
    make_mail(status="given up")
    assert told(User.objects.create(username="nobody")) == []
