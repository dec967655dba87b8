"""Which invoices the portal takes, and with which words it refuses the others."""

import dataclasses
import datetime
from typing import Any

import pytest

from chorus.local_portal.deposits import integration
from chorus.local_portal.deposits.integration import Deposit
from chorus.local_portal.deposits.judging import Directory, KnownService, KnownStructure, Rule, judge, judge_all
from chorus.local_portal.deposits.records import DepositedInvoice

ACME = KnownStructure(1, "ACME")
CLOSED = KnownStructure(2, "CLOSED", active=False)
STRANGER = KnownStructure(3, "STRANGER")
CITY = KnownStructure(11, "CITY", services={})
CLOSED_CITY = KnownStructure(12, "CLOSED_CITY", active=False, services={})
COMMITMENT_CITY = KnownStructure(13, "COMMITMENT_CITY", commitment_required=True, services={})
SERVICES = {
    "OPEN": KnownService(active=True, commitment_required=False),
    "CLOSED": KnownService(active=False, commitment_required=False),
    "STRICT": KnownService(active=True, commitment_required=True),
}
SERVICE_CITY = KnownStructure(14, "SERVICE_CITY", service_required=True, services=SERVICES)
FREE_CITY = KnownStructure(15, "FREE_CITY", services=SERVICES)

DIRECTORY = Directory(
    suppliers={each.siret: each for each in (ACME, CLOSED, STRANGER)},
    recipients={each.siret: each for each in (CITY, CLOSED_CITY, COMMITMENT_CITY, SERVICE_CITY, FREE_CITY)},
    entitled=frozenset({ACME.id, CLOSED.id}),
    used=frozenset({(ACME.id, "F-OLD"), (STRANGER.id, "F-THEIRS")}),
)


def invoice(**different: Any) -> DepositedInvoice:
    good = DepositedInvoice(
        number="F-1",
        date=datetime.date(2026, 11, 20),
        supplier=["ACME"],
        recipient=["CITY"],
        billing_mode="A1",
        vat_categories=["S"],
    )
    return dataclasses.replace(good, **different)


def breaches(**different: Any) -> list[tuple[Rule, str]]:
    return [(breach.rule, breach.text) for breach in judge(invoice(**different), DIRECTORY).breaches]


def test_a_good_invoice_breaks_nothing() -> None:
    judgement = judge(invoice(), DIRECTORY)
    assert judgement.breaches == []
    assert (judgement.supplier, judgement.recipient) == (ACME, CITY)


@pytest.mark.parametrize(
    ("different", "rule", "text"),
    [
        ({"number": None}, Rule.NUMBER_MISSING, "Le numéro de la facture est absent."),
        ({"number": "F-OLD"}, Rule.NUMBER_USED, "La facture F-OLD a déjà été déposée par le fournisseur ACME."),
        ({"date": None}, Rule.DATE_MISSING, "La date de la facture est absente."),
        ({"supplier": []}, Rule.SUPPLIER_MISSING, "L'identifiant fournisseur est absent."),
        (
            {"supplier": ["NOBODY", "FR1"]},
            Rule.SUPPLIER_UNKNOWN,
            "L'identifiant fournisseur NOBODY n'est pas référencé dans notre système.",
        ),
        ({"supplier": ["CLOSED"]}, Rule.SUPPLIER_INACTIVE, "La structure fournisseur CLOSED n'est plus active."),
        (
            {"supplier": ["STRANGER"]},
            Rule.NOT_ENTITLED,
            "Le déposant n'est pas habilité à déposer pour le fournisseur STRANGER.",
        ),
        ({"recipient": []}, Rule.RECIPIENT_MISSING, "L'identifiant destinataire est absent."),
        (
            {"recipient": ["NOBODY"]},
            Rule.RECIPIENT_UNKNOWN,
            "L'identifiant destinataire NOBODY n'est pas référencé dans notre système.",
        ),
        (
            {"recipient": ["ACME"]},
            Rule.RECIPIENT_UNKNOWN,
            "L'identifiant destinataire ACME n'est pas référencé dans notre système.",
        ),
        (
            {"recipient": ["CLOSED_CITY"]},
            Rule.RECIPIENT_INACTIVE,
            "La structure destinataire CLOSED_CITY n'est plus active.",
        ),
        (
            {"recipient": ["COMMITMENT_CITY"]},
            Rule.COMMITMENT_MISSING,
            "Le numéro d'engagement est obligatoire pour le destinataire COMMITMENT_CITY.",
        ),
        (
            {"recipient": ["SERVICE_CITY"]},
            Rule.SERVICE_MISSING,
            "Le code service est obligatoire pour le destinataire SERVICE_CITY.",
        ),
        (
            {"recipient": ["SERVICE_CITY"], "service": "X"},
            Rule.SERVICE_UNKNOWN,
            "Le code service X n'est pas référencé pour le destinataire SERVICE_CITY.",
        ),
        (
            {"recipient": ["FREE_CITY"], "service": "X"},
            Rule.SERVICE_UNKNOWN,
            "Le code service X n'est pas référencé pour le destinataire FREE_CITY.",
        ),
        (
            {"recipient": ["SERVICE_CITY"], "service": "CLOSED"},
            Rule.SERVICE_INACTIVE,
            "Le service CLOSED du destinataire SERVICE_CITY n'est plus actif.",
        ),
        (
            {"recipient": ["FREE_CITY"], "service": "STRICT"},
            Rule.COMMITMENT_MISSING,
            "Le numéro d'engagement est obligatoire pour le destinataire FREE_CITY.",
        ),
        (
            {"vat_categories": ["S", None]},
            Rule.VAT_WRONG,
            "La catégorie de TVA (BT-118) est absente d'une ligne du récapitulatif de TVA.",
        ),
    ],
)
def test_a_rule_that_is_broken_is_told_alone(different: dict[str, Any], rule: Rule, text: str) -> None:
    assert breaches(**different) == [(rule, text)]


