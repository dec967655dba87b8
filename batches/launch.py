"""Starts a batch from a screen: the row of the run at once, the run itself in the background."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils.translation import get_language

from akuiteo.models import User
from batches import background
from batches.models import Batch, Outcome, Run
from batches.run_row import is_overdue, queue_run


def launch(
    batch: Batch, user: User, *, dry_run: bool = False, companies: Sequence[str] = (), only: Sequence[int] = ()
) -> Run:
    """Start a run of the batch and return it. The caller has seen to it that the user may.

    `only` narrows it to these keys, as the batch's template understands them. Asked twice, it returns the one run that
    is about to begin. The run writes its log in the language that is active.
    """
    if waiting := _about_to_begin(batch, dry_run, list(companies), list(only)):
        return waiting
    run = queue_run(batch, user, dry_run, companies, only)
    transaction.on_commit(functools.partial(background.start, run, get_language() or settings.LANGUAGE_CODE))
    return run


def _about_to_begin(batch: Batch, dry_run: bool, companies: list[str], only: list[int]) -> Run | None:
    queued = Run.objects.filter(batch=batch, outcome=Outcome.QUEUED, dry_run=dry_run)
    same = (run for run in queued if (run.companies, run.only) == (companies, only))
    return next((run for run in same if not is_overdue(run)), None)
