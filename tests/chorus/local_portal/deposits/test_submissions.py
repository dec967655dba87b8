"""soumettre: an invoice is typed in, or sent as a PDF, and taken or refused at once."""

import base64
import datetime
from typing import Any

import pytest

from chorus.local_portal.state.records import Service, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import READ, Client
from tests.chorus.local_portal.deposits.depositor import SUBMIT, Depositor
from tests.chorus.local_portal.deposits.files import ACME, CITY, COMMITMENT_CITY, SERVICE_CITY

ACME_ID, OTHER_SUPPLIER_ID = 26073617, 26073618
LINE = {
    "lignePosteNumero": 1,
    "lignePosteReference": "C1",
    "lignePosteDenomination": "Conseil",
    "lignePosteQuantite": 2,
    "lignePosteUnite": "HUR",
    "lignePosteMontantUnitaireHT": 50.5,
    "lignePosteMontantRemiseHT": 0,
    "lignePosteTauxTva": "TVA11",
}
VAT = {"ligneTvaTaux": "TVA11", "ligneTvaMontantBaseHtParTaux": 101, "ligneTvaMontantTvaParTaux": 20.2}


def body(**different: Any) -> dict[str, Any]:
    return {
        "modeDepot": "SAISIE_API",
        "numeroFactureSaisi": "F-1",
        "dateFacture": "2026-11-20",
        "destinataire": {"codeDestinataire": CITY},
        "fournisseur": {"idFournisseur": ACME_ID},
        "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
        "references": {
            "deviseFacture": "EUR",
            "typeFacture": "FACTURE",
            "typeTva": "TVA_SUR_DEBIT",
            "numeroMarche": "M-1",
            "modePaiement": "VIREMENT",
        },
        "lignePoste": [LINE],
        "ligneTva": [VAT],
        "montantTotal": {"montantHtTotal": 101, "montantTVA": 20.2, "montantTtcTotal": 121.2, "montantAPayer": 121.2},
        "commentaire": "Merci",
        **different,
    }


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in body().items() if name not in names}


def test_a_submitted_invoice_is_there_at_once(depositor: Depositor, client: Client) -> None:
    answer = depositor.call(SUBMIT, **body())
    fingerprint = base64.b64decode(answer.pop("empreinteCertificatDepot"))
    assert len(fingerprint) == 32
    assert answer == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "identifiantFactureCPP": 4321019,
        "numeroFacture": "F-1",
        "statutFacture": "DEPOSEE",
        "dateDepot": "2026-11-22",
        "identifiantStructure": ACME,
    }
    assert client.numbers(modeDepot="SAISIE_API", statutCourant=["DEPOSEE"]) == ["F-1"]


def test_it_is_read_as_it_was_submitted(depositor: Depositor, store: Store) -> None:
    invoice_id = depositor.call(SUBMIT, **body())["identifiantFactureCPP"]
    invoice = depositor.call(READ, identifiantFactureCPP=invoice_id)["facture"]
    assert invoice["montantTotal"] == {
        "montantHtTotal": 101,
        "montantTVA": 20.2,
        "montantTtcTotal": 121.2,
        "montantAPayer": 121.2,
    }
    assert invoice["references"]["numeroMarche"] == "M-1"
    assert invoice["commentaire"] == "Merci"
    (details,) = store.rows(
        "SELECT details ->> 'lines' AS lines, details ->> 'vat' AS vat FROM invoices WHERE number = 'F-1'"
    )
    assert '"lignePosteUniteLibelle":"HUR"' in details["lines"]
    assert '"ligneTvaTauxRefCode":"TVA11"' in details["vat"]


def test_a_number_that_is_left_out_is_given(depositor: Depositor) -> None:
    numbers = [depositor.call(SUBMIT, **without("numeroFactureSaisi"))["numeroFacture"] for _ in range(2)]
    assert numbers == ["20260000000000000001", "20260000000000000002"]


def test_a_day_that_is_left_out_is_today(depositor: Depositor, client: Client) -> None:
    depositor.call(SUBMIT, **without("dateFacture"))
    (row,) = client.search(numeroFacture="F-1")["listeFactures"]
    assert row["dateFacture"] == "2026-11-22"


