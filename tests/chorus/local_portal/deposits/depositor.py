"""Deposits files and reads what became of them, as a supplier's program does."""

import base64
import datetime
from dataclasses import dataclass
from typing import Any

from chorus.local_portal.state.clock import Clock
from tests.chorus.local_portal.client import Client
from tests.chorus.local_portal.deposits.files import UBL

DEPOSIT = "/cpro/factures/v1/deposer/flux"
DEPOSIT_PDF = "/cpro/factures/v1/deposer/pdf"
SUBMIT = "/cpro/factures/v1/soumettre"
REPORT = "/cpro/transverses/v1/consulterCR"
DETAILED_REPORT = "/cpro/transverses/v1/consulterCRDetaille"
ADD_FILE = "/cpro/transverses/v1/ajouter/fichier"

TREATED = datetime.timedelta(milliseconds=2601)


def encoded(content: bytes) -> str:
    return base64.b64encode(content).decode()


@dataclass
class Depositor:
    client: Client
    clock: Clock

    def call(self, path: str, **body: Any) -> Any:
        answer = self.client.post(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def deposit(self, content: bytes, syntax: str = UBL, name: str = "facture.xml") -> str:
        """Deposit a file, and return the number of its flow."""
        answer = self.call(DEPOSIT, fichierFlux=encoded(content), nomFichier=name, syntaxeFlux=syntax)
        assert answer["codeRetour"] == 0, answer
        return str(answer["numeroFluxDepot"])

    def report(self, number: str) -> Any:
        return self.call(DETAILED_REPORT, numeroFluxDepot=number)

    def treated(self, content: bytes, syntax: str = UBL) -> Any:
        """Deposit a file, let the time of its treatment pass, and return its report."""
        number = self.deposit(content, syntax)
        self.clock.advance(TREATED)
        return self.report(number)

    def add_file(self, content: bytes = b"%PDF-1.7", name: str = "bon", extension: str = "pdf") -> int:
        answer = self.call(
            ADD_FILE,
            pieceJointeFichier=encoded(content),
            pieceJointeNom=name,
            pieceJointeTypeMime="application/pdf",
            pieceJointeExtension=extension,
        )
        assert answer["codeRetour"] == 0, answer
        return int(answer["pieceJointeId"])
