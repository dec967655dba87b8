"""consulterCR: the report of a flow as a PDF."""

import base64
import io

import pypdf
import pytest

from chorus.local_portal.deposits import report as reports
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.store import Row
from tests.chorus.local_portal.client import Client
from tests.chorus.local_portal.deposits import files
from tests.chorus.local_portal.deposits.depositor import REPORT, TREATED, Depositor
from tests.chorus.local_portal.deposits.files import UBL


def text_of(pdf: bytes) -> str:
    with pypdf.PdfReader(io.BytesIO(pdf)) as reader:
        return "\n".join(page.extract_text() for page in reader.pages)


def report(depositor: Depositor, content: bytes, syntax: str = UBL) -> str:
    number = depositor.deposit(content, syntax, "lot d'octobre.xml")
    depositor.clock.advance(TREATED)
    return text_of(base64.b64decode(depositor.call(REPORT, numeroFluxDepot=number)["fichierCR"]))


def test_the_answer_has_the_state_the_dates_and_a_pdf(depositor: Depositor) -> None:
    number = depositor.deposit(files.ubl())
    depositor.clock.advance(TREATED)
    answer = depositor.call(REPORT, numeroFluxDepot=number, syntaxeFlux=UBL, dateDepot="2026-11-22")
    assert base64.b64decode(answer.pop("fichierCR")).startswith(b"%PDF-")
    assert answer == {
        "codeRetour": 0,
        "libelle": "TRA_MSG_00.000",
        "codeAppliPartenaire": "CPP001",
        "codeInterfaceFlux": "FSO1110A",
        "designationPartenaire": "Chorus Pro",
        "dateDepotFlux": "2026-11-22T10:30:00.000+01:00",
        "dateHeureEtatCourantFlux": "2026-11-22T10:30:02.601+01:00",
        "etatCourantFlux": "IN_INTEGRE",
        "nomFichierFlux": f"FSO1110A_CPP001_{number}",
        "numeroFluxDepot": number,
    }


def test_the_pdf_tells_the_flow_and_its_integrated_invoices(depositor: Depositor) -> None:
    text = report(depositor, files.ubl("F-2026-042"))
    for words in (
        "CPP0011110000000000500001",
        "lot d'octobre.xml",
        "22/11/2026 à 10:30:02",
        "IN_INTEGRE",
        "Toutes les factures du flux sont intégrées.",
        "Factures intégrées (1)",
        "F-2026-042",
        "120,00 EUR",
        "ce document n'émane pas de l'État",
    ):
        assert words in text
    assert "Factures rejetées" not in text
    assert "Erreurs techniques" not in text


def test_the_pdf_tells_each_refused_invoice_with_its_reasons(depositor: Depositor) -> None:
    archive = files.tar_gz({"1.xml": files.ubl("F-1"), "2.xml": files.ubl("F-2", recipient=files.STRICT_CITY)})
    text = report(depositor, archive)
    assert "Factures intégrées (1)" in text
    assert "Factures rejetées (1)" in text
    assert "F-2" in text
    assert "Le code service est obligatoire" in text
    assert "Le numero d'engagement est obligatoire" in text


def test_the_pdf_tells_technical_errors(depositor: Depositor) -> None:
    text = report(depositor, b"<a/>")
    assert "Erreurs techniques (1)" in text
    assert "ERR_SYN_001" in text


def test_a_flow_that_is_not_treated_yet_has_a_report_that_says_so(depositor: Depositor) -> None:
    number = depositor.deposit(files.ubl())
    answer = depositor.call(REPORT, numeroFluxDepot=number)
    assert answer["etatCourantFlux"] == "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP"
    assert "Le traitement du flux n'est pas terminé." in text_of(base64.b64decode(answer["fichierCR"]))


def test_the_report_of_another_account_s_flow_is_not_found(
    depositor: Depositor, portal: LocalPortal, clock: Clock
) -> None:
    number = depositor.deposit(files.ubl())
    stranger = Depositor(Client(portal.url, "TECH_2_00002@cpro.fr"), clock)
    assert stranger.call(REPORT, numeroFluxDepot=number)["libelle"] == "POQ_MSG_01.003 - Flux introuvable."


def flow(**different: str | int) -> Row:
    return {
        "number": "CPP0011110000000000500001",
        "login": "TECH",
        "syntax": UBL,
        "file_name": "f.xml",
        "deposited_at": 0,
        "state": "IN_REJETE",
        "state_at": 2601,
        **different,
    }


CODE = {"code": "ERR_XSD_001", "nature": "BLOQUANTE"}


def error(place: int) -> Row:
    return {"kind": "invoice", "number": f"F-{place}", "supplier": "S", "recipient": "R", "text": "Non"}


def test_a_long_report_goes_over_pages_and_ends() -> None:
    text = text_of(reports.render(flow(), [], [error(place) for place in range(500)]))
    assert "Factures rejetées (500)" in text
    assert "F-199" in text
    assert "F-200" not in text
    assert "et 300 autres." in text


def test_no_title_stands_alone_at_the_foot_of_a_page() -> None:
    for count in range(15, 25):
        text = text_of(
            reports.render(flow(), [], [error(n) for n in range(count)] + [{**error(0), "kind": "technical", **CODE}])
        )
        title = text.index("Erreurs techniques (1)")
        assert "/2" not in text[title : text.index("Libellé", title)]


@pytest.mark.parametrize("name", ["Счёт.xml", "x" * 200, "発票\U0001f4c4.xml"])
def test_names_in_any_script_and_of_any_length_are_printed_as_well_as_can_be(name: str) -> None:
    assert "Compte rendu de traitement du flux" in text_of(reports.render(flow(file_name=name), [], []))


def test_what_the_french_write_is_printed_as_it_is() -> None:
    assert "l’œuvre à 5 € … n° 1.xml" in text_of(reports.render(flow(file_name="l’œuvre à 5 € … n° 1.xml"), [], []))