@pytest.mark.parametrize("mode", ["DEPOT_PDF_API", "DEPOT_PDF_SIGNE_API"])
@pytest.mark.parametrize("as_list", [True, False])
def test_a_pdf_is_submitted_with_its_attachments(depositor: Depositor, store: Store, mode: str, as_list: bool) -> None:
    main, other = depositor.add_file(b"%PDF-main"), depositor.add_file(b"%PDF-other", "bon.pdf")
    principal = {"pieceJointePrincipaleDesignation": "Facture", "pieceJointePrincipaleId": main}
    additional = {
        "pieceJointeComplementaireDesignation": "Bon",
        "pieceJointeComplementaireType": "04",
        "pieceJointeComplementaireNumeroLigneFacture": 3,
        "pieceJointeComplementaireId": other,
    }
    answer = depositor.call(
        SUBMIT,
        **without("lignePoste", "modeDepot"),
        modeDepot=mode,
        pieceJointePrincipale=[principal] if as_list else principal,
        pieceJointeComplementaire=[additional],
    )
    assert answer["codeRetour"] == 0
    rows = store.rows(
        "SELECT attachment_id, role, type, designation, line_number FROM invoice_attachments ORDER BY attachment_id"
    )
    assert [tuple(row.values()) for row in rows] == [
        (main, "main", "01", "Facture", None),
        (other, "additional", "04", "Bon", 3),
    ]
    assert store.rows("SELECT size FROM invoices WHERE number = 'F-1'") == [{"size": 19}]


def test_an_attachment_without_designation_is_named_by_its_file(depositor: Depositor, store: Store) -> None:
    main = depositor.add_file(name="facture.pdf")
    depositor.call(SUBMIT, **body(pieceJointePrincipale=[{"pieceJointePrincipaleId": main}]))
    assert store.rows("SELECT designation FROM invoice_attachments") == [{"designation": "facture.pdf"}]


def test_the_supplier_s_service_and_bank_account_are_kept(depositor: Depositor, store: Store) -> None:
    service = Service("SUD", "Agence Sud", id=77)
    supplier_id = store.add_structure(Structure("12121212100012", "Sud", "supplier", [service]))
    with store.writing() as connection:
        connection.execute("INSERT INTO account_structures VALUES (?, ?)", (depositor.client.login, supplier_id))
    supplier = {"idFournisseur": supplier_id, "idServiceFournisseur": 77, "codeCoordonneesBancairesFournisseur": 5}
    assert depositor.call(SUBMIT, **body(fournisseur=supplier))["codeRetour"] == 0
    (row,) = store.rows("SELECT supplier_service_code, bank_account_id FROM full_invoices WHERE number = 'F-1'")
    assert row == {"supplier_service_code": "SUD", "bank_account_id": 5}


@pytest.mark.parametrize(
    ("different", "code", "label"),
    [
        (
            {"fournisseur": {"idFournisseur": OTHER_SUPPLIER_ID}},
            20001,
            "GDP_MSG_11.005 - L'utilisateur n'est pas habilité pour ce fournisseur.",
        ),
        ({"fournisseur": {"idFournisseur": 1}}, 20001, "GDP_MSG_11.005"),
        ({"numeroFactureSaisi": "1" * 21}, 20010, "GDP_MSG_11.910 - Le numéro de la facture 111111111111111111111"),
        (
            {"numeroFactureSaisi": "ACME-2026-001"},
            20011,
            "GDP_MSG_11.911 - La facture ACME-2026-001 a déjà été déposée",
        ),
        ({"destinataire": {"codeDestinataire": "1"}}, 20013, "GDP_MSG_11.913 - L'identifiant destinataire 1 n'est pas"),
        ({"destinataire": {"codeDestinataire": ACME}}, 20013, "GDP_MSG_11.913"),
        (
            {"destinataire": {"codeDestinataire": SERVICE_CITY}},
            20015,
            "GDP_MSG_11.915 - Le code service est obligatoire",
        ),
        (
            {"destinataire": {"codeDestinataire": SERVICE_CITY, "codeServiceExecutant": " "}},
            20015,
            "GDP_MSG_11.915",
        ),
        (
            {"destinataire": {"codeDestinataire": SERVICE_CITY, "codeServiceExecutant": "X"}},
            20016,
            "GDP_MSG_11.916 - Le code service X n'est pas référencé",
        ),
        (
            {"destinataire": {"codeDestinataire": COMMITMENT_CITY}},
            20018,
            "GDP_MSG_11.918 - Le numéro d'engagement est obligatoire",
        ),
        (
            {"fournisseur": {"idFournisseur": ACME_ID, "idServiceFournisseur": 9}},
            20019,
            "GDP_MSG_11.919 - Le service fournisseur 9 n'existe pas.",
        ),
        ({"lignePoste": []}, 20020, "GDP_MSG_11.920 - Une ligne de poste est obligatoire"),
        ({"modeDepot": "DEPOT_PDF_API"}, 20021, "GDP_MSG_11.921 - La pièce jointe principale est obligatoire"),
        ({"pieceJointePrincipale": []}, 0, "GCU_MSG_01_000"),
        (
            {"pieceJointePrincipale": {"pieceJointePrincipaleId": 9}},
            20022,
            "GDP_MSG_11.922 - La pièce jointe 9 n'existe pas.",
        ),
    ],
)
def test_a_refusal_is_immediate_and_says_why(
    depositor: Depositor, client: Client, different: dict[str, Any], code: int, label: str
) -> None:
    before = len(client.numbers())
    answer = depositor.call(SUBMIT, **body(**different))
    assert answer["codeRetour"] == code
    assert answer["libelle"].startswith(label)
    assert len(client.numbers()) == before + (code == 0)


