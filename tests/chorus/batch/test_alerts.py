"""Rule 8: alerts to invoice managers, one message for each and run, one line for each invoice, once."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.db import Error
from pytest_django import Settings

from akuiteo.models import User
from batches import outbox
from batches.models import OutgoingEmail, Run
from chorus import alerts
from chorus.models import Company, StatusChange
from tests.chorus.batch.conftest import World


@pytest.fixture(autouse=True)
def alerting(world: World) -> None:
    world.set(ALERTER_RESPONSABLE_FACTURE="True", LISTE_ETATS_CHORUS_A_ALERTER="REJETEE;MISE_EN_PAIEMENT")


def sent() -> list[Any]:
    return mail.outbox


def test_rule_8_the_manager_is_told_all_that_matters(world: World, acme: Company, claire: User) -> None:
    claire.language = "en"
    claire.save()
    invoice = world.deposit(acme, "F-1", manager=claire, amount_incl_tax="1234.56")
    world.run()
    world.move(invoice, "REJETEE", comment="Facture en double")
    world.run()
    (alert,) = sent()
    assert alert.to == ["claire@example.org"]
    link = f"/admin/chorus/invoice/{StatusChange.objects.latest('pk').invoice_id}/change/"
    expected = ["F-1", "Mairie de Lyon", "1,234.56", "deposited (DEPOSEE)", "rejected (REJETEE)", "Facture en double"]
    assert [words for words in (*expected, link) if words not in alert.body] == []


def test_rule_8_one_message_for_each_manager_and_one_line_for_each_invoice(
    world: World, acme: Company, claire: User
) -> None:
    john = User.objects.create_user("john", "john@example.org")
    for place in range(3):
        world.deposit(acme, f"F-{place}", status="REJETEE", comment="Doublon", manager=claire)
    world.deposit(acme, "F-9", status="MISE_EN_PAIEMENT", manager=john)
    result = world.run()
    assert result.counts["alerts"] == 2
    assert sorted((alert.to[0], alert.body.count("F-")) for alert in sent()) == [
        ("claire@example.org", 3),
        ("john@example.org", 1),
    ]


def test_rule_8_other_statuses_alert_nobody(world: World, acme: Company, claire: User) -> None:
    world.deposit(acme, "F-1", status="SUSPENDUE", comment="Pièce manquante", manager=claire)
    assert world.run().counts["alerts"] == 0
    assert not sent()


def test_rule_8_alerts_can_be_switched_off(world: World, acme: Company, claire: User) -> None:
    world.set(ALERTER_RESPONSABLE_FACTURE="False")
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=claire)
    world.run()
    assert not sent()


def test_rule_8_nobody_is_alerted_twice_of_one_change(world: World, acme: Company, claire: User) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=claire)
    world.run()
    assert world.run().counts["alerts"] == 0
    assert len(sent()) == 1


@pytest.mark.parametrize(
    ("manager", "why"),
    [
        ({}, "The invoice manager paul has no e-mail address: enter one, or assign another manager."),
        (
            {"email": "gone@example.org", "is_active": False},
            "The invoice manager paul is inactive: assign another one.",
        ),
        (None, "No invoice manager: assign one to each of these invoices."),
    ],
)
def test_f33_rule_8_a_manager_who_cannot_be_reached_is_a_warning_and_support_gets_the_change(
    world: World, acme: Company, manager: dict[str, Any] | None, why: str
) -> None:
    User.objects.filter(username="batch").update(language="en")
    user = None if manager is None else User.objects.create_user("paul", **manager)
    world.set(BATCH_MAIL_CCI="archive@example.org", BATCH_MAIL_FROM="batch@example.org")
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=user)
    result = world.run()
    (warning,) = Run.objects.get().log_lines.filter(level="WARN")
    assert (result.exit_code, result.counts["alerts"]) == (0, 0)
    assert "ACME F-1 (REJETEE)" in warning.text
    (copy,) = sent()
    assert (copy.to, copy.bcc, copy.from_email) == (
        ["support@example.org"],
        ["archive@example.org"],
        "batch@example.org",
    )
    assert copy.subject == "Chorus Pro: 1 status change reached nobody"
    link = f"/admin/chorus/invoice/{StatusChange.objects.get().invoice_id}/change/"
    expected = [why, "F-1 - Mairie de Lyon", "Now rejected (REJETEE)", "Doublon", link, "/invoice/?alerts=none"]
    assert [words for words in expected if words not in copy.body] == []
    world.run()
    assert len(sent()) == 1


def test_f33_support_gets_one_message_of_all_that_reached_nobody_by_manager(
    world: World, acme: Company, claire: User
) -> None:
    User.objects.filter(username="batch").update(language="en")
    paul = User.objects.create_user("paul")
    for number, manager in {"F-1": paul, "F-2": None, "F-3": claire, "F-4": paul}.items():
        world.deposit(acme, number, status="REJETEE", comment="Doublon", manager=manager)
    assert world.run().counts["alerts"] == 1
    copy = next(mail for mail in sent() if mail.to == ["support@example.org"])
    assert copy.subject == "Chorus Pro: 3 status changes reached nobody"
    places = [copy.body.index(words) for words in ("manager paul has no", "F-1", "F-4", "No invoice manager:", "F-2")]
    assert places == sorted(places)
    assert "F-3" not in copy.body
    assert Run.objects.get().log_lines.filter(level="WARN").count() == 2


def test_f33_a_change_that_reached_nobody_has_no_alert(world: World, acme: Company) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon")
    world.run()
    change = StatusChange.objects.get()
    assert (change.alert, change.alert_due) == (None, False)


@pytest.mark.parametrize("manager", ["claire", None])
def test_f02_f33_a_change_is_settled_in_one_transaction_with_its_mail(
    world: World, acme: Company, claire: User, monkeypatch: pytest.MonkeyPatch, manager: str | None
) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=claire if manager else None)
    with monkeypatch.context() as patch:
        patch.setattr(alerts, "reached", _die)
        world.run()
    assert StatusChange.objects.get().alert_due
    assert [mail.subject for mail in sent() if "F-1" in mail.body] == []
    world.run()
    assert len([mail for mail in sent() if "F-1" in mail.body]) == 1


def test_rule_8_a_run_that_dies_before_it_alerts_leaves_the_alert_to_the_next_one(
    world: World, acme: Company, claire: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=claire)
    with monkeypatch.context() as patch:
        patch.setattr(alerts, "make_alerts", _die)
        assert world.run().exit_code == 1
    assert StatusChange.objects.get().alert_due
    world.run()
    world.run()
    assert [alert.to for alert in sent() if alert.to == ["claire@example.org"]] == [["claire@example.org"]]


def _die(*_args: object) -> int:
    raise RuntimeError("killed")


def test_rule_8_an_alert_whose_mail_cannot_be_made_stays_due(
    world: World, acme: Company, claire: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=claire)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "queue", _refuse)
        world.run()
    assert StatusChange.objects.get().alert_due
    assert world.run().counts["alerts"] == 1


def _refuse(*_args: object, **_kwargs: object) -> OutgoingEmail:
    raise Error("no space left")


def test_rule_8_the_change_knows_its_alert(world: World, acme: Company, claire: User) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=claire)
    world.run()
    change = StatusChange.objects.get()
    assert (change.alert, change.alert_due) == (OutgoingEmail.objects.get(), False)


def test_alerts_speak_the_managers_language(world: World, acme: Company, claire: User) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=claire, amount_incl_tax="1234.56")
    world.run()
    (alert,) = sent()
    assert "rejetée (REJETEE)" in alert.body
    assert "1 234,56 €" in alert.body.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert '<html lang="fr">' in alert.alternatives[0][0]


def test_alerts_are_told_to_be_automatic_and_keep_their_message_id(world: World, acme: Company, claire: User) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=claire)
    world.run()
    (alert,) = sent()
    assert alert.extra_headers["Auto-Submitted"] == "auto-generated"
    assert alert.extra_headers["Message-ID"] == OutgoingEmail.objects.get().message_id


def test_s12_html_of_the_portal_and_of_the_erp_is_inert_in_the_mail(world: World, acme: Company, claire: User) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="<script>alert(1)</script>", manager=claire)
    world.run()
    (alert,) = sent()
    assert "<script>" not in alert.alternatives[0][0]
    assert "<script>alert(1)</script>" in alert.body


def test_s12_line_breaks_of_the_portal_cannot_fake_a_line_of_the_mail(
    world: World, acme: Company, claire: User
) -> None:
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon\nF-2 - Mairie - 0 €", manager=claire)
    world.run()
    (alert,) = sent()
    assert "\nF-2" not in alert.body


def test_a_reason_that_could_not_be_read_is_said_to_be_missing(
    world: World, acme: Company, claire: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chorus.portal.client import ChorusClient
    from chorus.portal.errors import UnexpectedAnswer

    def refuse(*_args: object) -> None:
        raise UnexpectedAnswer("consulter/historique", "no")

    monkeypatch.setattr(ChorusClient, "history", refuse)
    claire.language = "en"
    claire.save()
    world.deposit(acme, "F-1", status="REJETEE", manager=claire)
    assert world.run().exit_code == 3
    assert "could not be read yet" in next(alert.body for alert in sent() if alert.to == ["claire@example.org"])


def test_a_mail_server_that_is_down_delays_the_alert_and_not_the_run(
    world: World, acme: Company, claire: User, settings: Settings
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9  # nothing listens there
    world.deposit(acme, "F-1", status="REJETEE", comment="Doublon", manager=claire)
    assert world.run().exit_code == 0
    waiting = OutgoingEmail.objects.get()
    assert (waiting.status, waiting.attempts) == (OutgoingEmail.Status.DUE, 1)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    world.run()
    assert sent()[0].extra_headers["Message-ID"] == waiting.message_id
