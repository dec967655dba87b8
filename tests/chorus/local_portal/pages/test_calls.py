import pytest
import requests

from tests.chorus.local_portal.client import HISTORY, PASSWORDS, TREAT, Client
from tests.chorus.local_portal.pages.visitor import Visitor


def test_the_last_calls_are_shown_newest_first_with_request_and_answer(visitor: Visitor, client: Client) -> None:
    client.post(HISTORY, {"idFacture": 4321008})
    client.search(numeroFacture="ACME-2026-001")
    page = visitor.get("/calls")
    newest, before, *_ = page.texts("//details")
    assert "POST /cpro/factures/v1/rechercher/fournisseur 200 TECH_1_00001@cpro.fr" in newest
    assert '"numeroFacture": "ACME-2026-001"' in newest
    assert '"montantTTC": 1440.0' in newest
    assert "consulter/historique" in before


def test_secrets_are_masked(visitor: Visitor, client: Client) -> None:
    client.search()
    page = visitor.get("/calls").answer.text
    assert "Bearer masked" in page
    for secret in (
        client.headers["Authorization"],
        client.headers["cpro-account"],
        "local-secret",
        *PASSWORDS.values(),
    ):
        assert secret not in page


def test_a_refusal_shows_its_return_code_and_its_words(visitor: Visitor, buyer: Client) -> None:
    buyer.post(TREAT, {"idFacture": 4321008, "nouveauStatut": "REJETEE"})
    (summary, *_) = visitor.get("/calls").texts("//details")
    assert "200 · codeRetour 20003" in summary
    assert "GDP_MSG_11.901" in summary


@pytest.mark.wrong_traffic
def test_hostile_calls_are_shown_and_never_run(visitor: Visitor, client: Client) -> None:
    requests.post(visitor.url + "/cpro/<script>alert(1)</script>", data=b"\xff<script>", timeout=10)
    client.post(HISTORY, {"idFacture": "\ud800<script>alert(1)</script>"})
    page = visitor.get("/calls")
    assert page.status == 200
    assert "<script" not in page.answer.text
    assert "\\ud800" in page.text


def test_pages_are_no_calls(visitor: Visitor) -> None:
    visitor.get("/")
    page = visitor.get("/calls")
    assert page.texts("//details") == []
    assert "No call yet." in page.text
