"""What a person is told before a batch is started: its set-up, what will be refused, its last run."""

from __future__ import annotations

from typing import Any

from akuiteo.models import User
from batches.access import visible_runs
from batches.models import Batch, Outcome, Run
from batches.opening import Parameters, read_parameters
from batches.parameters import Parameter
from batches.registry import UnknownTemplateError, template
from batches.run_row import is_lost
from batches.screens.badges import outcome_badge
from batches.screens.last_run import age
from batches.screens.run_page import counts_in_words


def what_will_happen(batch: Batch, user: User) -> dict[str, Any]:
    """Return the context of the confirmation; its runs are those that the user may see."""
    try:
        found = template(batch.template)
    except UnknownTemplateError as error:
        return {"problems": [str(error)]}
    read = read_parameters(batch, found.declared())
    runs = visible_runs(user).filter(batch=batch, dry_run=False).select_related("batch")
    running = runs.filter(outcome=Outcome.RUNNING).first()
    lost = running if running and is_lost(running) else None
    return {
        "template_label": found.label,
        "problems": read.problems,
        "rows": [_row(parameter, read) for parameter in found.parameters],
        "runs_as": read.shown["BATCH_USER"],
        "errors_go_to": read.shown["BATCH_MAIL"],
        "last_run": _told(runs.first(), lost),
        "under_way": None if lost else _told(running),
    }


def _row(parameter: Parameter, read: Parameters) -> dict[str, Any]:
    return {"code": parameter.code, "help": parameter.help, "value": read.shown[parameter.code]}


def _told(run: Run | None, lost: Run | None = None) -> dict[str, Any] | None:
    if run is None:
        return None
    badge = outcome_badge(Outcome.INTERRUPTED if run == lost else run.outcome)
    return {"run": run, "badge": badge, "age": age(run.started_at), "counts": counts_in_words(run)}
