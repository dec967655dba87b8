"""telecharger/groupe and telecharger/pieceJointe."""

import base64
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from typing import Any

import pytest
from pypdf import PdfReader

from chorus.local_portal.downloads import bundle, names
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import FACTURES, HISTORY, TRANSVERSES, Client
from tests.chorus.local_portal.deposits import files

GROUP, ATTACHMENT = f"{FACTURES}/telecharger/groupe", f"{TRANSVERSES}/telecharger/pieceJointe"
FIRST, SECOND, WITH_LINES, SOMEONE_ELSE_S = 4321001, 4321002, 4321004, 4321011


def group(client: Client, *invoice_ids: int, format: str = "PDF", **body: Any) -> bytes:
    wanted = {"listeFacture": [{"idFacture": each} for each in invoice_ids], "format": format, **body}
    return base64.b64decode(client.call(GROUP, wanted)["fichierResultat"], validate=True)


def opened(content: bytes) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(content))


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def keep(store: Store, invoice_id: int, content: bytes, name: str, role: str = "additional") -> None:
    with store.writing() as connection:
        attachment_id = connection.execute("SELECT coalesce(max(id), 0) + 1 FROM attachments").fetchone()[0]
        extension = name.rpartition(".")[2].upper()
        values = (attachment_id, name, extension, content)
        connection.execute("INSERT INTO attachments VALUES (?, NULL, ?, 'application/pdf', ?, ?, 0)", values)
        connection.execute(
            "INSERT INTO invoice_attachments VALUES (?, ?, ?, '02', ?, NULL)", (invoice_id, attachment_id, role, name)
        )


def test_an_invoice_without_a_pdf_of_its_own_is_a_page_with_its_data(client: Client) -> None:
    text = text_of(group(client, WITH_LINES))
    for shown in (
        *("ACME-2026-004", "ACME CONSEIL", "33254021516357", "12345678200044", "1000054111", "2026M0003"),
        *("05/10/2026", "15 600,00 EUR", "18 720,00 EUR", "Audit énergétique", "Rapport et restitution"),
        "n'émane pas de l'État",
    ):
        assert shown in text


def test_an_invoice_s_own_pdf_is_given_as_it_was_deposited(store: Store, client: Client) -> None:
    content = files.plain_pdf()
    keep(store, FIRST, content, "facture.pdf", role="main")
    assert group(client, FIRST) == content


def test_an_invoice_that_was_deposited_as_xml_is_shown_as_a_page(store: Store, client: Client) -> None:
    keep(store, FIRST, files.ubl(), "facture.xml", role="main")
    assert "ACME-2026-001" in text_of(group(client, FIRST))


def test_with_additional_attachments_an_invoice_is_a_zip_with_a_folder(store: Store, client: Client) -> None:
    keep(store, FIRST, b"one", "../../etc/bon.pdf")
    keep(store, FIRST, b"two", "bon.pdf")
    keep(store, FIRST, b"three", "BON.PDF")
    with opened(group(client, FIRST, avecPiecesJointesComplementaires="OUI")) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    page = contents.pop("ACME-2026-001_4321001/ACME-2026-001.pdf")
    assert page.startswith(b"%PDF")
    assert contents == {
        "ACME-2026-001_4321001/_.._etc_bon.pdf": b"one",
        "ACME-2026-001_4321001/bon.pdf": b"two",
        "ACME-2026-001_4321001/4_BON.PDF": b"three",
    }


def test_without_them_an_invoice_is_one_pdf(store: Store, client: Client) -> None:
    keep(store, FIRST, b"one", "bon.pdf")
    for body in ({}, {"avecPiecesJointesComplementaires": "NON"}):
        assert group(client, FIRST, **body).startswith(b"%PDF")


def test_several_invoices_are_a_zip_with_a_folder_for_each(buyer: Client) -> None:
    with opened(group(buyer, FIRST, SOMEONE_ELSE_S, FIRST)) as archive:
        assert archive.namelist() == ["ACME-2026-001_4321001/ACME-2026-001.pdf", "BI2026_117_4321011/BI2026_117.pdf"]
        assert archive.testzip() is None


