"""What the page of a run shows, all of it or what has changed since: how it goes, its log, what came of it."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import Any

from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from akuiteo.models import User
from batches.access import may_launch, visible_mails
from batches.models import UNENDED, Level, Outcome, Run
from batches.registry import templates
from batches.run_row import BEGINS_WITHIN, is_lost, is_overdue
from batches.screens.badges import dry_run_badge, mail_badge, outcome_badge
from batches.template import BatchTemplate

LINES_SHOWN = 500
MAILS_SHOWN = 100
ITEMS_SHOWN = 20
LONG_TEXTS = ("text", "html", "attachment")

FILTERS = {
    "": (gettext_lazy("Everything"), tuple(Level)),
    "WARN": (gettext_lazy("Warnings and errors"), (Level.WARN, Level.ERROR)),
    "ERROR": (gettext_lazy("Errors"), (Level.ERROR,)),
}


def whole(run: Run, user: User, level: str) -> dict[str, Any]:
    """Return the context of the page. `level` is a key of FILTERS; any other one shows everything."""
    level = level if level in FILTERS else ""
    title = _("Run %(run)s of batch %(batch)s") % {"run": run.pk, "batch": run.batch.code}
    counted = line_counts(run)
    context: dict[str, Any] = {"title": title, "subtitle": None, "run": run, "level": level}
    context |= state(run, counted)
    context |= tools(run, user, context["is_ended"])
    for part in (log_filter(counted, level), lines(run, level), results(run, user)):
        context |= part
    return context


def line_counts(run: Run) -> dict[str, int]:
    """Return how many lines of each level the log has."""
    return dict(run.log_lines.order_by().values_list("level").annotate(Count("pk")))


def state(run: Run, counted: Mapping[str, int]) -> dict[str, Any]:
    """Return how the run goes: outcome, counts, time, and what to do where it does not go.

    A run whose process is gone has ended, and is shown as what its batch's next run makes of it: interrupted.
    """
    template, lost = templates().get(run.batch.template), is_lost(run)
    return {
        "is_ended": run.outcome not in UNENDED or lost,
        "badge": outcome_badge(Outcome.INTERRUPTED if lost else run.outcome),
        "dry_run_badge": dry_run_badge() if run.dry_run else "",
        "tiles": _tiles(run, template, counted.get(Level.ERROR, 0)),
        "elapsed": "" if lost else clock((run.ended_at or timezone.now()) - run.started_at),
        "hint": _killed() if lost else _hint(run),
        "origin": origin(run),
    }


def tools(run: Run, user: User, is_ended: bool) -> dict[str, Any]:
    may_start = may_launch(user, run.batch)
    return {"may_run_again": may_start and (is_ended or is_overdue(run)), "may_launch": may_start}


def log_filter(counted: Mapping[str, int], level: str) -> dict[str, Any]:
    """Return the levels that may be chosen, each with the number of its lines."""
    choices = [
        {"level": key, "label": label, "count": sum(counted.get(each, 0) for each in levels), "is_chosen": key == level}
        for key, (label, levels) in FILTERS.items()
    ]
    return {"log_choices": choices}


def lines(run: Run, level: str, after: int = 0) -> dict[str, Any]:
    """Return the last lines of the log, of those that were written after the one with this key."""
    found = run.log_lines.filter(pk__gt=after).order_by("-pk")
    if level:
        found = found.filter(level__in=FILTERS[level][1])
    newest = list(found[: LINES_SHOWN + 1])
    return {
        "log_lines": newest[:LINES_SHOWN][::-1],
        "log_is_cut": len(newest) > LINES_SHOWN,
        "log_lines_shown": LINES_SHOWN,
        "last_line": newest[0].pk if newest else after,
    }


def results(run: Run, user: User) -> dict[str, Any]:
    """Return what the run has changed, and the mails that it made due."""
    template = templates().get(run.batch.template)
    items = list(template.changed_items(run, user, ITEMS_SHOWN + 1)) if template else []
    mails = list(visible_mails(user).filter(run=run).defer(*LONG_TEXTS).order_by("pk")[: MAILS_SHOWN + 1])
    return {
        "items": items[:ITEMS_SHOWN],
        "items_are_cut": len(items) > ITEMS_SHOWN,
        "items_url": template.changed_url(run) if template and items else "",
        "mails": [(mail, mail_badge(mail.status)) for mail in mails[:MAILS_SHOWN]],
        "mails_are_cut": len(mails) > MAILS_SHOWN,
    }


def clock(duration: datetime.timedelta) -> str:
    """Return a duration as hours, minutes and begun seconds."""
    minutes, seconds = divmod(max(0, math.ceil(duration.total_seconds())), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"


def counts_in_words(run: Run) -> str:
    template = templates().get(run.batch.template)
    if template and run.counts:
        return template.sentence(template.complete(run.counts))
    return ", ".join(f"{name} {count}" for name, count in sorted(run.counts.items()))


def origin(run: Run) -> str:
    """Return what started the run: a command, or a person in the admin."""
    if run.started_by is None:
        return run.get_trigger_display()
    return _("%(trigger)s, by %(user)s") % {
        "trigger": run.get_trigger_display(),
        "user": run.started_by.get_full_name() or run.started_by.get_username(),
    }


def _tiles(run: Run, template: BatchTemplate | None, errors: int) -> list[tuple[Any, int]]:
    counts: Mapping[str, int] = template.complete(run.counts) if template else run.counts
    labels = template.count_labels if template else {}
    return [*((labels.get(name, name), count) for name, count in counts.items()), (_("errors"), errors)]


def _hint(run: Run) -> str:
    if run.outcome == Outcome.QUEUED:
        return _never_begun() if is_overdue(run) else _("It is about to begin.")
    return ""


def _killed() -> str:
    return _(
        "Its process has ended without closing it: it was killed, or the machine stopped. Run it again: the next run "
        "takes up where it stopped."
    )


def _never_begun() -> str:
    return _(
        "It has not begun within %(seconds)d seconds: its process is gone. Run it again; if that fails too, run the "
        "batch by “manage.py run_batch” on the server, which says why."
    ) % {"seconds": BEGINS_WITHIN.seconds}
