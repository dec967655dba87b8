"""The dashboard's part of the engine: recent runs as a strip of outcomes, and what is wrong with batches and mails."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, NamedTuple, cast

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django_stubs_ext import StrOrPromise

from akuiteo.dashboard import DashboardWarning
from akuiteo.models import User
from batches.access import visible, visible_mails, visible_runs
from batches.models import UNDELIVERED, Batch, Outcome, OutgoingEmail, Run
from batches.plain_text import one_line, shortened
from batches.screens.badges import TONES, outcome_badge
from batches.screens.last_run import age, next_step, with_last_run

BATCHES_SHOWN = 10
RUNS_SHOWN = 24  # the day of a batch that runs every hour
LONGEST_TITLE = 160  # characters of a run's summary
A_DAY = datetime.timedelta(days=1)
AN_HOUR = datetime.timedelta(hours=1)
UNDELIVERED_SHOWN = datetime.timedelta(days=30)
"""A mail that is older and did not arrive is no news."""

SIGNS = {
    Outcome.QUEUED: "…",
    Outcome.RUNNING: "▸",
    Outcome.SUCCEEDED: "✓",
    Outcome.PARTIAL: "!",
    Outcome.FAILED: "✕",
    Outcome.REFUSED: "⊘",
    Outcome.STOPPED: "■",
    Outcome.INTERRUPTED: "↯",
}
Status = OutgoingEmail.Status


class Square(NamedTuple):
    url: str
    tone: str
    sign: str
    title: str


class Strip(NamedTuple):
    """The newest runs of a batch, oldest first."""

    batch: Batch
    url: str
    squares: list[Square]
    badge: SafeString
    age: SafeString
    succeeded: int


class Sign(NamedTuple):
    sign: str
    tone: str
    label: StrOrPromise


class Runs:
    """The batches that ran last, and how their runs ended. Dry runs do not count."""

    template = "batches/dashboard/runs.html"
    permission = "batches.view_run"

    def context(self, request: HttpRequest) -> dict[str, Any] | None:
        strips = list(_strips(cast("User", request.user)))
        if not strips:
            return None
        shown = {square.sign for strip in strips for square in strip.squares}
        return {
            "strips": strips,
            "legend": [Sign(sign, TONES[code], code.label) for code, sign in SIGNS.items() if sign in shown],
            "all_runs": reverse("admin:batches_run_changelist"),
        }


def warnings(user: User) -> Iterator[DashboardWarning]:
    without_success = list(_batches_without_success(user))
    yield from (_without_success(batch) for batch in without_success)
    yield from _last_runs_that_failed(user, told=without_success)
    yield from _mails_undelivered(user)
    yield from _mails_that_wait(user)


def _strips(user: User) -> Iterator[Strip]:
    batches = _ran_last(user)
    wanted = Q(pk__in=[])
    for batch in batches:
        since = Q() if batch.strip_since is None else Q(started_at__gte=batch.strip_since)
        wanted |= since & Q(batch=batch)
    runs = visible_runs(user).filter(wanted, dry_run=False).order_by("started_at", "pk")
    by_batch: dict[int, list[Run]] = {batch.pk: [] for batch in batches}
    for run in runs.only("batch", "outcome", "started_at", "summary"):
        by_batch[run.batch_id].append(run)
    for batch in batches:
        if by_batch[batch.pk]:
            yield _strip(batch, by_batch[batch.pk][-RUNS_SHOWN:])


def _ran_last(user: User) -> list[Any]:
    """Return the batches with `strip_since`, the start of the oldest run to be shown; None: all are."""
    newest = Run.objects.filter(batch=OuterRef("pk"), dry_run=False).order_by("-started_at", "-pk").values("started_at")
    batches = visible(user).annotate(
        ran_at=Subquery(newest[:1]), strip_since=Subquery(newest[RUNS_SHOWN - 1 : RUNS_SHOWN])
    )
    return list(batches.exclude(ran_at=None).order_by("-ran_at", "code")[:BATCHES_SHOWN])


def _strip(batch: Batch, runs: list[Run]) -> Strip:
    return Strip(
        batch=batch,
        url=reverse("admin:batches_batch_change", args=(batch.pk,)),
        squares=[_square(run) for run in runs],
        badge=outcome_badge(runs[-1].outcome),
        age=age(runs[-1].started_at),
        succeeded=sum(run.outcome == Outcome.SUCCEEDED for run in runs),
    )


def _square(run: Run) -> Square:
    outcome = Outcome(run.outcome)
    title = f"{date_format(localtime(run.started_at), 'SHORT_DATETIME_FORMAT')} · {outcome.label}"
    summary = shortened(one_line(run.summary), LONGEST_TITLE)
    return Square(
        url=reverse("admin:batches_run_change", args=(run.pk,)),
        tone=TONES[outcome],
        sign=SIGNS[outcome],
        title=f"{title} · {summary}" if summary else title,
    )


def _batches_without_success(user: User) -> QuerySet[Any]:
    """Return the batches that have run for longer than a day, and for a day without success. Dry runs do not count."""
    a_day_ago = timezone.now() - A_DAY
    runs = Run.objects.filter(batch=OuterRef("pk"), dry_run=False)
    succeeded = runs.filter(outcome=Outcome.SUCCEEDED)
    return (
        visible(user)
        .filter(Exists(runs.filter(started_at__lt=a_day_ago)), ~Exists(succeeded.filter(started_at__gte=a_day_ago)))
        .annotate(succeeded_at=Subquery(succeeded.order_by("-started_at", "-pk").values("started_at")[:1]))
    )


def _without_success(batch: Any) -> DashboardWarning:
    if batch.succeeded_at is None:
        text = _("Batch %(batch)s has never succeeded.") % {"batch": batch.code}
    else:
        text = _("Batch %(batch)s has not succeeded for %(time)s.") % {
            "batch": batch.code,
            "time": timesince(batch.succeeded_at, depth=1),
        }
    advice = _("Read its last run, and look whether it is still scheduled.")
    return DashboardWarning(text, advice, reverse("admin:batches_batch_change", args=(batch.pk,)), "bad")


def _last_runs_that_failed(user: User, told: list[Any]) -> Iterator[DashboardWarning]:
    """Yield the batches whose last run was refused or failed, but those that are told of already."""
    words = {
        Outcome.REFUSED: _("The last run of %(batch)s was refused, %(time)s ago."),
        Outcome.FAILED: _("The last run of %(batch)s failed, %(time)s ago."),
    }
    batches = with_last_run(visible(user)).filter(last_run_outcome__in=words)
    for batch in batches.exclude(pk__in=[each.pk for each in told]):
        text = words[batch.last_run_outcome] % {"batch": batch.code, "time": timesince(batch.last_run_at, depth=1)}
        url = reverse("admin:batches_run_change", args=(batch.last_run_pk,))
        yield DashboardWarning(text, f"{next_step(batch)}.", url, "bad")


def _mails_undelivered(user: User) -> Iterator[DashboardWarning]:
    since = timezone.now() - UNDELIVERED_SHOWN
    count = visible_mails(user).filter(status__in=UNDELIVERED, created_at__gte=since).count()
    if count:
        text = ngettext(
            "%(count)d mail of the last 30 days did not arrive.",
            "%(count)d mails of the last 30 days did not arrive.",
            count,
        )
        advice = _("Read why, mend it, then send them again.")
        yield DashboardWarning(text % {"count": count}, advice, _mails(*UNDELIVERED), "bad")


def _mails_that_wait(user: User) -> Iterator[DashboardWarning]:
    count = visible_mails(user).filter(status=Status.DUE, created_at__lt=timezone.now() - AN_HOUR).count()
    if count:
        text = ngettext(
            "%(count)d mail has waited for more than an hour.",
            "%(count)d mails have waited for more than an hour.",
            count,
        )
        advice = _("The next run sends them: look at the mail server, and whether a batch runs.")
        yield DashboardWarning(text % {"count": count}, advice, _mails(Status.DUE))


def _mails(*statuses: str) -> str:
    return f"{reverse('admin:batches_outgoingemail_changelist')}?{urlencode({'status__in': ','.join(statuses)})}"