def test_the_pivot_is_a_zip_with_an_xml_of_each_invoice(store: Store, client: Client) -> None:
    keep(store, WITH_LINES, b"content of the file", "bon.pdf")
    with opened(group(client, WITH_LINES, SECOND, format="PIVOT")) as archive:
        assert archive.namelist() == [
            "ACME-2026-004_4321004/ACME-2026-004.xml",
            "ACME-2026-002_4321002/ACME-2026-002.xml",
        ]
        root = ET.fromstring(archive.read("ACME-2026-004_4321004/ACME-2026-004.xml"))  # noqa: S314 - made by us
    unit = root.find("CPPFactures/CPPFacturePivotUnitaire")
    assert unit is not None
    found = {
        path: unit.findtext(path)
        for path in (
            *("Fournisseur/Identifiant", "Debiteur/Identifiant", "Debiteur/CodeService", "DonneesFacture/Id"),
            *("DonneesFacture/IdCPRO", "DonneesFacture/Montants/MontantTTC", "DonneesFacture/TVAs/TVA/Taux"),
            *("DonneesFacture/Engagement/NumeroEngagement", "DonneesFacture/Lignes/Ligne/PrixUnitaire", "PJ/NomPJ"),
        )
    }
    assert list(found.values()) == [
        *("33254021516357", "12345678200044", "SERVICE_DEST_SERV_EJ_OBL", "ACME-2026-004", "4321004", "18720.0"),
        *("20", "1000054111", "1050", "bon.pdf"),
    ]
    with opened(base64.b64decode(unit.findtext("PJ/Contenu", ""))) as packed:
        assert packed.read("bon.pdf") == b"content of the file"


def test_texts_that_xml_or_the_page_cannot_hold_do_no_harm(store: Store, client: Client) -> None:
    with store.writing() as connection:
        lines = json.dumps({"lines": [{"lignePosteNumero": 1, "lignePosteDenomination": "日本\x00<b>&"}]})
        connection.execute(
            "UPDATE invoices SET number = ?, commitment_number = ?, details = ? WHERE id = ?",
            ("A\x0b/日本", "<\x00&", lines, FIRST),
        )
    assert group(client, FIRST).startswith(b"%PDF")
    with opened(group(client, FIRST, format="PIVOT")) as archive:
        (name,) = archive.namelist()
        root = ET.fromstring(archive.read(name))  # noqa: S314 - made by us
    assert root.findtext(".//NumeroEngagement") == "<&"
    assert name == "A__日本_4321001/A__日本.xml"


def test_texts_of_any_length_fit_on_the_page(store: Store, client: Client) -> None:
    lines = [{"lignePosteNumero": n, "lignePosteDenomination": "W" * 100_000} for n in range(300)]
    with store.writing() as connection:
        connection.execute(
            "UPDATE invoices SET number = ?, commitment_number = ?, details = ? WHERE id = ?",
            ("N" * 5000, "E" * 100_000, json.dumps({"lines": lines}), FIRST),
        )
    text = text_of(group(client, FIRST))
    assert "et 100 autres lignes" in text


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("..", "sans-nom"),
        ("/etc/passwd", "_etc_passwd"),
        ("-rf", "rf"),
        ("x" * 200, "x" * 100),
        ("é (1).pdf", "é__1_.pdf"),
    ],
)
def test_a_name_in_an_archive_is_harmless(name: str, expected: str) -> None:
    assert names.safe(name) == expected


def test_a_download_is_in_the_history_of_each_invoice(client: Client, buyer: Client) -> None:
    group(buyer, FIRST, SECOND)
    for invoice_id in (FIRST, SECOND):
        actions = client.call(HISTORY, {"idFacture": invoice_id})["historiquesDesActionsUtilisateurs"]["histoAction"]
        assert [(action["histoActionCode"], action["histoActionUtilisateurNom"]) for action in actions] == [
            ("TELECHARGEMENT_FACTURE", buyer.login)
        ]


