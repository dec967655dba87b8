"""The exchanges of deposits against the checker of exchanges, where it lies beside the checkout."""

from collections.abc import Iterator
from types import ModuleType

import pytest
import requests

from tests.chorus.local_portal.client import Client
from tests.chorus.local_portal.deposits import files
from tests.chorus.local_portal.deposits.depositor import (
    ADD_FILE,
    DEPOSIT,
    DEPOSIT_PDF,
    DETAILED_REPORT,
    REPORT,
    SUBMIT,
    TREATED,
    Depositor,
    encoded,
)
from tests.chorus.local_portal.deposits.files import CII, FACTUR_X, UBL
from tests.chorus.local_portal.deposits.test_submissions import body
from tests.chorus.local_portal.operations.test_contract import exchange

DEPOSITS = [
    (files.ubl("F-1"), UBL),
    (files.cii("F-2"), CII),
    (files.factur_x(files.cii("F-3")), FACTUR_X),
    (files.ubl("F-4", recipient=files.STRICT_CITY), UBL),
    (files.tar_gz({"1.xml": files.ubl("F-5"), "2.xml": files.ubl("F-5")}), UBL),
    (files.ubl(supplier=" ", number="F#"), UBL),
    (b"<a/>", UBL),
    (b"", "IN_DP_PDFARCHIVE_CII_MUG"),
]


def session(depositor: Depositor) -> Iterator[requests.Response]:
    """Deposit, follow each flow to its end, submit, and be refused."""
    post = depositor.client.post
    numbers = []
    for content, syntax in DEPOSITS:
        answer = post(DEPOSIT, {"fichierFlux": encoded(content), "nomFichier": "f", "syntaxeFlux": syntax})
        numbers.append(answer.json()["numeroFluxDepot"])
        yield answer
    for _ in range(2):
        for number in (*numbers, "CPP0011117000000000999999"):
            yield post(DETAILED_REPORT, {"numeroFluxDepot": number})
            yield post(REPORT, {"numeroFluxDepot": number, "dateDepot": "2026-11-22"})
        depositor.clock.advance(TREATED)
    for content in (files.factur_x(), files.plain_pdf(), b"<a/>"):
        yield post(DEPOSIT_PDF, {"fichierFacture": encoded(content), "nomFichier": "f.pdf"})
    for submission in (body(numeroFactureSaisi="S-1"), body(numeroFactureSaisi="S-1"), body(modeDepot="DEPOT_PDF_API")):
        yield post(SUBMIT, submission)
    yield post(ADD_FILE, added_file(b"%PDF-1.7"))


def added_file(content: bytes) -> dict[str, str]:
    return {
        "pieceJointeFichier": encoded(content),
        "pieceJointeNom": "bon",
        "pieceJointeTypeMime": "application/pdf",
        "pieceJointeExtension": "PDF",
    }


def test_the_exchanges_of_deposits_conform(depositor: Depositor, checker: ModuleType) -> None:
    exchanges = [exchange(answer) for answer in session(depositor)]
    assert {each["status"] for each in exchanges} == {200}
    assert [str(finding) for each in exchanges for finding in checker.check_exchange(each)] == []


@pytest.mark.wrong_traffic
def test_refusals_of_what_is_too_large_or_malformed_conform(client: Client, checker: ModuleType) -> None:
    large = b"%PDF-" + bytes(10 * 1024 * 1024)
    answers = [
        client.post(DEPOSIT, {"fichierFlux": encoded(large), "nomFichier": "f", "syntaxeFlux": UBL}),
        client.post(ADD_FILE, added_file(large)),
        client.post(DEPOSIT_PDF, {"fichierFacture": encoded(large), "nomFichier": "f.pdf"}),
        client.post(DEPOSIT, {"fichierFlux": "%", "nomFichier": "f", "syntaxeFlux": UBL}),
    ]
    exchanges = [exchange(answer) for answer in answers]
    assert [each["status"] for each in exchanges] == [200, 200, 413, 400]
    assert [finding for each in exchanges for finding in checker.check_exchange(each)] == []
