"""What the screens of batches tell of runs: the last one of each batch, what it asks for, and the recent ones."""

from __future__ import annotations

import datetime
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akuiteo.models import User
from batches.access import visible_runs
from batches.models import UNENDED, Batch, Outcome, Run
from batches.outcomes import ExitCode
from batches.registry import templates
from batches.screens.badges import dry_run_badge, outcome_badge

RUNS_SHOWN = 5
LONG_AGO = datetime.timedelta(days=1)
RUN_IT_ONCE = gettext_lazy("Run it once, then schedule it")
LOOK_AT_SCHEDULE = gettext_lazy("Look at its schedule: it has not run for a day")
NOTHING_TO_DO = gettext_lazy("Nothing: it works")
CORRECT_USER = gettext_lazy("Correct BATCH_USER, BATCH_PWD or the user's role")
STEPS = {
    Outcome.QUEUED: gettext_lazy("Watch it: it is about to begin"),
    Outcome.RUNNING: gettext_lazy("Watch it: it is running"),
    Outcome.PARTIAL: gettext_lazy("Read the run's errors"),
    Outcome.FAILED: gettext_lazy("Read the run's errors, then run it again"),
    Outcome.REFUSED: gettext_lazy("Correct what the run names, then run it again"),
    Outcome.STOPPED: gettext_lazy("Run it again: it was stopped"),
    Outcome.INTERRUPTED: gettext_lazy("Run it again: its process was ended"),
}


def with_last_run(batches: QuerySet[Batch]) -> QuerySet[Any]:
    """Add `last_run_pk`, `last_run_outcome`, `last_run_exit_code` and `last_run_at`; None for one that never ran.

    Dry runs do not count, nor does a start while another run was under way.
    """
    real = Run.objects.filter(batch=OuterRef("pk"), dry_run=False)
    last = real.exclude(exit_code=ExitCode.ALREADY_RUNNING).order_by("-started_at", "-pk")
    return batches.annotate(
        last_run_pk=Subquery(last.values("pk")[:1]),
        last_run_outcome=Subquery(last.values("outcome")[:1]),
        last_run_exit_code=Subquery(last.values("exit_code")[:1]),
        last_run_at=Subquery(last.values("started_at")[:1]),
    )


def next_step(batch: Any) -> str:
    """Return what a person should do, as a sentence without full stop."""
    if batch.last_run_pk is None:
        return str(RUN_IT_ONCE)
    if batch.last_run_outcome == Outcome.SUCCEEDED:
        return str(LOOK_AT_SCHEDULE if batch.last_run_at < timezone.now() - LONG_AGO else NOTHING_TO_DO)
    if batch.last_run_exit_code == ExitCode.USER_REFUSED:
        return str(CORRECT_USER)
    return str(STEPS[Outcome(batch.last_run_outcome)])


def is_about_the_run(batch: Any) -> bool:
    """Tell whether the next step is taken from the run's page; else it is from that of the batch."""
    return batch.last_run_outcome in (*UNENDED, Outcome.PARTIAL, Outcome.FAILED, Outcome.REFUSED) and (
        batch.last_run_exit_code != ExitCode.USER_REFUSED
    )


def age(at: datetime.datetime) -> SafeString:
    """Return how long ago something was, with the exact time as its title."""
    ago = timezone.now() - at
    words = _("just now") if ago.total_seconds() < 60 else _("%(time)s ago") % {"time": timesince(at, depth=1)}
    local = localtime(at)
    return format_html('<time datetime="{}" title="{}">{}</time>', local.isoformat(), localize(local), words)


class RecentRun(NamedTuple):
    """One run as the batch's page shows it; `mark` says that it was a dry one."""

    url: str
    badge: SafeString
    age: SafeString
    mark: str
    counts: str


def recent_runs(user: User, batch: Batch) -> list[RecentRun]:
    """Return the newest runs that the user may see, dry ones too."""
    template = templates().get(batch.template)
    return [
        RecentRun(
            reverse("admin:batches_run_change", args=(run.pk,)),
            outcome_badge(run.outcome),
            age(run.started_at),
            dry_run_badge() if run.dry_run else "",
            template.sentence(template.complete(run.counts)) if template and run.counts else "",
        )
        for run in visible_runs(user).filter(batch=batch)[:RUNS_SHOWN]
    ]
