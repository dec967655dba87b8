"""Failure episodes: a batch's bad runs in a row, and what support is told of them.

The first bad run is told, then what is new, once a day that it lasts, and once that it is over. Runs that were stopped
or interrupted say nothing about the batch and change nothing.
"""

from __future__ import annotations

import datetime
import enum
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from django.utils import timezone

from batches.models import FailureEpisode, Outcome, Run
from batches.outcomes import Ending
from batches.template import RunError

REMINDED_AFTER = datetime.timedelta(hours=23, minutes=30)
"""A day, less what the next run of a daily batch may end earlier: else that one would be reminded every other day."""

MOST_TOLD = 1000
"""Problems that an episode remembers. What comes on top of so many waits for the reminder."""

WORD = re.compile(r"[\w.:-]+")
DIGIT = re.compile(r"\d")


class News(enum.Enum):
    BEGUN = "the batch goes wrong"
    NEW = "it goes wrong in another way"
    REMINDER = "it still goes wrong"
    OVER = "it is back to normal"


@dataclass(frozen=True)
class Episode:
    """`runs` counts its bad runs, `told` has the keys of what support was told; times are aware."""

    began_at: datetime.datetime
    mailed_at: datetime.datetime
    runs: int
    told: frozenset[str]

    @property
    def reminded_at(self) -> datetime.datetime:
        return self.mailed_at + REMINDED_AFTER


@dataclass(frozen=True)
class Decision:
    """What follows from a run: its batch's episode, if there is one, and the news that are mailed, if any.

    `errors` are those of the run that the mail tells.
    """

    episode: Episode | None = None
    news: News | None = None
    errors: tuple[RunError, ...] = ()


def note(run: Run, ending: Ending, whole: bool, to: Sequence[str]) -> Decision:
    """Note a run that ends in its batch's episode, in the transaction of the caller.

    `whole`: the run was not narrowed. `to` are the addresses that are told.
    """
    now = timezone.now()
    row = FailureEpisode.objects.filter(batch=run.batch_id, ended_at=None).first()
    episode = Episode(row.began_at, row.mailed_at, row.runs, frozenset(row.told)) if row else None
    decision = decide(episode, ending, whole, to, now)
    if decision.news is News.OVER:
        FailureEpisode.objects.filter(batch=run.batch_id, ended_at=None).update(ended_at=now, told=[])
    elif decision.episode and decision.episode != episode:
        _store(run, decision.episode)
    return decision


def decide(episode: Episode | None, ending: Ending, whole: bool, to: Sequence[str], now: datetime.datetime) -> Decision:
    """Tell what a run means for its batch's episode. That a narrowed run succeeds does not end it."""
    if ending.is_mailed:
        return _after_bad_run(episode, ending, to, now)
    if episode and whole and ending.outcome == Outcome.SUCCEEDED:
        return Decision(episode, News.OVER)
    return Decision(episode)


def _after_bad_run(episode: Episode | None, ending: Ending, to: Sequence[str], now: datetime.datetime) -> Decision:
    keys = {error: _key(error, to) for error in ending.errors}
    if episode is None:
        return Decision(Episode(now, now, 1, _told(keys.values())), News.BEGUN, ending.errors)
    episode = _not_in_the_future(replace(episode, runs=episode.runs + 1), now)
    new = {error: key for error, key in keys.items() if key not in episode.told}
    if new and len(episode.told) < MOST_TOLD:
        told = _told(new.values(), episode.told)
        return Decision(replace(episode, mailed_at=now, told=told), News.NEW, tuple(new))
    if now >= episode.reminded_at:
        return Decision(replace(episode, mailed_at=now), News.REMINDER, ending.errors)
    return Decision(episode)


def _not_in_the_future(episode: Episode, now: datetime.datetime) -> Episode:
    """A clock that was set back must not put the reminder off for as long."""
    return replace(episode, began_at=min(episode.began_at, now), mailed_at=min(episode.mailed_at, now))


def _key(error: RunError, to: Sequence[str]) -> str:
    """Return what a problem is known by. The addresses are part of it: new ones were told nothing so far."""
    parts = (*to, error.company, error.invoice, without_figures(error.message))
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _told(new: Iterable[str], told: frozenset[str] = frozenset()) -> frozenset[str]:
    return told.union(list(dict.fromkeys(new))[: MOST_TOLD - len(told)])


def without_figures(message: str) -> str:
    """Return the message without the words that have a digit: times, tries and codes vary, the problem does not."""
    return WORD.sub(lambda word: "#" if DIGIT.search(word[0]) else word[0], message)


def _store(run: Run, episode: Episode) -> None:
    FailureEpisode.objects.update_or_create(
        batch=run.batch,
        ended_at=None,
        defaults={
            "began_at": episode.began_at,
            "mailed_at": episode.mailed_at,
            "runs": episode.runs,
            "told": sorted(episode.told),
        },
    )
