"""deposer/pdf and ajouter/fichier: the portal keeps files, and tells what it can read in a PDF."""

from typing import Any

import pytest

from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import Client
from tests.chorus.local_portal.deposits import files
from tests.chorus.local_portal.deposits.depositor import ADD_FILE, DEPOSIT_PDF, Depositor, encoded
from tests.chorus.local_portal.deposits.files import ACME, CITY

TOO_LARGE = b"%PDF-" + bytes(10 * 1024 * 1024)


def deposit_pdf(depositor: Depositor, content: bytes) -> Any:
    return depositor.call(DEPOSIT_PDF, fichierFacture=encoded(content), nomFichier="f.pdf", formatDepot="PDF_NON_SIGNE")


def test_what_a_factur_x_carries_is_told_with_the_id_of_the_attachment(depositor: Depositor) -> None:
    content = files.factur_x(files.cii(type_code="381", commitment="E-7", service="S"))
    assert deposit_pdf(depositor, content) == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "numeroFacture": "F-1",
        "dateFacture": "2026-11-20",
        "codeDestinataire": CITY,
        "codeServiceExecutant": "S",
        "codeFournisseur": ACME,
        "codeDeviseFacture": "EUR",
        "typeFacture": "AVOIR",
        "numeroBonCommande": "E-7",
        "montantTtcAvantRemiseGlobalTTC": 120.0,
        "montantAPayer": 90.0,
        "montantHtTotal": 100.0,
        "montantTVA": 20.0,
        "pieceJointeId": 30_400_001,
    }


@pytest.mark.parametrize("content", [files.plain_pdf(), b"%PDF-broken", files.factur_x(b"<a/>")])
def test_of_another_pdf_nothing_is_read_and_it_is_kept_all_the_same(
    depositor: Depositor, store: Store, content: bytes
) -> None:
    answer = deposit_pdf(depositor, content)
    assert set(answer) == {"codeRetour", "libelle", "pieceJointeId"}
    (row,) = store.rows("SELECT login, name, extension, content FROM attachments WHERE id = ?", answer["pieceJointeId"])
    assert tuple(row.values()) == (depositor.client.login, "f.pdf", "PDF", content)


def test_what_is_no_pdf_is_refused(depositor: Depositor) -> None:
    answer = deposit_pdf(depositor, b"<a/>")
    assert (answer["codeRetour"], answer["libelle"]) == (20002, "GDP_MSG_11.930 - Le fichier n'est pas un PDF.")


@pytest.mark.wrong_traffic
def test_a_pdf_over_10_mb_is_a_413(client: Client) -> None:
    answer = client.post(DEPOSIT_PDF, {"fichierFacture": encoded(TOO_LARGE), "nomFichier": "f.pdf"})
    assert (answer.status_code, answer.content) == (413, b"")


def test_a_file_is_added_and_kept(depositor: Depositor, store: Store) -> None:
    attachment_id = depositor.add_file(b"content", "../dossier/bon.pdf", "pdf")
    (row,) = store.rows(
        "SELECT login, name, mime_type, extension, content FROM attachments WHERE id = ?", attachment_id
    )
    assert tuple(row.values()) == (depositor.client.login, "bon.pdf", "application/pdf", "PDF", b"content")


@pytest.mark.wrong_traffic
def test_a_file_over_10_mb_is_refused(depositor: Depositor) -> None:
    body = {"pieceJointeNom": "bon", "pieceJointeTypeMime": "application/pdf", "pieceJointeExtension": "PDF"}
    answer = depositor.call(ADD_FILE, pieceJointeFichier=encoded(TOO_LARGE), **body)
    assert (answer["codeRetour"], answer["libelle"]) == (20003, "TRA_MSG_00.903 - La pièce jointe dépasse 10 Mo.")


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    "different",
    [
        {"pieceJointeNom": "n" * 51},
        {"pieceJointeFichier": "%"},
        {"pieceJointeFichier": "YQ"},
        {"pieceJointeFichier": "é"},
        {"pieceJointeExtension": 1},
        {"inconnu": 1},
    ],
)
def test_a_malformed_file_is_a_400(client: Client, different: dict[str, Any]) -> None:
    body = {
        "pieceJointeFichier": "YQ==",
        "pieceJointeNom": "bon",
        "pieceJointeTypeMime": "application/pdf",
        "pieceJointeExtension": "PDF",
        **different,
    }
    assert client.post(ADD_FILE, body).status_code == 400
