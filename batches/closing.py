"""Closes a run: its row, its last line, its mail to support. Whatever happened, if need be without a row."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from akuiteo.fault_points import reached
from batches import delivery, episodes, error_mail, outbox
from batches.episodes import Decision, Episode, News
from batches.models import Outcome, OutgoingEmail, Run
from batches.outcomes import Ending, ExitCode, in_words
from batches.run_log import RunLog
from batches.template import RunError
from batches.times import shown


def close(
    run: Run, ending: Ending, sentence: str, counts: str, log: RunLog, values: Mapping[str, Any], whole: bool
) -> Ending:
    """Close the run and make its mail to support due, both or neither. Return how it ended after all.

    Of a dry run nobody is mailed: who asked for it looks at it.
    `sentence` is the run's summary, `counts` its counts in words; `whole`: the run was not narrowed.
    """
    addresses = error_mail.Addresses.of({} if run.dry_run else values)
    if ending.is_mailed and not run.dry_run and not addresses.to:
        log.error(_("Nobody is told of this by mail: BATCH_MAIL cannot be used."))
    _drop_broken_connection()
    try:
        with transaction.atomic():
            decision = episodes.note(run, ending, whole, addresses.to) if addresses.to else Decision()
            if ending.is_mailed and decision.episode and not decision.news:
                log.log(_told_before(decision.episode))
            log.flush()
            _end(run, ending, sentence)
            if mail := _mail(run, ending, counts, log, addresses, decision):
                outbox.keep(mail)
            reached("close: in the transaction")
    except Error as error:
        return _close_without_database(run, ending, error, log, addresses)
    reached("close: committed")
    return ending


def _told_before(episode: Episode) -> str:
    return _("Support was told of this on %(when)s; a reminder follows after %(reminder)s.") % {
        "when": shown(episode.mailed_at),
        "reminder": shown(episode.reminded_at),
    }


def _mail(
    run: Run, ending: Ending, counts: str, log: RunLog, addresses: error_mail.Addresses, decision: Decision
) -> OutgoingEmail | None:
    if not decision.episode or not decision.news:
        return None
    language = error_mail.language_of(addresses.to[0])
    if decision.news is News.OVER:
        return error_mail.compose_over(run, ending, counts, addresses, language, decision.episode)
    return error_mail.compose(run, ending, counts, log.recent(), addresses, language, decision)


def _drop_broken_connection() -> None:
    """Let the database be asked anew where it only restarted. A connection that works keeps its locks."""
    if connection.connection is not None and not connection.is_usable():
        connection.close()


def _end(run: Run, ending: Ending, sentence: str) -> None:
    Run.objects.filter(pk=run.pk, outcome=Outcome.RUNNING).update(
        outcome=ending.outcome,
        exit_code=ending.exit_code,
        ended_at=timezone.now(),
        summary=sentence,
        counts=dict(ending.counts),
    )


def _close_without_database(
    run: Run, ending: Ending, error: Error, log: RunLog, addresses: error_mail.Addresses
) -> Ending:
    """Say in the log's file and by mail what the database cannot take. The next run marks this one interrupted."""
    words = _("The run could not be closed in the database (%(error)s).") % {"error": in_words(error)}
    log.error(words)
    ending = dataclasses.replace(
        ending,
        outcome=Outcome.FAILED,
        exit_code=ExitCode.UNAVAILABLE,
        errors=(*ending.errors, RunError("", "", words)),
    )
    if addresses.to and (problem := _send_now(run, ending, log, addresses)):
        log.error(_("The error mail could not be sent: %(error)s") % {"error": problem})
    return ending


def _send_now(run: Run, ending: Ending, log: RunLog, addresses: error_mail.Addresses) -> str:
    """Return what went wrong, or nothing."""
    try:
        mail = error_mail.compose(run, ending, "", log.recent(), addresses, settings.LANGUAGE_CODE)
    except Error as error:
        return in_words(error)
    return delivery.send_now(mail)
