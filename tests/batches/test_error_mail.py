from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.utils import translation

from akuiteo.models import User
from batches import error_mail, outcomes, runner
from batches.episodes import Decision, Episode, News
from batches.models import Batch, FailureEpisode, Outcome, OutgoingEmail, Run
from batches.outcomes import Ending, ExitCode
from batches.template import RunError
from batches.times import shown
from tests.batches.builders import make_batch, start


@pytest.fixture
def mailed(user: User, mailoutbox: list[EmailMessage]) -> Any:
    """Runs a batch that has these parameters and returns its error mail."""

    def run(**parameters: str) -> EmailMessage:
        make_batch(**{"HAPPENS": "ERROR"} | parameters)
        runner.run("TEST", "command")
        [mail] = mailoutbox
        return mail

    return run


def html_of(mail: Any) -> str:
    return str(mail.alternatives[0].content)


def test_rule_10_a_run_with_errors_mails_its_log_to_batch_mail_and_the_others(mailed: Any) -> None:
    mail = mailed(
        BATCH_MAIL="a@example.org; b@example.org",
        BATCH_MAIL_CC="c@example.org",
        BATCH_MAIL_CCI="d@example.org",
        BATCH_MAIL_FROM="from@example.org",
        BATCH_MAIL_REPLY_TO="reply@example.org",
    )
    assert (mail.to, mail.cc, mail.bcc) == (["a@example.org", "b@example.org"], ["c@example.org"], ["d@example.org"])
    assert (mail.from_email, mail.reply_to) == ("from@example.org", ["reply@example.org"])


def test_the_log_is_attached_as_a_text_file(mailed: Any) -> None:
    [attachment] = mailed().attachments
    assert (attachment.filename, attachment.mimetype) == (f"TEST-run{Run.objects.get().pk}.log", "text/plain")
    assert "ERROR ACME F-1: the portal does not answer" in attachment.content
    assert attachment.content.rstrip().endswith("1 done.")


def test_rule_10_the_first_line_says_what_is_wrong_with_the_names_concerned(mailed: Any) -> None:
    mail = mailed()
    first = mail.body.splitlines()[0]
    assert first == "Batch TEST ended with errors (ACME F-1: the portal does not answer): 1 done."
    assert mail.subject == first


def test_the_mail_leads_to_the_run(mailed: Any, settings: Any) -> None:
    mail = mailed()
    link = f"{settings.SITE_URL}/admin/batches/run/{Run.objects.get().pk}/change/"
    assert link in mail.body
    assert f'href="{link}"' in html_of(mail)


def test_s12_text_of_others_is_text_in_the_html_and_itself_in_the_text(mailed: Any) -> None:
    mail = mailed(HAPPENS="X;<script>alert(1)</script>")
    assert "<script>" not in html_of(mail)
    assert "&lt;script&gt;" in html_of(mail)
    assert "<script>" in mail.body


def test_the_sites_sender_is_used_unless_another_is_set(mailed: Any, settings: Any) -> None:
    assert mailed().from_email == settings.DEFAULT_FROM_EMAIL


@pytest.mark.parametrize(
    ("change", "language"),
    [({"language": "fr"}, "fr"), ({"language": "fr", "is_active": False}, "en"), ({"email": "x@example.org"}, "en")],
)
def test_the_mail_is_in_the_language_of_the_active_user_with_that_address(
    db: None, change: dict[str, Any], language: str
) -> None:
    User.objects.create(**{"username": "support", "email": "Support@example.org"} | change)
    assert error_mail.language_of("support@example.org") == language


def test_the_mail_is_written_in_its_language_and_the_run_goes_on_in_its_own(mailed: Any) -> None:
    User.objects.create(username="support", email="support@example.org", language="fr")
    assert '<html lang="fr">' in html_of(mailed())
    assert translation.get_language() == "en"


def many_errors(count: int) -> Ending:
    errors = tuple(RunError("ACME", f"F-{number}", "unknown") for number in range(count))
    return Ending(Outcome.PARTIAL, ExitCode.PARTIAL, {"done": 1}, errors)


def compose(batch: Batch, ending: Ending) -> str:
    run = Run.objects.create(batch=batch, trigger="command", started_at="2026-11-22T10:00:00Z")
    run.refresh_from_db()
    addresses = error_mail.Addresses.of({"BATCH_MAIL": ("a@example.org",)})
    return error_mail.compose(run, ending, "1 done", "", addresses, "en").text


