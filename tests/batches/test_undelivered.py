"""Support is told once of whom mails do not reach, and the person's page says so."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.utils import timezone

from akuiteo.models import User
from batches.delivery import deliver_due
from batches.models import Batch, OutgoingEmail, Recipient, Run
from batches.outbox import queue
from batches.recipients import make_due_again
from batches.undelivered import tell_support, trouble_of, trouble_shown_to
from tests.batches.builders import make_batch
from tests.batches.smtp import SmtpServer

ANNA, SUPPORT = "anna@example.org", "support@example.org"


@pytest.fixture
def run(batch: Batch) -> Run:
    return make_run(batch)


def make_run(batch: Batch) -> Run:
    now = timezone.now()
    return Run.objects.create(batch=batch, trigger="command", started_at=now, ended_at=now, outcome="succeeded")


def ended(run: Run, *to: str, status: str = "refused", said: str = "550 no such user", **fields: Any) -> OutgoingEmail:
    """A mail that was tried, with this result at all of its recipients."""
    made = queue(run, to or [ANNA], fields.pop("subject", "Invoice F-1: rejected"), "text")
    at = fields.pop("at", timezone.now())
    made.recipients.update(status=status, detail=said, at=at)
    OutgoingEmail.objects.filter(pk=made.pk).update(status=status, sent_at=at)
    return made


def notices() -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(subject__contains="mail does not reach").order_by("pk"))


def untold() -> list[str]:
    told = Recipient.objects.filter(support_told_at=None, status__in=("given up", "refused", "bounced"))
    return list(told.values_list("address", flat=True))


def test_f32_support_is_told_of_a_refused_recipient_in_the_same_pass(run: Run, smtp: SmtpServer) -> None:
    smtp.refusals = {ANNA: "550 5.1.1 no such user"}
    refused = queue(run, [ANNA], "Invoice F-1: rejected", "text")
    result = deliver_due()
    assert (result.given_up, result.sent) == (1, 1)
    [notice] = smtp.mails
    assert (notice["To"], notice["Subject"]) == (SUPPORT, "TEST: mail does not reach anna@example.org")
    text = notice.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    for words in (ANNA, "refused: 550 5.1.1 no such user", "Mail: Invoice F-1: rejected", "What to do: correct"):
        assert words in text
    assert f"http://127.0.0.1:8000/admin/batches/outgoingemail/{refused.pk}/change/" in text


def test_f32_support_is_told_once_until_a_mail_has_reached_the_address_again(run: Run) -> None:
    ended(run)
    assert tell_support() == 1
    assert tell_support() == 0
    ended(run)
    assert (tell_support(), untold()) == (0, [])
    ended(run, status="sent", said="")
    ended(run)
    assert (tell_support(), len(notices())) == (1, 2)


def test_f32_a_mail_that_is_sent_again_in_vain_tells_nobody_anew(run: Run) -> None:
    ended(run)
    tell_support()
    make_due_again(OutgoingEmail.objects.filter(status="refused"))
    OutgoingEmail.objects.update(status="refused")
    Recipient.objects.filter(address=ANNA).update(status="refused")
    assert tell_support() == 0


def test_f32_one_notice_tells_of_all_addresses_of_a_batch_each_once(run: Run) -> None:
    ended(run, subject="older")
    ended(run, subject="newer")
    ended(run, "bob@example.org", status="bounced", said="mailbox full")
    ended(run, "carl@example.org", status="given up", said="450 later")
    ended(run, "dora@example.org", status="complained")
    assert tell_support() == 1
    [notice] = notices()
    assert notice.subject == "TEST: mail does not reach 3 addresses"
    assert notice.text.count("@example.org\n") == 3
    for words in ("Mail: newer (and 1 more)", "bounced: mailbox full", "given up: 450 later"):
        assert words in notice.text
    assert "dora" not in notice.text


def test_f45_a_notice_of_very_many_addresses_stays_short(run: Run) -> None:
    for number in range(103):
        ended(run, f"m{number}@example.org")
    tell_support()
    [notice] = notices()
    assert (notice.text.count("no such user"), "And 3 more addresses" in notice.text) == (100, True)
    assert untold() == []


def test_f32_no_notice_follows_from_a_notice(run: Run, smtp: SmtpServer) -> None:
    smtp.refusals = {ANNA: "550 no such user", SUPPORT: "550 no such user"}
    queue(run, [ANNA], "subject", "text")
    for _ in range(3):
        deliver_due()
    assert (OutgoingEmail.objects.count(), untold()) == (2, [])
    assert {row.status for row in OutgoingEmail.objects.all()} == {"refused"}


@pytest.mark.parametrize("code", ["BATCH_MAIL_CC", "BATCH_MAIL_CCI"])
def test_f32_support_is_not_told_of_its_own_addresses(run: Run, code: str) -> None:
    run.batch.parameters.create(code=code, value="Copy@example.org")
    ended(run, "copy@example.org")
    assert (tell_support(), untold(), notices()) == (0, [], [])


def test_a_notice_goes_where_error_mails_go(run: Run) -> None:
    values = {"CC": "cc@example.org", "CCI": "bcc@example.org", "FROM": "me@example.org", "REPLY_TO": "re@example.org"}
    for code, value in values.items():
        run.batch.parameters.create(code=f"BATCH_MAIL_{code}", value=value)
    ended(run)
    tell_support()
    [notice] = notices()
    assert (notice.to, notice.cc, notice.bcc, notice.sender, notice.reply_to, notice.run) == (
        [SUPPORT],
        ["cc@example.org"],
        ["bcc@example.org"],
        "me@example.org",
        "re@example.org",
        run,
    )
    assert {row.address for row in notice.recipients.all()} == {SUPPORT, "cc@example.org", "bcc@example.org"}


def test_each_batch_tells_its_own_support(run: Run) -> None:
    other = make_run(make_batch("NIGHT", BATCH_MAIL="night@example.org"))
    ended(run)
    ended(other)
    assert tell_support() == 2
    assert [notice.to for notice in notices()] == [["support@example.org"], ["night@example.org"]]


def test_addresses_wait_until_there_is_somebody_to_tell(run: Run) -> None:
    run.batch.parameters.filter(code="BATCH_MAIL").update(value="not an address")
    ended(run)
    assert (tell_support(), untold()) == (0, [ANNA])
    run.batch.parameters.filter(code="BATCH_MAIL").update(value=SUPPORT)
    assert (tell_support(), untold()) == (1, [])


def test_a_lost_encryption_key_keeps_no_notice_back(run: Run, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["CwNkmDdV6n8j1tfVt6E7u3H4P0Fp7Qf1n8w0M1m3c2U="]
    ended(run)
    assert tell_support() == 1


def test_a_notice_is_in_the_language_of_its_first_reader(run: Run) -> None:
    User.objects.create(username="s", email=SUPPORT, language="fr")
    ended(run, status="given up")
    tell_support()
    assert "\n  abandonné" in OutgoingEmail.objects.latest("pk").text


def test_s12_what_a_server_said_is_inert_in_the_notice(run: Run) -> None:
    ended(run, said="550 <script>alert(1)</script>", subject="<b>F-1</b>")
    tell_support()
    [notice] = notices()
    assert ("<script>" in notice.html, "<b>F" in notice.html) == (False, False)
    assert "<script>alert(1)</script>" in notice.text


def test_mails_of_no_run_have_nobody_to_tell(db: None) -> None:
    made = queue(None, [ANNA], "subject", "text")
    made.recipients.update(status="refused")
    assert tell_support() == 0


def test_f31_a_server_that_is_down_is_not_tried_again_for_the_notice(run: Run, settings: Any) -> None:
    settings.EMAIL_BACKEND = "tests.batches.test_undelivered.Away"
    Away.tries = 0
    queue(run, [ANNA], "subject", "text")
    with time_machine.travel(timezone.now() + datetime.timedelta(days=3.1)):
        assert deliver_due().given_up == 1
    assert (Away.tries, [notice.status for notice in notices()]) == (1, ["due"])


class Away:
    tries = 0

    def __init__(self, **_options: Any) -> None:
        pass

    def open(self) -> None:
        Away.tries += 1
        raise ConnectionRefusedError

    def close(self) -> None:
        pass


@pytest.mark.parametrize(
    ("history", "is_trouble"),
    [
        (["refused"], True),
        (["bounced"], True),
        (["sent", "bounced"], True),
        (["refused", "sent"], False),
        (["bounced", "delivered"], False),
        (["refused", "due"], True),
        (["refused", "given up"], True),
        (["given up"], False),
        (["complained"], False),
        (["due"], False),
        ([], False),
    ],
)
def test_f32_an_address_is_in_trouble_while_its_newest_mail_came_back(
    run: Run, history: Sequence[str], is_trouble: bool
) -> None:
    for status in history:
        ended(run, status=status)
    ended(run, "bob@example.org")
    assert bool(trouble_of(ANNA)) is is_trouble


def test_nobody_without_an_address_is_in_trouble(db: None) -> None:
    assert trouble_of("") is None


def test_s13_the_trouble_of_an_address_is_for_those_who_may_see_the_mail(run: Run) -> None:
    ended(run)
    viewer, stranger = (User.objects.create(username=name, is_staff=True) for name in ("viewer", "stranger"))
    viewer.groups.add(Group.objects.get(name="Viewer"))
    assert (trouble_shown_to(viewer, ANNA), trouble_shown_to(stranger, ANNA)) == (trouble_of(ANNA), None)
    run.batch.display_restricted_to = Group.objects.create(name="Night shift")
    run.batch.save()
    assert trouble_shown_to(viewer, ANNA) is None
