"""A client for the tests of the local Chorus Pro, written from the API's description."""

import base64
from dataclasses import dataclass, field
from typing import Any

import requests

FACTURES, TRANSVERSES = "/cpro/factures/v1", "/cpro/transverses/v1"
STRUCTURES, USERS = "/cpro/structures/v1", "/cpro/utilisateurs/v1"
SEARCH = "/cpro/factures/v1/rechercher/fournisseur"
READ = "/cpro/factures/v1/consulter/fournisseur"
HISTORY = "/cpro/factures/v1/consulter/historique"
TREAT = "/cpro/factures/v1/traiter/recue"
HEALTH_CHECK = "/cpro/transverses/v1/health-check"
TOKEN = "/api/oauth/token"

SUPPLIER_LOGIN = "TECH_1_00001@cpro.fr"
BUYER_LOGIN = "TECH_3_00003@cpro.fr"
PASSWORDS = {
    SUPPLIER_LOGIN: "local-password-1",
    "TECH_2_00002@cpro.fr": "local-password-2",
    BUYER_LOGIN: "local-password-3",
}


def account_header(login: str, password: str) -> str:
    return base64.b64encode(f"{login}:{password}".encode()).decode()


@dataclass
class Client:
    """Calls the portal at a URL with a technical account of the default seed."""

    url: str
    login: str = SUPPLIER_LOGIN
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = {
            "Authorization": f"Bearer {self.token()}",
            "cpro-account": account_header(self.login, PASSWORDS[self.login]),
            "Accept": "application/json;charset=utf-8",
        }

    def token(self) -> str:
        form = {"grant_type": "client_credentials", "client_id": "local", "client_secret": "local-secret"}
        answer = requests.post(self.url + TOKEN, data={**form, "scope": "openid"}, timeout=10)
        return str(answer.json()["access_token"])

    def post(self, path: str, body: Any, **headers: str) -> requests.Response:
        sent = {**self.headers, "Content-Type": "application/json;charset=utf-8", **headers}
        return requests.post(self.url + path, json=body, headers=sent, timeout=10)

    def call(self, path: str, body: Any) -> Any:
        """Return what an operation answers with HTTP 200."""
        answer = self.post(path, body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def search(self, **body: Any) -> Any:
        return self.call(SEARCH, body)

    def numbers(self, **body: Any) -> list[str]:
        paging = {"nbResultatsParPage": 100, "triColonne": "NumeroFacture", "triSens": "Ascendant"}
        found = self.search(rechercheFactureParFournisseur=paging, **body)
        return [row["numeroFacture"] for row in found["listeFactures"]]