def test_the_same_number_is_refused_the_second_time(depositor: Depositor) -> None:
    assert [depositor.call(SUBMIT, **body())["codeRetour"] for _ in range(2)] == [0, 20011]


def test_an_additional_attachment_is_no_main_one(depositor: Depositor) -> None:
    additional = {"pieceJointeComplementaireId": depositor.add_file()}
    answer = depositor.call(SUBMIT, **body(modeDepot="DEPOT_PDF_API", pieceJointeComplementaire=[additional]))
    assert answer["codeRetour"] == 20021


def test_a_service_of_another_supplier_does_not_exist(depositor: Depositor, store: Store) -> None:
    store.add_structure(Structure("12121212100012", "Sud", "supplier", [Service("SUD", "Agence Sud", id=77)]))
    supplier = {"idFournisseur": ACME_ID, "idServiceFournisseur": 77}
    assert depositor.call(SUBMIT, **body(fournisseur=supplier))["codeRetour"] == 20019


def test_a_submitted_invoice_goes_on_its_way(depositor: Depositor, client: Client) -> None:
    depositor.call(SUBMIT, **body())
    depositor.clock.advance(datetime.timedelta(hours=1))
    (row,) = client.search(numeroFacture="F-1")["listeFactures"]
    assert row["statut"] == "MISE_A_DISPOSITION"


def test_an_attachment_of_another_account_does_not_exist(depositor: Depositor, portal: Any) -> None:
    stranger = Depositor(Client(portal.url, "TECH_2_00002@cpro.fr"), depositor.clock)
    foreign = {"pieceJointePrincipaleId": stranger.add_file()}
    assert depositor.call(SUBMIT, **body(pieceJointePrincipale=[foreign]))["codeRetour"] == 20022


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    "different",
    [
        {"destinataire": {}},
        {"fournisseur": {}},
        {"cadreDeFacturation": {}},
        {"cadreDeFacturation": {"codeCadreFacturation": "A3_MEMOIRE_JUSTICE"}},
        {"modeDepot": "UPLOAD_API"},
        {"dateFacture": "20/11/2026"},
        {"pieceJointePrincipale": {}},
        {"pieceJointePrincipale": [{"pieceJointePrincipaleDesignation": "Facture"}]},
        {"pieceJointeComplementaire": [{}]},
        {"commentaire": "x" * 2001},
        {"montantTotal": {"montantHtTotal": "101"}},
        {"inconnu": 1},
    ],
)
def test_a_malformed_submission_is_a_400(client: Client, different: dict[str, Any]) -> None:
    assert client.post(SUBMIT, body(**different)).status_code == 400


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    "name", ["modeDepot", "destinataire", "fournisseur", "cadreDeFacturation", "references", "montantTotal"]
)
def test_what_every_submission_has_may_not_be_left_out(client: Client, name: str) -> None:
    assert client.post(SUBMIT, without(name)).status_code == 400
