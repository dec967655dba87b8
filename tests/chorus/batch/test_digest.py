"""F45: mails of a mass change are digests: still one, with everything in it, and small enough for mail servers."""

from __future__ import annotations

import datetime
import re
import tracemalloc

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from akuiteo.models import User
from batches.error_mail import Addresses
from batches.models import Batch, OutgoingEmail, Run
from batches.run_log import RunLog
from chorus import alerts
from chorus.alert_mails import DIGEST_ABOVE
from chorus.models import Company, Invoice, StatusChange
from chorus.statuses import DematerializationStatus

REASON = "Le numéro d'engagement est absent ou erroné ; merci de le corriger."
SUPPORT = Addresses.of({"BATCH_MAIL": ("support@example.org",)})


@pytest.fixture
def claire(db: None) -> User:
    return User.objects.create_user("claire", "claire@example.org", language="en")


@pytest.fixture
def run(db: None) -> Run:
    batch = Batch.objects.create(code="CHORUS", label="Every hour", template="CheckFacturesClientChorus")
    return Run.objects.create(batch=batch, trigger="command", started_at=timezone.now())


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(code="ACME", name="Acme", siret="33254021516357")


def change(company: Company, count: int, status: str, manager: User | None, comment: str = REASON) -> None:
    """Let so many invoices reach a status of which their manager is still to be alerted."""
    first = Invoice.objects.count()
    invoices = Invoice.objects.bulk_create(
        Invoice(
            company=company,
            number=f"F-2026-{place:05}",
            date=datetime.date(2026, 11, 1),
            customer="Communauté d'agglomération de Haguenau",
            manager=manager,
            dematerialization_status=DematerializationStatus.TRANSMISSION_DENIED,
            chorus_status=status,
            amount_incl_tax="12345.67",
        )
        for place in range(first, first + count)
    )
    now = timezone.now()
    StatusChange.objects.bulk_create(
        StatusChange(invoice=each, old="DEPOSEE", new=status, at=now, comment=comment, seen_at=now, alert_due=True)
        for each in invoices
    )


def alert(company: Company, run: Run) -> int:
    return alerts.make_alerts([company], run, RunLog(run), SUPPORT)


def only_mail() -> OutgoingEmail:
    return OutgoingEmail.objects.get()


def test_f45_a_few_changes_make_no_digest(company: Company, run: Run, claire: User) -> None:
    change(company, DIGEST_ABOVE, "REJETEE", claire)
    alert(company, run)
    assert only_mail().subject == f"Chorus Pro: the status of {DIGEST_ABOVE} invoices has changed"


def test_f45_a_digest_says_how_many_and_begins_with_counts_the_worst_first(
    company: Company, run: Run, claire: User
) -> None:
    for status, count in {"MISE_EN_PAIEMENT": 40, "SUSPENDUE": 12, "REJETEE": 7, "DEPOSEE": 2}.items():
        change(company, count, status, claire)
    assert alert(company, run) == 1
    mail = only_mail()
    assert mail.subject == "Chorus Pro, digest of 61 status changes: rejected (7)…"
    assert re.findall(r"^(\d+) × .*\((\w+)\)$", mail.text, re.MULTILINE) == [
        ("7", "REJETEE"),
        ("12", "SUSPENDUE"),
        ("2", "DEPOSEE"),
        ("40", "MISE_EN_PAIEMENT"),
    ]
    assert re.findall(r"<h3>.*>(\w+)</small></h3>", mail.html) == [
        "REJETEE",
        "SUSPENDUE",
        "DEPOSEE",
        "MISE_EN_PAIEMENT",
    ]
    in_text = re.findall(r"^F-2026.*\((\w+)\), ", mail.text, re.MULTILINE)
    assert in_text == ["REJETEE"] * 7 + ["SUSPENDUE"] * 12 + ["DEPOSEE"] * 2 + ["MISE_EN_PAIEMENT"] * 40


