"""CheckFacturesClientChorus, rule by rule, against a local Chorus Pro over HTTP."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest
from django.core import mail
from flask import Response
from pytest_django import Settings

from akuiteo.models import User
from akuiteo.secrets import Secret
from batches.models import Outcome, OutgoingEmail, Run
from chorus.batch_templates import CheckFacturesClientChorus
from chorus.local_portal.faults import Fault, parse_json
from chorus.local_portal.http.replies import json_reply
from chorus.models import ChorusConnection, Company, Invoice, StatusChange
from chorus.statuses import ALERTABLE, ChorusStatus
from tests.chorus.batch.conftest import World

PAGE_OF_THE_REFERENCE = [
    "ALERTER_RESPONSABLE_FACTURE",
    "BATCH_DEBUG_PARAMS",
    "BATCH_LOG_CONSOLE",
    "BATCH_LOG_FILE",
    "BATCH_LOG_ID",
    "BATCH_LOG_LEVEL",
    "BATCH_MAIL",
    "BATCH_MAIL_CC",
    "BATCH_MAIL_CCI",
    "BATCH_MAIL_FROM",
    "BATCH_MAIL_REPLY_TO",
    "BATCH_PWD",
    "BATCH_USER",
    "LISTE_ETATS_CHORUS_A_ALERTER",
    "LISTE_SOCIETES_A_TRAITER",
]


def log(level: str = "") -> str:
    lines = Run.objects.latest("pk").log_lines.all()
    return "\n".join(line.text for line in (lines.filter(level=level) if level else lines))


def status(number: str) -> str:
    return Invoice.objects.get(number=number).chorus_status


def test_the_template_declares_the_15_parameters_of_the_reference_page() -> None:
    declared = CheckFacturesClientChorus().declared()
    assert sorted(declared) == PAGE_OF_THE_REFERENCE
    assert sorted(code for code, each in declared.items() if each.required) == ["BATCH_MAIL", "BATCH_PWD", "BATCH_USER"]


def test_the_statuses_that_may_alert_are_the_11_of_the_reference_page() -> None:
    kind = CheckFacturesClientChorus().declared()["LISTE_ETATS_CHORUS_A_ALERTER"].kind
    codes = [code for code, _words in kind.options()]
    assert set(codes) == ALERTABLE
    assert len(codes) == 11


def test_f37_rule_1_a_refused_user_touches_nothing_and_mails_the_log(world: World, acme: Company) -> None:
    world.deposit(acme, "F-1")
    world.set(BATCH_USER="nobody")
    result = world.run()
    assert (result.exit_code, result.outcome, status("F-1")) == (77, Outcome.REFUSED, "")
    assert "nobody" in mail.outbox[0].body.splitlines()[0]


@pytest.mark.parametrize(
    ("parameter", "value", "words"),
    [
        ("LISTE_SOCIETES_A_TRAITER", "ACME;NOWHERE", ["LISTE_SOCIETES_A_TRAITER", "NOWHERE"]),
        ("LISTE_ETATS_CHORUS_A_ALERTER", "REJETEE;SERVICE_FAIT", ["SERVICE_FAIT", "MISE_EN_PAIEMENT"]),
        ("ALERTER_RESPONSABLE_FACTURE", "maybe", ["ALERTER_RESPONSABLE_FACTURE", "maybe", "Vrai"]),
        ("BATCH_LOG_LEVEL", "LOG;WARM", ["BATCH_LOG_LEVEL", "WARM", "DEBUG, LOG, WARN, ERROR"]),
        ("BATCH_MAIL_CC", "support@example", ["BATCH_MAIL_CC", "support@example", "support@example.org"]),
    ],
)
def test_f36_rule_2_a_wrong_parameter_is_refused_before_any_call_and_named_in_the_mail(
    world: World, acme: Company, parameter: str, value: str, words: list[str]
) -> None:
    world.deposit(acme, "F-1")
    world.set(**{parameter: value})
    result = world.run()
    assert (result.exit_code, result.counts["requests"]) == (78, 0)
    assert all(word in str(result.errors[0]) for word in words)
    assert all(word in mail.outbox[0].body for word in words)
    assert status("F-1") == ""


def test_f36_rule_2_blanks_and_case_are_tolerated(world: World, acme: Company) -> None:
    world.deposit(acme, "F-1")
    world.set(
        LISTE_SOCIETES_A_TRAITER=" ACME ; ",
        LISTE_ETATS_CHORUS_A_ALERTER="rejetee ; Mise_en_paiement",
        ALERTER_RESPONSABLE_FACTURE="VRAI",
    )
    assert world.run().exit_code == 0


@pytest.mark.parametrize("text", ["", "*****", "ACME;*****"])
def test_rule_3_no_list_and_stars_mean_all_companies_and_the_log_says_so(
    world: World, acme: Company, text: str
) -> None:
    other = world.add_company("OTHER", "50000000000014")
    world.deposit(acme, "F-1")
    world.deposit(other, "G-1")
    world.set(LISTE_SOCIETES_A_TRAITER=text)
    result = world.run()
    assert (result.counts["companies"], status("F-1"), status("G-1")) == (2, "DEPOSEE", "DEPOSEE")
    assert "All companies" in log()


def test_rule_3_only_the_listed_companies_are_followed(world: World, acme: Company) -> None:
    other = world.add_company("OTHER", "50000000000014")
    world.deposit(acme, "F-1")
    world.deposit(other, "G-1")
    world.set(LISTE_SOCIETES_A_TRAITER="OTHER")
    world.run()
    assert (status("F-1"), status("G-1")) == ("", "DEPOSEE")


def test_rule_3_a_company_that_was_left_out_for_a_while_has_lost_nothing(world: World, acme: Company) -> None:
    """Two companies share a connection, but not how far they were read."""
    ChorusConnection.objects.all().delete()
    other = world.add_company("OTHER", "50000000000014", connected=False)
    world.connect(None)
    world.deposit(acme, "F-1")
    moved = world.deposit(other, "G-1")
    world.run()
    world.move(moved, "MANDATEE")
    world.set(LISTE_SOCIETES_A_TRAITER="ACME")
    world.now += timedelta(days=40)
    world.deposit(acme, "F-2")
    world.run()
    world.set(LISTE_SOCIETES_A_TRAITER="*****")
    world.run()
    assert status("G-1") == "MANDATEE"


def test_rule_3_a_company_without_an_enabled_connection_takes_that_of_all(world: World) -> None:
    own = world.add_company("OWN", "33254021516357")
    without = world.add_company("NONE", "50000000000014", connected=False)
    disabled = world.add_company("OFF", "60000000000025", connected=False)
    world.connect(disabled, login="TECH_OFF@cpro.fr", enabled=False)
    world.connect(None)
    for company in (own, without, disabled):
        world.deposit(company, f"F-{company.code}")
    result = world.run()
    assert (result.exit_code, result.counts["changed"], result.counts["companies"]) == (0, 3, 3)
    assert result.counts["requests"] <= 1 + 2  # one token for the application, one call a connection


def test_rule_3_a_company_with_no_connection_at_all_is_skipped_with_a_warning(world: World, acme: Company) -> None:
    world.add_company("NONE", "50000000000014", connected=False)
    world.deposit(acme, "F-1")
    result = world.run()
    assert (result.exit_code, result.counts["companies"]) == (0, 1)
    assert "NONE is skipped" in log("WARN")


def test_f38_rule_3_without_any_company_there_is_nothing_to_do(world: World) -> None:
    result = world.run()
    assert (result.exit_code, result.outcome) == (0, Outcome.SUCCEEDED)
    assert "nothing to do" in result.summary


def test_rule_5_a_run_writes_what_has_changed_and_keeps_its_counts(world: World, acme: Company) -> None:
    first = world.deposit(acme, "F-1")
    world.deposit(acme, "F-2", status="MISE_EN_PAIEMENT")
    world.run()
    world.move(first, "MANDATEE")
    result = world.run()
    assert {key: result.counts[key] for key in ("checked", "changed", "final")} == {
        "checked": 1,
        "changed": 1,
        "final": 0,
    }
    assert Run.objects.latest("pk").counts["changed"] == 1
    assert StatusChange.objects.get(new="MANDATEE").old == "DEPOSEE"


def test_rule_9_a_bad_connection_stops_no_other_and_names_its_companies(world: World, acme: Company) -> None:
    bad = world.add_company("BAD", "50000000000014")
    ChorusConnection.objects.filter(company=bad).update(technical_login="TECH_WRONG@cpro.fr")
    world.deposit(acme, "F-1")
    world.deposit(bad, "G-1")
    result = world.run()
    assert (result.exit_code, result.outcome, status("F-1")) == (3, Outcome.PARTIAL, "DEPOSEE")
    assert [error.company for error in result.errors] == ["BAD"]
    assert "TECH_WRONG@cpro.fr" in result.errors[0].message


def test_rule_9_where_no_connection_works_the_portal_is_unavailable(world: World, acme: Company) -> None:
    ChorusConnection.objects.update(technical_login="TECH_WRONG@cpro.fr")
    world.deposit(acme, "F-1")
    result = world.run()
    assert (result.exit_code, result.outcome) == (69, Outcome.FAILED)


def test_rule_9_two_connections_with_one_account_are_one_to_the_portal(world: World, acme: Company) -> None:
    other = world.add_company("OTHER", "50000000000014", connected=False)
    ChorusConnection.objects.create(
        company=other,
        environment="local",
        piste_client_id="test",
        piste_client_secret=Secret.of("canary-piste-secret"),
        technical_login="TECH_ACME@cpro.fr",
    )
    ChorusConnection.objects.update(technical_password=Secret.of("wrong password"))
    world.deposit(acme, "F-1")
    world.deposit(other, "G-1")
    result = world.run()
    assert (result.exit_code, [error.company for error in result.errors]) == (69, ["ACME", "OTHER"])
    assert result.counts["requests"] <= 2 + 2  # a token and a search, each once more: as for one


class NotEntitled(Fault):
    """A search that this account may not make, though its connection works."""

    kind = "not-entitled"
    decides = True

    def before(self, now: datetime) -> Response:
        return json_reply(200, {"codeRetour": 20001, "libelle": "GDP_MSG_11.005"})


@pytest.mark.wrong_traffic
@pytest.mark.parametrize("path", ["/api/oauth/token", "/cpro/factures/v1/rechercher/fournisseur"])
def test_rule_9_a_connection_that_is_redirected_does_not_work(world: World, acme: Company, path: str) -> None:
    world.portal.faults.add([parse_json({"kind": "redirect", "path": path, "to": "http://127.0.0.1:9/"})])
    world.deposit(acme, "F-1")
    result = world.run()
    assert (result.exit_code, result.outcome) == (69, Outcome.FAILED)


def test_rule_9_a_search_that_the_portal_refuses_is_an_error_of_a_connection_that_works(
    world: World, acme: Company
) -> None:
    world.portal.faults.add([NotEntitled(path="/cpro/factures/v1/rechercher/fournisseur")])
    world.deposit(acme, "F-1")
    result = world.run()
    assert (result.exit_code, result.outcome) == (3, Outcome.PARTIAL)
    assert "GDP_MSG_11.005" in result.errors[0].message


def test_rule_10_a_partial_run_mails_its_log_and_says_first_what_is_wrong(world: World, acme: Company) -> None:
    bad = world.add_company("BAD", "50000000000014")
    ChorusConnection.objects.filter(company=bad).update(technical_login="TECH_WRONG@cpro.fr")
    world.deposit(acme, "F-1")
    world.deposit(bad, "G-1")
    world.run()
    (sent,) = mail.outbox
    assert "BAD" in sent.body.splitlines()[0]
    assert "F-1: - -> DEPOSEE" in str(sent.attachments[0])


def test_rule_10_a_run_that_succeeds_mails_no_log(world: World, acme: Company) -> None:
    world.deposit(acme, "F-1")
    world.run()
    assert not OutgoingEmail.objects.exists()


def test_an_unreadable_secret_ends_the_run_before_the_first_call(world: World, acme: Company) -> None:
    world.deposit(acme, "F-1")
    ChorusConnection.objects.update(technical_password=Secret("encrypted with a key that is lost"))
    result = world.run()
    assert (result.exit_code, result.counts["requests"]) == (78, 0)
    assert "FIELD_ENCRYPTION_KEYS" in str(result.errors[0])


def test_a_company_of_the_command_line_narrows_the_run(world: World, acme: Company) -> None:
    other = world.add_company("OTHER", "50000000000014")
    world.deposit(acme, "F-1")
    world.deposit(other, "G-1")
    world.run(companies=["OTHER"])
    assert (status("F-1"), status("G-1")) == ("", "DEPOSEE")


@pytest.mark.parametrize("listed", ["*****", "ACME"])
def test_a_company_that_the_batch_does_not_have_is_bad_usage(world: World, acme: Company, listed: str) -> None:
    world.set(LISTE_SOCIETES_A_TRAITER=listed)
    result = world.run(companies=["NOWHERE"])
    assert result.exit_code == 2
    assert "NOWHERE" in str(result.errors[0])


def test_a_run_that_is_told_to_stop_stops_and_the_next_one_does_the_rest(world: World, acme: Company) -> None:
    world.deposit(acme, "F-1")
    stop = threading.Event()
    stop.set()
    result = world.run(stop=stop)
    assert result.outcome == Outcome.STOPPED
    assert world.run().counts["changed"] == 1


def test_a_dry_run_shows_what_would_change_and_writes_and_sends_nothing(world: World, acme: Company) -> None:
    manager = User.objects.create_user("claire", "claire@example.org")
    nobody = User.objects.create_user("paul")
    world.deposit(acme, "F-1", status="REJETEE", manager=manager)
    world.deposit(acme, "F-2", status="REJETEE", manager=nobody)
    world.deposit(acme, "F-3")
    world.set(ALERTER_RESPONSABLE_FACTURE="True", LISTE_ETATS_CHORUS_A_ALERTER="REJETEE")
    shown: list[str] = []
    result = world.run(dry_run=True, show=shown.append)
    assert (result.counts["changed"], result.counts["alerts"], result.run_id) == (3, 1, None)
    assert "claire@example.org" in next(line for line in shown if "F-1" in line)
    assert "alert to nobody" in next(line for line in shown if "F-2" in line)
    assert not Run.objects.exists()
    assert not StatusChange.objects.exists()
    assert not mail.outbox


def test_a_dry_run_counts_what_the_run_then_counts(world: World, acme: Company) -> None:
    for number in ("F-1", "F-2"):
        world.deposit(acme, number, status="SUSPENDUE", comment="Pièce manquante")
    would_be, was = world.run(dry_run=True).counts, world.run().counts
    # The token is shared within the process: the second of the two did without a call.
    assert {**would_be, "requests": 0} == {**was, "requests": 0}


def test_the_final_statuses_are_a_setting(world: World, acme: Company, settings: Settings) -> None:
    settings.CHORUS_FINAL_STATUSES = ["MISE_EN_PAIEMENT"]
    suspended = world.deposit(acme, "F-1", status="SUSPENDUE", comment="Pièce manquante")
    world.run()
    world.move(suspended, "COMPLETEE")
    world.run()
    assert status("F-1") == "COMPLETEE"


def test_every_chorus_status_has_words() -> None:
    assert all(str(each.label) not in ("", each.value) for each in ChorusStatus)
