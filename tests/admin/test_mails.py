"""Outgoing mail: what became of each, and how one that was given up is sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone

from akuiteo.models import User
from batches.models import Batch, OutgoingEmail
from tests.admin.builders import SCRIPT, make_mail, make_run, page, told, url

MAILS = "batches_outgoingemail_changelist"


def listed(client: Client, query: str = "") -> list[Any]:
    return list(client.get(url(MAILS) + query).context["cl"].result_list)


def send_again(client: Client, *mails: OutgoingEmail) -> Any:
    chosen = {"action": "send_again", "_selected_action": [mail.pk for mail in mails]}
    return client.post(url(MAILS), chosen, follow=True)


def test_the_list_of_mails_says_what_became_of_each(viewer: Client, db: None) -> None:
    make_mail(status="given up", cc=["cc@example.org"], attempts=12, last_error="550 no such user")
    text = page(viewer.get(url("batches_outgoingemail_changelist")))
    for cell in (
        "given up",
        "anna@example.org, cc@example.org",
        "Tried 12 times: 550 no such user",
        "Mend what the error says",
    ):
        assert f">{cell}" in text


@pytest.mark.parametrize("query", ["?q=Bob@example.org", "?q=rejected", "?status__exact=sent"])
def test_mails_are_found_by_recipient_subject_and_status(viewer: Client, query: str) -> None:
    make_mail()
    wanted = make_mail(to=["bob@example.org"], subject="1 invoice rejected", status="sent", sent_at=timezone.now())
    assert listed(viewer, query) == [wanted]


def test_s12_the_page_of_a_mail_shows_its_text_inert(viewer: Client, db: None) -> None:
    mail = make_mail(text=f"Dear Anna,\n{SCRIPT}", bcc=["hidden@example.org"], html="<b>HTML</b>")
    text = page(viewer.get(url("batches_outgoingemail_change", mail.pk)))
    assert "Dear Anna," in text
    assert "hidden@example.org" in text
    assert SCRIPT not in text


def test_the_attachment_of_a_mail_is_shown_from_its_end(viewer: Client, db: None) -> None:
    lines = [f"line {number}." for number in range(501)]
    mail = make_mail(attachment_name="run-1.log", attachment="\n".join(lines))
    text = page(viewer.get(url("batches_outgoingemail_change", mail.pk)))
    assert "Attachment run-1.log" in text
    assert "Only the last 500 lines are shown." in text
    assert ("line 0.\n" in text, "line 500." in text) == (False, True)


def test_a_mail_that_was_given_up_is_due_again_when_somebody_says_so(operations: Client, db: None) -> None:
    mail, other = make_mail(status="given up"), make_mail(status="given up")
    response = send_again(operations, mail)
    assert told(response) == ["1 mail is due again: the next run sends it."]
    assert list(OutgoingEmail.objects.filter(status="due")) == [mail]
    assert OutgoingEmail.objects.get(pk=other.pk).status == "given up"


def test_a_mail_that_was_not_given_up_stays_as_it_is(operations: Client, db: None) -> None:
    mails = [make_mail(status="sent", sent_at=timezone.now()), make_mail()]
    assert told(send_again(operations, *mails)) == [
        "2 mails were left as they are: they were neither refused nor given up."
    ]
    assert sorted(mail.status for mail in OutgoingEmail.objects.all()) == ["due", "sent"]


def test_the_page_of_a_mail_sends_it_again(operations: Client, db: None) -> None:
    mail = make_mail(status="given up")
    again = url("batches_outgoingemail_again", mail.pk)
    assert again in page(operations.get(url("batches_outgoingemail_change", mail.pk)))
    operations.post(again)
    assert OutgoingEmail.objects.get().status == "due"
    assert again not in page(operations.get(url("batches_outgoingemail_change", mail.pk)))


@pytest.mark.parametrize(
    ("status", "step"),
    [
        ("delivered", "Nothing to do."),
        ("complained", "Ask the recipient whether these mails are wanted."),
        ("bounced", "Correct the address: the next mails go there."),
        ("refused", "Correct the address: the next mails go there."),
    ],
)
def test_f32_each_status_says_what_to_do(viewer: Client, status: str, step: str) -> None:
    mail = make_mail(status=status, sent_at=timezone.now())
    assert step in page(viewer.get(url(MAILS)))
    assert step in page(viewer.get(url("batches_outgoingemail_change", mail.pk)))


def test_f32_a_mail_shows_what_became_of_it_at_each_recipient(viewer: Client, db: None) -> None:
    mail = make_mail(to=["anna@example.org", "bob@example.org"], status="refused")
    mail.recipients.filter(address="bob@example.org").update(status="sent", at=timezone.now())
    mail.recipients.filter(address="anna@example.org").update(detail=f"550 {SCRIPT}")
    assert ">anna@example.org, bob@example.org (sent)<" in page(viewer.get(url(MAILS)))
    text = page(viewer.get(url("batches_outgoingemail_change", mail.pk)))
    assert '<th scope="row">bob@example.org</th><td><span class="badge good">sent</span></td>' in text
    assert ("550 &lt;script&gt;" in text, SCRIPT in text) == (True, False)


def test_f31_a_mail_that_was_put_off_says_until_when(viewer: Client, db: None) -> None:
    mail = make_mail(last_error="450 greylisted", attempts=4, next_attempt_at=timezone.now() + timedelta(hours=1))
    assert "Nothing to do: the first run after " in page(viewer.get(url("batches_outgoingemail_change", mail.pk)))
    OutgoingEmail.objects.update(next_attempt_at=timezone.now() - timedelta(hours=1))
    assert "Nothing to do: the next run sends it." in page(viewer.get(url("batches_outgoingemail_change", mail.pk)))


def test_f32_who_got_a_mail_is_not_sent_it_again(operations: Client, db: None) -> None:
    mail = make_mail(to=["anna@example.org", "bob@example.org"], status="refused")
    mail.recipients.filter(address="bob@example.org").update(status="sent", at=timezone.now())
    OutgoingEmail.objects.update(next_attempt_at=timezone.now() + timedelta(hours=1), attempts=4)
    operations.post(url("batches_outgoingemail_again", mail.pk))
    assert dict(mail.recipients.values_list("address", "status")) == {
        "anna@example.org": "due",
        "bob@example.org": "sent",
    }
    mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.next_attempt_at) == ("due", 4, None)


def test_f32_the_page_of_a_user_says_that_mails_do_not_reach_them(administrator: Client, batch: Batch) -> None:
    anna = User.objects.create(username="anna", email="anna@example.org")
    at_anna = url("akuiteo_user_change", anna.pk)
    assert "Mails do not reach" not in page(administrator.get(at_anna))
    mail = make_mail(run=make_run(batch), status="bounced", last_error=f"550 {SCRIPT}")
    mail.recipients.update(at=timezone.now())
    text = page(administrator.get(at_anna))
    assert "Mails do not reach anna@example.org since " in text
    assert url("batches_outgoingemail_change", mail.pk) in text
    assert ("550 &lt;script&gt;" in text, SCRIPT in text) == (True, False)
    assert "Mails do not reach" not in page(administrator.get(url("akuiteo_user_add")))


def test_s13_a_mail_that_one_may_not_see_is_not_told_of_on_the_page_of_a_user(
    administrator: Client, batch: Batch
) -> None:
    anna = User.objects.create(username="anna", email="anna@example.org")
    make_mail(run=make_run(batch), status="bounced")
    batch.display_restricted_to = Group.objects.create(name="Night shift")
    batch.save()
    assert "Mails do not reach" not in page(administrator.get(url("akuiteo_user_change", anna.pk)))


@pytest.mark.parametrize("role", ["Viewer", "Accounting"])
def test_who_may_not_run_batches_sends_nothing_again(client_of: Callable[[str], Client], role: str) -> None:
    mail, client = make_mail(status="given up"), client_of(role)
    assert client.post(url("batches_outgoingemail_again", mail.pk)).status_code == 403
    send_again(client, mail)
    assert OutgoingEmail.objects.get().status == "given up"


def test_s15_looking_sends_nothing_again(operations: Client, db: None) -> None:
    mail = make_mail(status="given up")
    assert operations.get(url("batches_outgoingemail_again", mail.pk)).status_code == 405
    assert OutgoingEmail.objects.get().status == "given up"


def test_mails_of_a_batch_that_is_shown_to_others_only_do_not_exist(operations: Client, batch: Batch) -> None:
    batch.display_restricted_to = Group.objects.create(name="Night shift")
    batch.save()
    hidden, free = make_mail(run=make_run(batch), status="given up"), make_mail()
    assert listed(operations) == [free]
    assert operations.post(url("batches_outgoingemail_again", hidden.pk)).status_code == 404
    assert operations.get(url("batches_outgoingemail_change", hidden.pk)).status_code == 302


def test_a_superuser_sees_the_mails_of_runs_and_the_others(client_of: Callable[[str], Client], batch: Batch) -> None:
    mails = [make_mail(run=make_run(batch)), make_mail()]
    assert listed(client_of("superuser")) == mails[::-1]


def test_a_list_without_mails_says_where_they_come_from(viewer: Client, db: None) -> None:
    assert "There is no mail yet." in page(viewer.get(url(MAILS)))
    make_mail()
    assert "No mail is like that." in page(viewer.get(url(MAILS) + "?q=nothing"))
