"""recuperer/…: the reference lists."""

from typing import Any

import pytest

from chorus.local_portal import codes
from chorus.local_portal.life.transitions import FOLLOWING
from tests.chorus.local_portal.client import TRANSVERSES, Client


def read(client: Client, name: str, **body: Any) -> list[dict[str, Any]]:
    answer = client.call(f"{TRANSVERSES}/recuperer/{name}", body)
    assert answer.pop("codeRetour") == 0
    answer.pop("libelle")
    (items,) = answer.values()
    return list(items)


@pytest.mark.parametrize(
    ("name", "member", "french", "english"),
    [
        ("devises", "codeDevise", ("CHF", "Franc suisse"), ("CHF", "Swiss franc")),
        ("pays", "codePays", ("DE", "Allemagne"), ("DE", "Germany")),
        ("tauxtva", "codeTauxTva", ("TVA11", "20 % (taux normal)"), ("TVA11", "20 % (standard rate)")),
        (
            "motifs/exonerationtva",
            "codeMotifExonerationTva",
            ("VATEX-EU-AE", "Autoliquidation"),
            ("VATEX-EU-AE", "Reverse charge"),
        ),
        ("motifs/refus/Facture/AValider", "codeMotif", ("AUTRE", "Autre motif"), ("AUTRE", "Other reason")),
        ("typespj", "codeTypePieceJointe", ("03", "Bon de commande"), ("03", "Purchase order")),
    ],
)
def test_words_are_french_unless_english_is_asked_for(
    client: Client, name: str, member: str, french: tuple[str, str], english: tuple[str, str]
) -> None:
    words = member.replace("code", "libelle")
    for language, expected in (({}, french), ({"codeLangue": "FR"}, french), ({"codeLangue": "EN"}, english)):
        found = {item[member]: item[words] for item in read(client, name, **language)}
        assert found[expected[0]] == expected[1]


@pytest.mark.wrong_traffic
def test_a_language_in_small_letters_is_accepted_as_clients_in_production_send_it(client: Client) -> None:
    words = [read(client, "pays", codeLangue=language)[3]["libellePays"] for language in ("fr", "en")]
    assert words == ["Belgique", "Belgium"]


def test_the_rates_of_vat_are_those_of_france(client: Client) -> None:
    values = sorted({rate["valeurTauxTva"] for rate in read(client, "tauxtva")})
    assert values == [0, 0.9, 1.05, 1.75, 2.1, 5.5, 8.5, 10, 13, 20]


@pytest.mark.parametrize(
    ("name", "member"), [("devises", "codeDevise"), ("pays", "codePays"), ("tauxtva", "codeTauxTva")]
)
def test_no_code_is_there_twice(client: Client, name: str, member: str) -> None:
    found = [item[member] for item in read(client, name)]
    assert len(found) == len(set(found))


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("modedepot", codes.DEPOSIT_MODES),
        ("modereglements", codes.PAYMENT_MODES),
        ("typeidentifiant/structure", codes.IDENTIFIER_TYPES),
        ("typedp", ("FACTURE", "FACTURE_TRAVAUX", "MEMOIRE_JUSTICE", "DEMANDE_REMBOURSEMENT")),
        ("formatflux", ("IN_DP_E1_STRUCT", "IN_DP_E2_MIXTE", "IN_DP_E2_FACTURX")),
        ("cadrefacturation", codes.BILLING_FRAMES),
    ],
)
def test_a_list_of_codes_has_all_of_them(client: Client, name: str, found: tuple[str, ...]) -> None:
    assert [next(iter(item.values())) for item in read(client, name)] == list(found)


@pytest.mark.parametrize(
    ("request_type", "first", "count"),
    [
        ("FACTURE", "A1_FACTURE_FOURNISSEUR", 4),
        ("MEMOIRE_JUSTICE", "A3_MEMOIRE_JUSTICE", 1),
        ("DEMANDE_REMBOURSEMENT", "A21_DEMANDE_REMBOURSEMENT_TIC", 1),
        ("FACTURE_TRAVAUX", "A4_PROJET_DECOMPTE_MENSUEL_FOURNISSEUR", 19),
    ],
)
def test_billing_frames_are_those_of_the_type(client: Client, request_type: str, first: str, count: int) -> None:
    found = read(client, "cadrefacturation", typeDemandePaiement=request_type)
    assert (found[0]["codeCadreFacturation"], len(found)) == (first, count)


def test_a_simple_invoice_has_none_of_the_statuses_of_works(client: Client) -> None:
    found = {item["etatDemandePaiement"] for item in read(client, "etat/typedp", typeDemandePaiement="FACTURE")}
    assert {"DEPOSEE", "SUSPENDUE", "MISE_EN_PAIEMENT", "TRANSMISE_MOA"} <= found
    assert not {"A_VALIDER_MOE", "REFUSEE_MOA", "A_ASSOCIER_MOE"} & found
    assert {item["etatDemandePaiement"] for item in read(client, "etat/typedp")} == set(codes.STATUSES)


def test_attachment_types_are_those_of_an_object(client: Client) -> None:
    assert {item["typeObjet"] for item in read(client, "typespj")} == {"FACTURE", "STRUCTURE", "CB"}
    assert {item["typeObjet"] for item in read(client, "typespj", typeObjet="FACTURE")} == {"FACTURE"}
    assert read(client, "typespj", typeObjet="MANDAT") == []


@pytest.mark.parametrize("status", [*FOLLOWING, "REJETEE", "MISE_EN_PAIEMENT"])
def test_what_a_recipient_may_set_is_what_the_matrix_allows(buyer: Client, status: str) -> None:
    found = [item["statutPossiblePourTraitement"] for item in read(buyer, "etats/traitement", statutCourant=status)]
    assert found == list(FOLLOWING.get(status, ()))


def test_without_a_status_all_that_a_recipient_may_ever_set_is_given(buyer: Client) -> None:
    found = {item["statutPossiblePourTraitement"] for item in read(buyer, "etats/traitement")}
    assert found == {status for some in FOLLOWING.values() for status in some}


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("tauxtva", {"codeLangue": "DE"}),
        ("tauxtva", {"langue": "FR"}),
        ("etat/typedp", {"typeDemandePaiement": "DEVIS"}),
        ("etats/traitement", {"statutCourant": "PAYEE"}),
    ],
)
def test_what_a_list_does_not_know_is_malformed(client: Client, name: str, body: dict[str, str]) -> None:
    assert client.post(f"{TRANSVERSES}/recuperer/{name}", body).status_code == 400