@pytest.mark.parametrize(
    ("invoice_id", "format", "code", "message"),
    [
        (1, "PDF", 20000, "GDP_MSG_11.008"),
        (SOMEONE_ELSE_S, "PDF", 20001, "GDP_MSG_11.005"),
        (FIRST, "DOCX", 20002, "GDP_MSG_11.907"),
    ],
)
def test_a_download_of_what_is_not_there_or_not_one_s_own_is_refused(
    client: Client, invoice_id: int, format: str, code: int, message: str
) -> None:
    body = {"listeFacture": [{"idFacture": FIRST}, {"idFacture": invoice_id}], "format": format}
    answer = client.call(GROUP, body)
    assert (answer["codeRetour"], answer["libelle"][:14]) == (code, message)
    assert client.call(HISTORY, {"idFacture": FIRST})["historiquesDesActionsUtilisateurs"]["histoAction"] == []


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    "body",
    [
        {"format": "PDF"},
        {"listeFacture": [{"idFacture": FIRST}]},
        {"listeFacture": [], "format": "PDF"},
        {"listeFacture": [{}], "format": "PDF"},
        {"listeFacture": [{"idFacture": FIRST}], "format": "PDF", "avecPiecesJointesComplementaires": "oui"},
    ],
)
def test_a_download_that_does_not_say_what_is_malformed(client: Client, body: dict[str, Any]) -> None:
    assert client.post(GROUP, body).status_code == 400


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"format": "PDF"}, 200),
        ({"format": "PDF", "avecPiecesJointesComplementaires": "OUI"}, 413),
        ({"format": "PIVOT"}, 413),
    ],
)
def test_more_than_the_limit_is_refused_as_too_large(
    store: Store, client: Client, monkeypatch: pytest.MonkeyPatch, body: dict[str, str], status: int
) -> None:
    monkeypatch.setattr(bundle, "MAX_BYTES", 10_000)
    keep(store, FIRST, b"x" * 6000, "1.pdf")
    keep(store, SECOND, b"x" * 6000, "2.pdf")
    asked = {"listeFacture": [{"idFacture": FIRST}, {"idFacture": SECOND}], **body}
    assert client.post(GROUP, asked).status_code == status


def test_what_grows_beyond_the_limit_by_packing_is_refused_too(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_BYTES", 100)
    body = {"listeFacture": [{"idFacture": FIRST}], "format": "PDF"}
    assert client.post(GROUP, body).status_code == 413


def test_the_limit_is_120_megabytes() -> None:
    assert bundle.MAX_BYTES == 120 * 1024 * 1024


def test_the_attachments_of_payment_requests_are_the_same_files(store: Store, buyer: Client) -> None:
    keep(store, FIRST, files.plain_pdf(), "facture.pdf", role="main")
    request = {"listeFacture": [{"idFacture": FIRST}], "format": "PDF"}
    body = {"objetPieceJointe": "DEMANDE_PAIEMENT", "demandePaiement": request}
    answer = buyer.call(ATTACHMENT, body)
    assert base64.b64decode(answer["pieceJointe"]) == group(buyer, FIRST)


def test_the_attachments_of_other_objects_are_not_held_here(client: Client) -> None:
    for body in ({"objetPieceJointe": "SOLLICITATION", "sollicitation": {"idSollicitation": 1}},):
        answer = client.call(ATTACHMENT, body)
        assert (answer["codeRetour"], answer["libelle"][:14]) == (20003, "TRA_MSG_00.904")


@pytest.mark.wrong_traffic
def test_the_payment_requests_whose_attachments_are_wanted_are_due(client: Client) -> None:
    answer = client.post(ATTACHMENT, {"objetPieceJointe": "DEMANDE_PAIEMENT"})
    assert (answer.status_code, answer.json()["libelle"]) == (400, "GCU_MSG_01_400 - demandePaiement: missing")
