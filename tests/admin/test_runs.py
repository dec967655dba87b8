"""Runs: their list, and the page of each, which goes on while the run works."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from akuiteo.models import User
from batches.models import Batch, Level, Run, RunLogLine
from batches.templatetags.run_dates import run_dates
from tests.admin.builders import (
    SCRIPT,
    make_batch,
    make_change,
    make_company,
    make_invoice,
    make_mail,
    make_run,
    page,
    url,
)


def log(run: Run, *texts: str, level: str = Level.LOG) -> None:
    now = timezone.now()
    RunLogLine.objects.bulk_create(RunLogLine(run=run, at=now, level=level, text=text) for text in texts)


def listed(client: Client, query: str = "") -> list[Any]:
    return list(client.get(url("batches_run_changelist") + query).context["cl"].result_list)


def test_the_list_says_how_each_run_went(viewer: Client, batch: Batch) -> None:
    make_run(batch, outcome="partial", counts={"checked": 40, "changed": 5})
    text = page(viewer.get(url("batches_run_changelist")))
    for cell in ("partial", "HOURLY", "command", "0:01:15", "40 checked, 5 changed"):
        assert f">{cell}</" in text
    assert "dry run</span>" not in text


def test_the_list_marks_dry_runs_and_says_who_started_one(operations: Client, batch: Batch) -> None:
    make_run(batch, dry_run=True, trigger="admin", started_by=User.objects.get())
    text = page(operations.get(url("batches_run_changelist")))
    assert '<span class="badge neutral">dry run</span>' in text
    assert ">admin, by operations</" in text


def test_runs_of_a_batch_that_is_shown_to_others_only_do_not_exist(operations: Client, batch: Batch) -> None:
    batch.display_restricted_to = Group.objects.create(name="Night shift")
    batch.save()
    run, other = make_run(batch), make_run(make_batch("OTHER"))
    assert listed(operations) == [other]
    assert "HOURLY" not in page(operations.get(url("batches_run_changelist")))
    assert operations.get(url("batches_run_change", run.pk)).status_code == 302
    for view in ("batches_run_progress", "batches_run_log"):
        assert operations.get(url(view, run.pk)).status_code == 404


def test_a_list_without_runs_says_what_to_do(viewer: Client, batch: Batch) -> None:
    assert "No batch has run yet." in page(viewer.get(url("batches_run_changelist")))
    make_run(batch)
    assert "No run is like that." in page(viewer.get(url("batches_run_changelist") + "?outcome__exact=failed"))


def test_a_running_run_has_no_duration(viewer: Client, batch: Batch) -> None:
    make_run(batch, outcome="running", ended_at=None)
    assert '<td class="field-duration">-</td>' in page(viewer.get(url("batches_run_changelist")))


def test_counts_of_a_template_that_is_gone_are_shown_as_they_are(viewer: Client) -> None:
    make_run(make_batch(template="Gone"), counts={"checked": 3, "odd": 1})
    assert "checked 3, odd 1" in page(viewer.get(url("batches_run_changelist")))


@pytest.mark.parametrize(
    "query", ["outcome__exact=failed", "dry_run__exact=1", "trigger__exact=admin", "q=portal", "started_at__year=2025"]
)
def test_runs_are_filtered(viewer: Client, batch: Batch, query: str) -> None:
    make_run(batch)
    started = datetime.datetime(2025, 7, 1, 10, 0, tzinfo=datetime.UTC)
    values = {"outcome": "failed", "dry_run": True, "trigger": "admin", "summary": "The portal is down."}
    wanted = make_run(batch, started_at=started, **values)
    assert listed(viewer, f"?{query}") == [wanted]


@pytest.mark.parametrize(
    ("query", "choices", "back"),
    [
        ("", ["2024", "2025"], None),
        ("?started_at__year=2024", ["November 2024", "December 2024"], "All dates"),
        ("?started_at__year=2024&started_at__month=11", ["29 November", "30 November"], "2024"),
        ("?started_at__year=2025&started_at__month=1&started_at__day=1", ["1 January"], "January 2025"),
    ],
)
def test_dates_lead_from_years_to_days(viewer: Client, batch: Batch, query: str, choices: list[str], back: Any) -> None:
    for day in ("2024-11-29T23:30", "2025-01-01T12:00"):
        make_run(batch, started_at=datetime.datetime.fromisoformat(f"{day}+01:00"))
    dates = run_dates(viewer.get(url("batches_run_changelist") + query).context["cl"])
    assert [choice["title"] for choice in dates["choices"]] == choices
    assert (dates["back"] and dates["back"]["title"]) == back


@pytest.mark.parametrize("query", ["started_at__year=x", "started_at__year=2024&started_at__month=13"])
def test_a_strange_date_shows_all(viewer: Client, batch: Batch, query: str) -> None:
    assert viewer.get(url("batches_run_changelist") + f"?{query}").headers["Location"].endswith("?e=1")


def test_runs_are_filtered_by_batch(viewer: Client, batch: Batch) -> None:
    make_run(batch)
    wanted = make_run(make_batch("OTHER"))
    assert listed(viewer, f"?batch__id__exact={wanted.batch_id}") == [wanted]


def test_the_page_of_a_run_has_its_summary_and_the_parameters_used(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, summary="All went well.", parameters={"BATCH_PWD": "********", "BATCH_USER": "batch"})
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert "All went well." in text
    assert '<th scope="row">BATCH_PWD</th><td>********</td>' in text


def test_the_page_of_a_run_shows_its_counts(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, counts={"checked": 40, "changed": 5})
    log(run, "the portal is down", level=Level.ERROR)
    text = page(viewer.get(url("batches_run_change", run.pk)))
    for label, count in {"checked": "40", "changed": "5", "errors": "1", "duration": "0:01:15"}.items():
        assert f"<dt>{label}</dt><dd>{count}</dd>" in text


@pytest.mark.parametrize(
    ("level", "shown"), [("", "LWE"), ("WARN", "WE"), ("ERROR", "E"), ("DEBUG", "LWE"), ("%27%3B--", "LWE")]
)
def test_the_log_is_filtered_by_level(viewer: Client, batch: Batch, level: str, shown: str) -> None:
    run = make_run(batch)
    for text, each in {"L": Level.LOG, "W": Level.WARN, "E": Level.ERROR}.items():
        log(run, text, level=each)
    for text in (
        page(viewer.get(url("batches_run_change", run.pk) + f"?level={level}")),
        viewer.get(url("batches_run_progress", run.pk) + f"?level={level}").json()["lines"],
    ):
        assert "".join(each for each in "LWE" if f">{each}<" in text) == shown


def test_the_log_is_a_file_to_take_away(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    log(run, "first", "second")
    response: Any = viewer.get(url("batches_run_log", run.pk))
    assert (response.headers["Content-Type"], response.headers["Content-Disposition"]) == (
        "text/plain; charset=utf-8",
        f'attachment; filename="HOURLY-run{run.pk}.log"',
    )
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert [line.split(maxsplit=2)[2] for line in lines] == ["LOG   first", "LOG   second"]


def test_the_log_of_a_run_is_not_for_everybody(client_of: Callable[[str], Client], batch: Batch) -> None:
    run, nobody = make_run(batch), client_of("nobody")
    for view in ("batches_run_log", "batches_run_progress"):
        response = nobody.get(url(view, run.pk))
        assert (response.status_code, response.headers["Location"].startswith(url("login"))) == (302, True)


def test_what_a_run_has_changed_is_linked(viewer: Client, batch: Batch, settings: Any) -> None:
    settings.BATCH_TEMPLATES = ["chorus.batch_templates.CheckFacturesClientChorus"]
    Batch.objects.update(template="CheckFacturesClientChorus")
    run = make_run(batch)
    invoice = make_invoice(make_company())
    make_change(invoice, "DEPOSEE", "SUSPENDUE", run=run)
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert f'<a href="{url("chorus_invoice_change", invoice.pk)}">ACME F-1</a>' in text
    assert f"{url('chorus_invoice_changelist')}?run={run.pk}" in text


def test_of_many_changes_the_first_are_shown(viewer: Client, batch: Batch, settings: Any) -> None:
    settings.BATCH_TEMPLATES = ["chorus.batch_templates.CheckFacturesClientChorus"]
    Batch.objects.update(template="CheckFacturesClientChorus")
    run, company = make_run(batch), make_company()
    for number in range(21):
        make_change(make_invoice(company, f"F-{number:03}"), "", "DEPOSEE", run=run)
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert ("F-019<" in text, "F-020<" in text, "These are the first ones." in text) == (True, False, True)


def test_the_log_marks_levels_and_keeps_its_order(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    log(run, "first")
    log(run, "second", level=Level.ERROR)
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert 'class="level-error"' in text
    assert text.index(">first<") < text.index(">second<")


def test_of_a_long_log_the_end_is_shown_and_said_so(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    log(run, *(f"line {number}." for number in range(501)))
    text = page(viewer.get(url("batches_run_change", run.pk)))
    assert "Only the last 500 lines are shown." in text
    assert (">line 0.<" in text, ">line 1.<" in text, ">line 500.<" in text) == (False, True, True)


def test_a_log_of_just_the_limit_is_not_said_to_be_cut(viewer: Client, batch: Batch) -> None:
    run = make_run(batch)
    log(run, *(f"line {number}." for number in range(500)))
    assert "Only the last" not in page(viewer.get(url("batches_run_change", run.pk)))


def test_s12_html_in_a_log_line_or_a_summary_is_inert(viewer: Client, batch: Batch) -> None:
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


def test_times_are_shown_in_paris_time(viewer: Client, batch: Batch) -> None:
    started = datetime.datetime(2026, 7, 1, 10, 0, tzinfo=datetime.UTC)
    run = make_run(batch, started_at=started)
    assert "1 Jul 2026, 12:00" in page(viewer.get(url("batches_run_change", run.pk)))


def test_questions_to_the_database_do_not_grow_with_the_run(
    viewer: Client, batch: Batch, django_assert_max_num_queries: Any
) -> None:
    run = make_run(batch)
    log(run, *(f"line {number}." for number in range(300)))
    for _ in range(30):
        make_mail(run=run)
        make_run(batch)
    for address in (url("batches_run_change", run.pk), url("batches_run_progress", run.pk)):
        with django_assert_max_num_queries(16):
            viewer.get(address)
    with django_assert_max_num_queries(14):
        viewer.get(url("batches_run_changelist"))