def test_many_errors_are_listed_up_to_a_hundred(batch: Batch) -> None:
    text = compose(batch, many_errors(130))
    assert text.count("\n- ACME") == 100
    assert "and 30 more, see the log" in text
    assert "ACME F-19: unknown and 110 more)" in text.splitlines()[0]


def test_rule_10_every_company_is_named_before_one_is_named_twice(batch: Batch) -> None:
    ending = dataclasses.replace(many_errors(50), errors=(*many_errors(50).errors, RunError("BETA", "", "not reached")))
    assert "(ACME F-0: unknown; BETA: not reached; ACME F-1" in compose(batch, ending).splitlines()[0]


def test_times_are_those_of_paris(batch: Batch) -> None:
    assert "2026-11-22 11:00:00+01:00" in compose(batch, many_errors(1))


def test_a_refusal_is_not_hidden_behind_counts(batch: Batch) -> None:
    text = compose(batch, outcomes.refused(ExitCode.USER_REFUSED, "BATCH_USER “operator” is inactive."))
    assert text.splitlines()[0] == "Batch TEST was refused: BATCH_USER “operator” is inactive."


def told(batch: Batch, news: News, *errors: RunError) -> OutgoingEmail:
    """Return the mail of a run with three errors, of which these are told, in an episode of four runs."""
    began = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)
    run = Run.objects.create(batch=batch, trigger="command", started_at=began, outcome="partial", ended_at=began)
    addresses = error_mail.Addresses.of({"BATCH_MAIL": ("a@example.org",)})
    decision = Decision(Episode(began, began, 4, frozenset()), news, errors)
    return error_mail.compose(run, many_errors(3), "1 done", "", addresses, "en", decision)


def test_f46_a_later_mail_tells_only_what_is_new_and_since_when_the_batch_goes_wrong(batch: Batch) -> None:
    mail = told(batch, News.NEW, RunError("ACME", "F-2", "unknown"))
    first, _blank, *notes = mail.text.splitlines()
    assert (first, mail.subject) == ("Batch TEST ended with errors (ACME F-2: unknown): 1 done.",) * 2
    assert notes[:3] == [
        "This batch has been going wrong since 2026-11-22 10:00:00+01:00, in 4 runs in a row.",
        "What stands here is new.",
        "2 other errors of this run were told before; see the log.",
    ]
    assert "F-1" not in mail.text
    assert "F-1" not in mail.html
    assert all(note in mail.html for note in notes[:3])


def test_f46_a_reminder_says_that_it_is_one_and_tells_all(batch: Batch) -> None:
    mail = told(batch, News.REMINDER, *many_errors(3).errors)
    assert mail.subject.startswith("Reminder: Batch TEST ended with errors (ACME F-0: unknown; ")
    assert mail.text.splitlines()[0].startswith("Batch TEST ended with errors (ACME F-0: unknown; ")
    assert "since 2026-11-22 10:00:00+01:00, in 4 runs" in mail.text
    assert "What stands here is new." not in mail.text


def test_f46_each_mail_of_an_episode_says_when_the_next_one_comes(batch: Batch) -> None:
    words = "While this lasts, you are mailed what is new and one reminder a day"
    mail = told(batch, News.BEGUN, *many_errors(3).errors)
    assert (words in mail.text, words in mail.html) == (True, True)
    assert "going wrong since" not in mail.text
    assert words not in compose(batch, many_errors(1))  # sent without a database: nothing is remembered


def test_f46_the_mail_of_the_end_says_what_is_over_and_leads_to_the_run(
    user: User, mailoutbox: list[EmailMessage], settings: Any
) -> None:
    batch = make_batch(HAPPENS="ERROR", TEXT="<b>bold</b>", BATCH_MAIL_CC="c@example.org")
    Batch.objects.update(label="<script>x</script>")
    start(batch)
    start(batch)
    batch.parameters.filter(code="HAPPENS").delete()
    start(Batch.objects.get())
    mail = mailoutbox[-1]
    assert (mail.subject, mail.to, mail.cc) == (
        "Batch TEST is back to normal",
        ["support@example.org"],
        ["c@example.org"],
    )
    first = mail.body.splitlines()[0]
    began = FailureEpisode.objects.get().began_at
    assert first == f"Batch TEST is back to normal: it had gone wrong since {shown(began)}, in 2 runs in a row."
    link = f"{settings.SITE_URL}/admin/batches/run/{batch.runs.latest('pk').pk}/change/"
    assert link in mail.body
    assert f'href="{link}"' in html_of(mail)
    assert "<script>" not in html_of(mail)
    assert "Batch TEST: 1 done." in mail.body
    assert not mail.attachments
