"""Runs and outgoing mails are looked at."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from batches.models import Batch, Level, Run, RunLogLine
from tests.admin.builders import SCRIPT, make_batch, make_mail, make_run, page, url


def log(run: Run, *texts: str, level: str = Level.LOG) -> None:
    now = timezone.now()
    RunLogLine.objects.bulk_create(RunLogLine(run=run, at=now, level=level, text=text) for text in texts)


def listed(client: Client, query: str = "", view: str = "batches_run_changelist") -> list[Any]:
    return list(client.get(url(view) + query).context["cl"].result_list)


def test_the_list_says_how_each_run_went(viewer: Client, batch: Batch) -> None:
    make_run(batch, outcome="partial", counts={"checked": 40, "changed": 5})
    text = page(viewer.get(url("batches_run_changelist")))
    for cell in ("partial", "HOURLY", "command", "0:01:15", "40 checked, 5 changed"):
        assert f">{cell}</" in text


def test_a_running_run_has_no_duration(viewer: Client, batch: Batch) -> None:
    make_run(batch, outcome="running", ended_at=None)
    assert '<td class="field-duration">-</td>' in page(viewer.get(url("batches_run_changelist")))


def test_counts_of_a_template_that_is_gone_are_shown_as_they_are(viewer: Client) -> None:
    make_run(make_batch(template="Gone"), counts={"checked": 3, "odd": 1})
    assert "checked 3, odd 1" in page(viewer.get(url("batches_run_changelist")))


def test_runs_are_filtered_by_outcome(viewer: Client, batch: Batch) -> None:
    make_run(batch)
    failed = make_run(batch, outcome="failed")
    assert listed(viewer, "?outcome__exact=failed") == [failed]


def test_the_page_of_a_run_has_its_summary_and_the_parameters_used(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, summary="All went well.", parameters={"BATCH_PWD": "********", "BATCH_USER": "batch"})
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert "All went well." in text
    assert '<th scope="row">BATCH_PWD</th><td>********</td>' in text


def test_the_log_marks_levels_and_keeps_its_order(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    log(run, "first")
    log(run, "second", level=Level.ERROR)
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert 'class="level-error"' in text
    assert text.index(">first<") < text.index(">second<")


def test_of_a_long_log_the_end_is_shown_and_said_so(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    log(run, *(f"line {number}." for number in range(2001)))
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert "Only the last 2000 lines are shown." in text
    assert (">line 0.<" in text, ">line 1.<" in text, ">line 2000.<" in text) == (False, True, True)


def test_a_log_of_just_the_limit_is_not_said_to_be_cut(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    log(run, *(f"line {number}." for number in range(2000)))
    assert "Only the last" not in page(viewer.get(url("batches_run_change", run.pk)))


def test_html_in_a_log_line_or_a_summary_is_inert(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, summary=SCRIPT, parameters={"BATCH_USER": SCRIPT})
    log(run, SCRIPT)
    make_mail(run=run, subject=SCRIPT, text=SCRIPT)
    assert SCRIPT not in page(viewer.get(url("batches_run_change", run.pk)))
    assert SCRIPT not in page(viewer.get(url("batches_run_changelist")))


def test_the_mails_of_a_run_are_linked(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    mail = make_mail(run=run)
    make_mail(subject="of no run")
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert url("batches_outgoingemail_change", mail.pk) in text
    assert "of no run" not in text


def test_of_many_mails_the_rest_is_one_click_away(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    mails = [make_mail(run=run) for _ in range(101)]
    make_mail()
    rest = f"?run__id__exact={run.pk}"
    assert url("batches_outgoingemail_changelist") + rest in page(viewer.get(url("batches_run_change", run.pk)))
    assert viewer.get(url("batches_outgoingemail_changelist") + rest).context["cl"].result_count == len(mails)


def test_a_run_without_anything_says_so(viewer: Client, batch: Batch) -> None:
    text = page(viewer.get(url("batches_run_change", make_run(batch).pk)))
    assert "No line was written." in text
    assert "This run has sent no mail." in text


def test_a_run_that_does_not_exist_leads_back_to_the_menu(viewer: Client) -> None:
    assert viewer.get(url("batches_run_change", 404)).status_code == 302


def test_the_list_of_mails_says_what_became_of_each(viewer: Client, db: None) -> None:
    make_mail(status="given up", cc=["cc@example.org"], attempts=12, last_error="550 no such user")
    text = page(viewer.get(url("batches_outgoingemail_changelist")))
    for cell in ("given up", "anna@example.org, cc@example.org", "12", "550 no such user"):
        assert f">{cell}</" in text


@pytest.mark.parametrize("query", ["?q=Bob@example.org", "?q=rejected", "?status__exact=sent"])
def test_mails_are_found_by_recipient_subject_and_status(viewer: Client, query: str) -> None:
    make_mail()
    wanted = make_mail(to=["bob@example.org"], subject="1 invoice rejected", status="sent", sent_at=timezone.now())
    assert listed(viewer, query, "batches_outgoingemail_changelist") == [wanted]


def test_the_page_of_a_mail_shows_its_text_inert(viewer: Client, db: None) -> None:
    mail = make_mail(text=f"Dear Anna,\n{SCRIPT}", bcc=["hidden@example.org"], html="<b>HTML</b>")
    text = page(viewer.get(url("batches_outgoingemail_change", mail.pk)))
    assert "Dear Anna," in text
    assert "hidden@example.org" in text
    assert SCRIPT not in text


def test_the_attachment_of_a_mail_is_shown_from_its_end(viewer: Client, db: None) -> None:
    lines = [f"line {number}." for number in range(2001)]
    mail = make_mail(attachment_name="run-1.log", attachment="\n".join(lines))
    text = page(viewer.get(url("batches_outgoingemail_change", mail.pk)))
    assert "Attachment run-1.log" in text
    assert "Only the last 2000 lines are shown." in text
    assert ("line 0.\n" in text, "line 2000." in text) == (False, True)


def test_times_are_shown_in_paris_time(viewer: Client, batch: Batch) -> None:
    started = datetime.datetime(2026, 7, 1, 10, 0, tzinfo=datetime.UTC)
    run = make_run(batch, started_at=started)
    assert "1 Jul 2026, 12:00" in page(viewer.get(url("batches_run_change", run.pk)))