def test_f45_a_digest_leaves_out_nothing(company: Company, run: Run, claire: User) -> None:
    change(company, DIGEST_ABOVE, "REJETEE", claire)
    change(company, 1, "SUSPENDUE", claire, comment="pièce manquante " * 300)
    alert(company, run)
    mail = only_mail()
    for each in StatusChange.objects.select_related("invoice"):
        [(line, link)] = re.findall(rf"^({each.invoice.number} - .*)\n(.*)$", mail.text, re.MULTILINE)
        words = {"REJETEE": "rejected", "SUSPENDUE": "suspended (document missing)"}[each.new]
        wanted = [
            "Communauté d'agglomération de Haguenau",
            "12,345.67\N{NO-BREAK SPACE}€",
            "DEPOSEE -> ",
            f"{words} ({each.new})",
        ]
        assert [part for part in (*wanted, each.comment.strip()) if part not in line] == []
        assert link.endswith(f"/admin/chorus/invoice/{each.invoice.pk}/change/")
        assert f'<li><a href="{link}">{each.invoice.number}</a> Communaut' in mail.html
    assert mail.html.count("pièce manquante") == 300


def test_f45_s12_text_of_the_portal_is_inert_in_a_digest(company: Company, run: Run, claire: User) -> None:
    change(company, DIGEST_ABOVE + 1, "REJETEE", claire, comment="<script>x</script>\nF-9 - faked")
    alert(company, run)
    assert "<script>" not in only_mail().html
    assert "\nF-9" not in only_mail().text


def test_f45_f33_what_reached_nobody_is_a_digest_too(company: Company, run: Run) -> None:
    change(company, 40, "MISE_EN_PAIEMENT", None)
    change(company, 20, "REJETEE", User.objects.create_user("paul"))
    User.objects.create_user("support", "support@example.org", language="en")
    assert alert(company, run) == 0
    mail = only_mail()
    assert mail.subject == "Chorus Pro: 60 status changes reached nobody"
    expected = [
        "20 × rejected (REJETEE)\n40 × sent for payment",
        "manager paul has no",
        "F-2026-00040 -",
        "No invoice manager:",
    ]
    places = [mail.text.index(words) for words in expected]
    assert places == sorted(places)
    assert mail.text.count("/change/") == mail.html.count("/change/") == 60


def test_f45_the_log_names_some_invoices_and_counts_the_others(company: Company, run: Run) -> None:
    change(company, 60, "REJETEE", None)
    log = RunLog(run)
    alerts.make_alerts([company], run, log, SUPPORT)
    assert "ACME F-2026-00049 (REJETEE) and 10 more: no invoice manager." in log.recent()


def test_f45_what_one_mail_cannot_carry_makes_several_and_each_change_is_in_one(
    company: Company, run: Run, claire: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "LARGEST", 20_000)
    change(company, 60, "REJETEE", claire)
    change(company, 60, "SUSPENDUE", None)
    assert alert(company, run) == 1
    texts = list(OutgoingEmail.objects.values_list("text", flat=True))
    assert len(texts) > 4
    told = [number for text in texts for number in re.findall(r"^(F-2026-\d+) - ", text, re.MULTILINE)]
    assert sorted(told) == sorted(Invoice.objects.values_list("number", flat=True))


def test_f45_a_line_that_is_larger_than_a_mail_should_be_is_told_all_the_same(
    company: Company, run: Run, claire: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "LARGEST", 1)
    change(company, 2, "REJETEE", claire)
    alert(company, run)
    assert OutgoingEmail.objects.count() == 2


def test_f45_a_mass_change_costs_few_queries(company: Company, run: Run, claire: User) -> None:
    change(company, 300, "REJETEE", claire)
    change(company, 300, "REJETEE", None)
    with CaptureQueriesContext(connection) as queries:
        alert(company, run)
    assert len(queries) < 30


@pytest.mark.faults
def test_f45_five_thousand_changes_are_one_mail_that_servers_take(company: Company, run: Run, claire: User) -> None:
    change(company, 5000, "REJETEE", claire)
    assert alert(company, run) == 1
    mail = only_mail()
    assert len(mail.text.encode()) + len(mail.html.encode()) < 3_000_000
    assert mail.text.count("/change/") == mail.html.count("/change/") == 5000


def test_f45_memory_does_not_grow_with_what_is_beyond_one_mail(
    company: Company, run: Run, claire: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerts, "LARGEST", 40_000)  # about 50 lines
    monkeypatch.setattr(alerts, "CHUNK", 20)
    alert(company, run)  # templates are loaded once
    peaks = []
    for count in (50, 300):
        change(company, count, "REJETEE", claire)
        tracemalloc.start()
        alert(company, run)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert OutgoingEmail.objects.count() > 6
    assert peaks[1] < 2 * peaks[0]
