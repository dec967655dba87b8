"""The faults in the bytes and in the JSON of answers, as a client meets them."""

import gzip
import json
from typing import Any

import pytest
import requests

from chorus.local_portal.server import LocalPortal
from tests.chorus.local_portal.client import HISTORY, READ, SEARCH, TOKEN, TREAT, Client
from tests.chorus.local_portal.faults.test_refusals import FORM, MANDATE, go_wrong, status

pytestmark = pytest.mark.wrong_traffic


def test_an_empty_body_comes_with_200_after_the_call_was_done(portal: LocalPortal, buyer: Client) -> None:
    go_wrong(portal, "kind=empty-body")
    answer = buyer.post(TREAT, MANDATE)
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, "0", b"")
    assert status(portal.store) == "MANDATEE"


@pytest.mark.parametrize("form", ["cut", "not-utf-8"])
def test_an_invalid_body_is_complete_but_not_json(portal: LocalPortal, client: Client, form: str) -> None:
    go_wrong(portal, f"kind=invalid-body,form={form}")
    answer = client.post(SEARCH, {})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json;charset=utf-8")
    assert int(answer.headers["Content-Length"]) == len(answer.content) > 100
    with pytest.raises((json.JSONDecodeError, UnicodeDecodeError)):
        json.loads(answer.content)
    assert (b"\xff" in answer.content) == (form == "not-utf-8")


def test_an_invalid_body_may_be_a_page_of_the_gateway_with_200(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=invalid-body,form=html")
    answer = client.post(SEARCH, {})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.text.startswith("<html>")


def test_a_token_may_come_in_an_invalid_body_too(portal: LocalPortal) -> None:
    go_wrong(portal, "kind=invalid-body")
    assert requests.post(portal.url + TOKEN, data=FORM, timeout=10).text.startswith('{"access_token":"')


def test_a_huge_body_is_json_of_so_many_millions_of_bytes(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=huge-body,megabytes=3")
    answer = client.post(SEARCH, {})
    assert int(answer.headers["Content-Length"]) == len(answer.content) == 3_000_000
    assert answer.json()["codeRetour"] == 0


def test_a_huge_body_may_be_packed_small(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=huge-body,megabytes=5,packed=true")
    with requests.post(portal.url + SEARCH, json={}, headers=client.headers, timeout=10, stream=True) as answer:
        packed = answer.raw.read(decode_content=False)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(packed) < 50_000
    assert len(gzip.decompress(packed)) == 5_000_000


def objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [found for item in value for found in objects(item)]
    if isinstance(value, dict):
        return [value, *(found for member in value.values() for found in objects(member))]
    return []


def test_unknown_keys_are_in_every_object_of_an_answer(portal: LocalPortal, client: Client) -> None:
    plain = client.search()
    go_wrong(portal, "kind=unknown-keys")
    answer = client.search()
    added = [found.pop("nouveauMembre") for found in [*objects(answer)] if "nouveauMembre" in found]
    assert len(added) == len(objects(plain))
    assert answer == plain


def test_a_token_is_still_read_among_unknown_keys(portal: LocalPortal) -> None:
    go_wrong(portal, "kind=unknown-keys")
    assert "nouveauMembre" in requests.post(portal.url + TOKEN, data=FORM, timeout=10).json()
    assert Client(portal.url).search()["codeRetour"] == 0


@pytest.mark.parametrize(("parameter", "code"), [("", "NOUVEAU_STATUT"), (",status=ÉTRANGE", "ÉTRANGE")])
def test_an_unknown_status_is_wherever_an_answer_has_one(
    portal: LocalPortal, client: Client, parameter: str, code: str
) -> None:
    go_wrong(portal, f"kind=unknown-status{parameter}")
    history = client.post(HISTORY, {"idFacture": 4321008}).json()
    assert {row["statut"] for row in client.search()["listeFactures"]} == {code}
    assert client.post(READ, {"identifiantFactureCPP": 4321008}).json()["facture"]["statutFacture"] == code
    assert history["statutCourantCode"] == code
    assert {each["histoStatutCode"] for each in history["historiquesDesStatuts"]["histoStatut"]} == {code}


def test_a_single_object_stands_for_a_list_of_one(portal: LocalPortal, client: Client) -> None:
    (row,) = client.search(numeroFacture="ACME-2026-008")["listeFactures"]
    go_wrong(portal, "kind=single-object")
    assert client.search(numeroFacture="ACME-2026-008")["listeFactures"] == row
    assert client.search(numeroFacture="NONE")["listeFactures"] == []
    assert len(client.search()["listeFactures"]) > 1


@pytest.mark.parametrize("kind", ["unknown-keys", "unknown-status", "single-object"])
def test_faults_in_json_leave_a_refusal_as_it_is(portal: LocalPortal, client: Client, kind: str) -> None:
    refused = client.post(SEARCH, {"numero": 1})
    go_wrong(portal, f"kind={kind}")
    again = client.post(SEARCH, {"numero": 1})
    assert (again.status_code, again.content) == (refused.status_code, refused.content) == (400, refused.content)


def test_faults_in_json_act_together(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=single-object", "kind=unknown-keys", "kind=unknown-status", "kind=page-cap,rows=1")
    row = client.search()["listeFactures"]
    assert (row["statut"], "nouveauMembre" in row) == ("NOUVEAU_STATUT", True)