@pytest.mark.parametrize(
    "different",
    [
        {"recipient": ["COMMITMENT_CITY"], "commitment_number": "E-1"},
        {"recipient": ["SERVICE_CITY"], "service": "OPEN"},
        {"recipient": ["FREE_CITY"]},
        {"recipient": ["FREE_CITY"], "service": "STRICT", "commitment_number": "E-1"},
        {"number": "F-THEIRS"},
        {"supplier": ["SOMETHING", "ACME"], "recipient": ["SOMETHING", "CITY"]},
        {"vat_categories": []},
    ],
)
def test_what_is_asked_for_is_enough(different: dict[str, Any]) -> None:
    assert breaches(**different) == []


def test_the_reference_of_a_buyer_without_services_is_no_service_code() -> None:
    assert judge(invoice(service="Madame Martin"), DIRECTORY).service is None


@pytest.mark.parametrize("number", ["A", "F-2026/001_2+B", "018304 / 28865", "12345678901234567890"])
def test_numbers_that_are_accepted(number: str) -> None:
    assert breaches(number=number) == []


@pytest.mark.parametrize("number", ["123456789012345678901", "F#1", "FACTURE.1", "É1", "F\n1", "F:1"])
def test_numbers_that_are_refused(number: str) -> None:
    assert [rule for rule, _ in breaches(number=number)] == [Rule.NUMBER_WRONG]


@pytest.mark.parametrize(
    ("mode", "frame"),
    [
        (None, "A1_FACTURE_FOURNISSEUR"),
        ("A1", "A1_FACTURE_FOURNISSEUR"),
        ("A2", "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"),
        ("A9", "A9_FACTURE_SOUSTRAITANT"),
        ("A12", "A12_FACTURE_COTRAITANT"),
        ("A2_FACTURE_FOURNISSEUR_DEJA_PAYEE", "A2_FACTURE_FOURNISSEUR_DEJA_PAYEE"),
        ("urn:fdc:peppol.eu:2017:poacc:billing:01:1.0", "A1_FACTURE_FOURNISSEUR"),
    ],
)
def test_billing_modes_of_a_supplier_and_of_other_specifications_are_accepted(mode: str | None, frame: str) -> None:
    judgement = judge(invoice(billing_mode=mode), DIRECTORY)
    assert (judgement.frame, judgement.breaches) == (frame, [])


@pytest.mark.parametrize("mode", ["A0", "A26", "B1", "S1", "a1", "A1_", "A3", "A4", "A17", "A21", "FACTURE"])
def test_other_billing_modes_are_refused(mode: str) -> None:
    assert breaches(billing_mode=mode) == [(Rule.FRAME_WRONG, f"Le cadre de facturation {mode} n'est pas accepté.")]


def test_all_that_is_broken_is_told() -> None:
    different = {"number": "F#1", "recipient": ["COMMITMENT_CITY"], "billing_mode": "B1"}
    assert [rule for rule, _ in breaches(**different)] == [
        Rule.NUMBER_WRONG,
        Rule.COMMITMENT_MISSING,
        Rule.FRAME_WRONG,
    ]


def test_a_number_is_taken_once_in_a_flow_and_a_refused_invoice_takes_none() -> None:
    flow = [invoice(recipient=["NOBODY"]), invoice(), invoice(), invoice(number="F-2")]
    rules = [[breach.rule for breach in judgement.breaches] for judgement in judge_all(flow, DIRECTORY)]
    assert rules == [[Rule.RECIPIENT_UNKNOWN], [], [Rule.NUMBER_USED], []]


def test_an_invoice_that_breaks_a_rule_never_becomes_one_of_the_portal_s() -> None:
    bad = invoice(date=None)
    with pytest.raises(ValueError, match="F-1 was not judged good"):
        integration.record(bad, judge(bad, DIRECTORY), Deposit("login", "UPLOAD_API", 0), 0)


def test_a_value_of_any_length_does_not_drown_the_message() -> None:
    ((_, text),) = breaches(recipient=["X" * 10_000])
    assert len(text) < 150
