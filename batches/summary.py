"""The sentence that says how a run ended."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from batches.models import Outcome
from batches.outcomes import Ending
from batches.plain_text import one_line, shortened
from batches.template import RunError

LONGEST_ERROR = 1000  # characters of one error within a sentence


def of_dry_run(text: str) -> str:
    return _("Dry run, nothing was written or sent. %(sentence)s") % {"sentence": text}


def sentence(batch: str, counts: str, ending: Ending, errors_shown: int = 1) -> str:
    """Return what the run did (`counts`, in words) or what stopped it, in the language that is active."""
    words = {"batch": batch, "counts": counts, "errors": _errors(ending, errors_shown)}
    match ending.outcome:
        case Outcome.SUCCEEDED:
            text = _("Batch %(batch)s: %(counts)s.")
        case Outcome.PARTIAL:
            text = _("Batch %(batch)s ended with errors (%(errors)s): %(counts)s.")
        case Outcome.REFUSED:
            text = _("Batch %(batch)s was refused: %(errors)s.")
        case Outcome.STOPPED:
            text = _("Batch %(batch)s was stopped; the next run goes on: %(counts)s.")
        case _:
            text = _("Batch %(batch)s failed: %(errors)s.")
    return text % words


def _errors(ending: Ending, shown: int) -> str:
    errors = _each_company_first(ending.errors)[:shown]
    words = _("; ").join(shortened(one_line(str(error)), LONGEST_ERROR).rstrip(".") for error in errors)
    more = len(ending.errors) - shown
    if more <= 0:
        return words
    return words + ngettext(" and %(count)d more", " and %(count)d more", more) % {"count": more}


def _each_company_first(errors: Sequence[RunError]) -> list[RunError]:
    """Put one error of each company before the others, so that every company is named."""
    named: set[str] = set()
    firsts: list[RunError] = []
    others: list[RunError] = []
    for error in errors:
        (others if error.company in named else firsts).append(error)
        named.add(error.company)
    return [*firsts, *others]
