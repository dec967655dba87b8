"""F46: one mail per failure episode, what is new, one reminder a day, one "back to normal"."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from akuiteo.models import User
from batches import runner
from batches.episodes import MOST_TOLD, REMINDED_AFTER, Decision, Episode, News, decide, without_figures
from batches.models import Batch, FailureEpisode, Outcome, OutgoingEmail
from batches.outcomes import Ending, ExitCode
from batches.run_row import queue_run
from batches.template import RunError
from tests.batches.builders import log_of, make_batch, only_run, start

NOW = datetime.datetime(2026, 11, 22, 22, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)
SUPPORT = ("support@example.org",)
GOOD = Ending(Outcome.SUCCEEDED, ExitCode.DONE)


def bad(*messages: str, company: str = "ACME", outcome: Outcome = Outcome.PARTIAL) -> Ending:
    return Ending(outcome, ExitCode.PARTIAL, errors=tuple(RunError(company, "", message) for message in messages))


def after(*endings: Ending, begin: Episode | None = None, every: datetime.timedelta = MINUTE) -> list[Decision]:
    """Return what follows from runs that end one after the other, a minute apart."""
    decisions: list[Decision] = []
    episode = begin
    for place, ending in enumerate(endings):
        decision = decide(episode, ending, True, SUPPORT, NOW + place * every)
        episode = None if decision.news is News.OVER else decision.episode
        decisions.append(decision)
    return decisions


def news(decisions: Sequence[Decision]) -> list[News | None]:
    return [decision.news for decision in decisions]


def test_f46_the_first_bad_run_is_told_the_same_again_is_not_and_the_end_is() -> None:
    decisions = after(GOOD, bad("down"), bad("down"), GOOD, GOOD)
    assert news(decisions) == [None, News.BEGUN, None, News.OVER, None]
    ended = decisions[3].episode
    assert ended is not None
    assert (ended.began_at, ended.runs) == (NOW + MINUTE, 2)


def test_f46_only_what_is_new_is_told_later() -> None:
    *_, third, fourth = after(bad("down"), bad("down", "full"), bad("full", "mad", "down"), bad("mad"))
    assert (third.news, [error.message for error in third.errors]) == (News.NEW, ["mad"])
    assert fourth.news is None


def test_f46_the_same_of_another_company_or_invoice_is_new() -> None:
    one = dataclasses.replace(bad(), errors=(RunError("ACME", "F-1", "unknown"),))
    other = dataclasses.replace(bad(), errors=(RunError("ACME", "F-2", "unknown"),))
    assert news(after(bad("down"), bad("down", company="BETA"), one, other, one)) == [
        News.BEGUN,
        News.NEW,
        News.NEW,
        News.NEW,
        None,
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HTTP 503; given up after 7 tries", "HTTP 502; given up after 6 tries"),
        ("not before 2026-11-22 22:05:01+01:00", "not before 2026-11-23 06:00:00+01:00"),
        ("request b7e1-4f00 failed", "request 9c-ffa2 failed"),
        ("<Thing object at 0x7f446feb2710>", "<Thing object at 0x7f446fe00000>"),
    ],
)
def test_f46_figures_do_not_make_another_problem(one: str, other: str) -> None:
    assert without_figures(one) == without_figures(other)
    assert news(after(bad(one), bad(other))) == [News.BEGUN, None]


def test_f46_other_words_make_another_problem() -> None:
    assert news(after(bad("HTTP 503: the portal is down"), bad("HTTP 401: the login is refused")))[1] is News.NEW


def test_f46_two_problems_that_alternate_are_told_once_each() -> None:
    assert [each for each in news(after(*[bad("down"), bad("mad")] * 20)) if each] == [News.BEGUN, News.NEW]


def test_f46_errors_that_only_become_fewer_are_no_news_even_with_another_outcome() -> None:
    all_down = bad("down", "mad", outcome=Outcome.FAILED)
    assert news(after(all_down, bad("mad"), bad("down"))) == [News.BEGUN, None, None]


def test_f46_a_reminder_follows_a_day_after_the_last_mail_and_tells_all() -> None:
    hourly = after(*[bad("down")] * 10, bad("down", "mad"), *[bad("mad")] * 50, every=datetime.timedelta(hours=1))
    told = [(place, decision.news) for place, decision in enumerate(hourly) if decision.news]
    assert told == [(0, News.BEGUN), (10, News.NEW), (34, News.REMINDER), (58, News.REMINDER)]
    assert [error.message for error in hourly[34].errors] == ["mad"]


def test_f46_a_daily_batch_is_reminded_daily_although_one_run_ends_a_little_earlier() -> None:
    daily = after(*[bad("down")] * 4, every=datetime.timedelta(hours=23, minutes=45))
    assert news(daily) == [News.BEGUN, *[News.REMINDER] * 3]


@pytest.mark.parametrize("outcome", [Outcome.STOPPED, Outcome.INTERRUPTED])
def test_f46_stopped_and_interrupted_runs_change_nothing(outcome: Outcome) -> None:
    [begun] = after(bad("down"))
    assert decide(begun.episode, Ending(outcome, 143), True, SUPPORT, NOW) == Decision(begun.episode)
    assert decide(None, Ending(outcome, 143), True, SUPPORT, NOW) == Decision()


def test_f46_a_narrowed_run_that_succeeds_does_not_end_the_episode() -> None:
    [begun] = after(bad("down"))
    assert decide(begun.episode, GOOD, False, SUPPORT, NOW) == Decision(begun.episode)


def test_f46_new_addresses_are_told_at_once() -> None:
    [begun] = after(bad("down"))
    assert decide(begun.episode, bad("down"), True, ("new@example.org",), NOW + MINUTE).news is News.NEW


def test_f46_what_is_remembered_is_bounded_and_the_rest_waits_for_the_reminder() -> None:
    many = [bad(*(f"problem {'x' * place}" for place in range(first, first + 700))) for first in (0, 700, 1400)]
    first, second, third, reminder = after(*many, many[2], every=datetime.timedelta(hours=8))
    assert [first.news, second.news, third.news] == [News.BEGUN, News.NEW, None]
    assert third.episode is not None
    assert len(third.episode.told) == MOST_TOLD
    assert decide(third.episode, many[2], True, SUPPORT, NOW + 3 * REMINDED_AFTER).news is News.REMINDER
    assert reminder.news is None


@pytest.mark.parametrize("back", [datetime.timedelta(minutes=10), datetime.timedelta(hours=30), 400 * REMINDED_AFTER])
def test_f46_f40_a_clock_that_is_set_back_neither_repeats_mails_nor_silences_them(back: datetime.timedelta) -> None:
    [begun] = after(bad("down"))
    episode, told = begun.episode, []
    for place in range(40):  # hourly, after the clock was set back
        decision = decide(episode, bad("down"), True, SUPPORT, NOW - back + place * datetime.timedelta(hours=1))
        episode = decision.episode
        if decision.news:
            told.append((place, decision.news))
    assert told == [(24, News.REMINDER)]


# A problem, a good run, or a run that says nothing; minutes until it ends; whether it is narrowed.
RUNS = st.lists(
    st.tuples(
        st.one_of(
            st.builds(bad, st.sampled_from(["down", "mad", "full"]), company=st.sampled_from(["ACME", "BETA"])),
            st.just(bad("down", "mad", outcome=Outcome.FAILED)),
            st.just(bad("refused", company="", outcome=Outcome.REFUSED)),
            st.sampled_from([GOOD, Ending(Outcome.STOPPED, 143)]),
        ),
        st.integers(1, 3000),
        st.booleans(),
    ),
    max_size=60,
)


@given(RUNS)
def test_f46_whatever_happens_mails_are_few_and_no_episode_is_without(
    runs: list[tuple[Ending, int, bool]],
) -> None:
    episode: Episode | None = None
    now, told = NOW, set[RunError]()
    began, mails = NOW, list[News]()
    for ending, minutes, whole in runs:
        now += minutes * MINUTE
        decision = decide(episode, ending, whole, SUPPORT, now)
        if ending.is_mailed:
            if episode is None:
                began, mails = now, []
                told.clear()
                assert decision.news is News.BEGUN
            new = set(ending.errors) - told
            assert not new or set(decision.errors) >= new  # nothing new is kept back
            told |= new
        else:
            assert decision.news is (News.OVER if episode and whole and ending is GOOD else None)
        if decision.news:
            mails.append(decision.news)
        assert mails.count(News.BEGUN) + mails.count(News.NEW) <= len(told)
        assert mails.count(News.REMINDER) <= (now - began) / REMINDED_AFTER
        assert mails.count(News.OVER) <= 1
        episode = None if decision.news is News.OVER else decision.episode
        if ending.is_mailed:
            assert episode is not None
            assert now < episode.reminded_at  # nobody waits longer than a day


def mails() -> list[str]:
    return list(OutgoingEmail.objects.order_by("pk").values_list("subject", flat=True))


def happens(batch: Batch, what: str) -> None:
    batch.parameters.update_or_create(code="HAPPENS", defaults={"value": what})
    start(batch)


def test_f46_runs_are_told_once_and_the_end_of_it(batch: Batch) -> None:
    for what in ("ERROR", "ERROR", "", ""):
        happens(batch, what)
    assert mails() == [
        "Batch TEST ended with errors (ACME F-1: the portal does not answer): 1 done.",
        "Batch TEST is back to normal",
    ]
    episode = FailureEpisode.objects.get()
    assert (episode.runs, episode.ended_at is not None, episode.told) == (2, True, [])


def test_f46_the_run_says_that_support_was_told_before(batch: Batch) -> None:
    happens(batch, "ERROR")
    assert "was told" not in log_of(only_run())
    happens(batch, "ERROR")
    last = batch.runs.latest("pk").log_lines.last()
    assert last is not None
    assert last.level == "LOG"
    assert last.text.startswith("Support was told of this on 20")


def test_f46_each_batch_has_episodes_of_its_own(batch: Batch) -> None:
    other = make_batch("OTHER")
    for each in (batch, other):
        happens(each, "ERROR")
    happens(other, "")
    assert (len(mails()), FailureEpisode.objects.get(ended_at=None).batch) == (3, batch)


def test_f46_a_dry_run_changes_nothing(batch: Batch, user: User) -> None:
    happens(batch, "ERROR")
    batch.parameters.filter(code="HAPPENS").update(value="")
    queued = queue_run(batch, user, True, (), ())
    runner.run(batch, "admin", queued=queued.pk)
    start(batch, dry_run=True)
    assert (len(mails()), FailureEpisode.objects.get().ended_at) == (1, None)


def test_f46_a_run_for_one_company_that_succeeds_does_not_end_the_episode(batch: Batch) -> None:
    happens(batch, "ERROR")
    batch.parameters.filter(code="HAPPENS").update(value="")
    assert start(batch, companies=["ACME"]).exit_code == 0
    assert FailureEpisode.objects.get().ended_at is None
    start(batch)
    assert len(mails()) == 2


def test_f46_where_nobody_could_be_told_the_next_run_tells(batch: Batch) -> None:
    batch.parameters.filter(code="BATCH_MAIL").update(value="no address")
    happens(batch, "ERROR")
    assert not FailureEpisode.objects.exists()
    batch.parameters.filter(code="BATCH_MAIL").update(value="support@example.org")
    happens(batch, "ERROR")
    assert len(mails()) == 1


def test_f46_new_addresses_of_batch_mail_get_the_next_mail_and_the_end(batch: Batch) -> None:
    happens(batch, "ERROR")
    batch.parameters.filter(code="BATCH_MAIL").update(value="new@example.org")
    for what in ("ERROR", "ERROR", ""):
        happens(batch, what)
    assert [mail.to for mail in OutgoingEmail.objects.order_by("pk")] == [
        ["support@example.org"],
        ["new@example.org"],
        ["new@example.org"],
    ]


def test_f46_a_mail_that_cannot_be_kept_leaves_the_episode_as_it_was(
    batch: Batch, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import Error

    from batches import outbox

    def refuse(_mail: OutgoingEmail) -> None:
        raise Error("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(outbox, "keep", refuse)
        happens(batch, "ERROR")
    assert not FailureEpisode.objects.exists()
    happens(batch, "ERROR")
    assert len(mails()) == 1
