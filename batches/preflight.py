"""What must be right before any batch may run: settings, database, migrations."""

from __future__ import annotations

from django.core import checks
from django.core.checks import CheckMessage
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.translation import gettext as _

from batches import outcomes
from batches.outcomes import Ending, ExitCode


def refusal() -> Ending | None:
    """Return how every run must end now, or None when runs may begin."""
    if wrong := [message for message in checks.run_checks() if message.is_serious() and not message.is_silenced()]:
        return outcomes.refused(ExitCode.CONFIGURATION, *map(_in_words, wrong))
    try:
        executor = MigrationExecutor(connection)
        unapplied = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        return outcomes.failed(ExitCode.UNAVAILABLE, outcomes.database_is_away(error))
    if unapplied:
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration, _backwards in unapplied)
        words = _("The database is not that of this version: run “manage.py migrate” (%(names)s).") % {"names": names}
        return outcomes.refused(ExitCode.CONFIGURATION, words)
    return None


def _in_words(message: CheckMessage) -> str:
    return " ".join(str(part) for part in (message.id, message.msg, message.hint) if part)
