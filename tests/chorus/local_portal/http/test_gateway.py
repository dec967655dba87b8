import datetime
import logging

import pytest
import requests

from chorus.local_portal.http.gateway import MAX_BODY
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import HEALTH_CHECK, SEARCH, SUPPLIER_LOGIN, TOKEN, Client, account_header
from tests.chorus.local_portal.http import wire

pytestmark = pytest.mark.wrong_traffic


def test_the_health_check_says_what_the_portal_says(client: Client) -> None:
    answer = requests.get(client.url + HEALTH_CHECK, headers=client.headers, timeout=10)
    assert answer.json() == {
        "body": "L'API CPRO est actuellement disponible et fonctionnel.",
        "statusCode": "OK",
        "statusCodeValue": 200,
    }


@pytest.mark.parametrize("authorization", ["", "Bearer ", "Basic bG9jYWw6bG9jYWw="])
def test_a_call_without_token_is_told_so_with_400(client: Client, authorization: str) -> None:
    answer = client.post(SEARCH, {}, Authorization=authorization)
    assert (answer.status_code, answer.content) == (400, b"")
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="DefaultRealm", error="invalid_request", error_description="Unable to find token in the message"'
    )


def test_an_unknown_token_gets_401_without_body(client: Client) -> None:
    answer = client.post(SEARCH, {}, Authorization="Bearer " + "x" * 54)
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="PISTE"')


def test_a_revoked_token_gets_401(portal: LocalPortal, client: Client) -> None:
    portal.tokens.revoke_all()
    assert client.post(SEARCH, {}).status_code == 401


@pytest.mark.parametrize(
    "account",
    ["", "!!!", account_header(SUPPLIER_LOGIN, "wrong"), account_header("nobody@cpro.fr", "local-password-1")],
)
def test_a_bad_technical_account_gets_401_without_body(client: Client, account: str) -> None:
    answer = client.post(SEARCH, {}, **{"cpro-account": account})
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer realm="PISTE",error="Unauthorized",error_description="login or password incorrects"'
    )


def test_the_health_check_refuses_a_bad_technical_account(client: Client) -> None:
    headers = {**client.headers, "cpro-account": account_header(SUPPLIER_LOGIN, "wrong")}
    assert requests.get(client.url + HEALTH_CHECK, headers=headers, timeout=10).status_code == 401


@pytest.mark.parametrize("path", ["/cpro/factures/v1/nothing", "/cpro/", "/cpro//factures/v1/rechercher/fournisseur"])
def test_an_unknown_path_gets_403_without_body(client: Client, path: str) -> None:
    answer = client.post(path, {}, **{"cpro-account": account_header(SUPPLIER_LOGIN, "wrong")})
    assert (answer.status_code, answer.content) == (403, b"")


def test_a_path_that_is_not_the_gateway_s_is_404_without_a_word_on_tokens(portal: LocalPortal) -> None:
    answer = requests.get(portal.url + "/unknown", timeout=10)
    assert answer.status_code == 404
    assert "WWW-Authenticate" not in answer.headers


@pytest.mark.parametrize(("method", "path"), [("GET", SEARCH), ("OPTIONS", SEARCH), ("POST", HEALTH_CHECK)])
def test_another_method_than_the_route_s_gets_403(client: Client, method: str, path: str) -> None:
    answer = requests.request(method, client.url + path, headers=client.headers, timeout=10)
    assert (answer.status_code, answer.content) == (403, b"")


def test_the_token_is_not_given_by_get(portal: LocalPortal) -> None:
    assert requests.get(portal.url + TOKEN, timeout=10).status_code == 403


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_a_body_that_is_not_said_to_be_json_gets_415(client: Client, content_type: str) -> None:
    answer = client.post(SEARCH, {}, **{"Content-Type": content_type})
    assert (answer.status_code, answer.content) == (415, b"")


def post_bytes(client: Client, content: bytes) -> requests.Response:
    headers = {**client.headers, "Content-Type": "application/json"}
    return requests.post(client.url + SEARCH, data=content, headers=headers, timeout=10)


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b"null", b'{"montantHTMin": NaN}', b'{"numeroFacture": "\xe9"}', b"[" * 100_000, b"1" * 5000],
    ids=["truncated", "list", "null", "NaN", "latin-1", "deep", "huge number"],
)
def test_a_body_that_is_not_an_object_in_json_gets_400_in_the_envelope(client: Client, content: bytes) -> None:
    answer = post_bytes(client, content)
    assert answer.status_code == 400
    assert answer.json()["codeRetour"] == 400


def test_an_empty_body_stands_for_an_empty_object(client: Client) -> None:
    assert post_bytes(client, b"").json()["codeRetour"] == 0


def test_half_a_surrogate_pair_is_refused_like_any_other_wrong_text(client: Client) -> None:
    assert post_bytes(client, b'{"numeroFacture": "\\ud800"}').status_code == 400
    assert post_bytes(client, b'{"\\ud800": 1}').json()["libelle"].startswith("GCU_MSG_01_400 - \ud800: unknown")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"numero": "F1"}, "numero: unknown property"),
        ({"parametres": {}}, "parametres: unknown property"),
        ({"numeroFacture": 12}, "numeroFacture: a text is due"),
        ({"numeroFacture": None}, "numeroFacture: a text is due, not null"),
        ({"idFournisseur": "12"}, "idFournisseur: a whole number is due"),
        ({"idFournisseur": True}, "idFournisseur: a whole number is due"),
        ({"idFournisseur": 2**63}, "idFournisseur: 9223372036854775808 is not between"),
        ({"montantHTMin": "1"}, "montantHTMin: a number is due"),
        ({"montantHTMin": 10**400}, "montantHTMin: the number is too large"),
        ({"rejetTraite": "true"}, "rejetTraite: true or false is due"),
        ({"statutCourant": "REJETEE"}, "statutCourant: a list is due"),
        ({"statutCourant": ["MANDATEE", "PAYEE"]}, "statutCourant[1]: 'PAYEE' is not one of"),
        ({"typeFacture": "facture"}, "typeFacture: 'facture' is not one of FACTURE, AVOIR, ACOMPTE"),
        ({"periodeDateDepotDu": "22/11/2026"}, "periodeDateDepotDu: '22/11/2026' is not a date"),
        ({"periodeDateDepotDu": "2026-02-30"}, "periodeDateDepotDu: '2026-02-30' is not a date"),
        ({"rechercheFactureParFournisseur": []}, "rechercheFactureParFournisseur: an object is due"),
        (
            {"rechercheFactureParFournisseur": {"triColonne": "DateHeureEtatCourant"}},
            "rechercheFactureParFournisseur.triColonne: 'DateHeureEtatCourant' is not one of",
        ),
        (
            {"rechercheFactureParFournisseur": {"pageResultatDemandee": 0}},
            "rechercheFactureParFournisseur.pageResultatDemandee: 0 is not between",
        ),
        ({"listeDestinataire": [{"siret": "1"}]}, "listeDestinataire[0].siret: unknown property"),
        ({"listeDestinataire": [{}] * 101}, "listeDestinataire: 101 items, where at most 100"),
    ],
)
def test_a_wrong_property_gets_400_that_names_it(client: Client, body: object, place: str) -> None:
    answer = client.post(SEARCH, body)
    assert answer.status_code == 400
    assert answer.json()["libelle"].startswith(f"GCU_MSG_01_400 - {place}")


def test_answers_are_json_in_utf_8(client: Client) -> None:
    answer = client.post(SEARCH, {"statutCourant": ["SUSPENDUE"]})
    assert answer.headers["Content-Type"] == "application/json;charset=utf-8"
    assert "Bon de livraison signé manquant.".encode() in answer.content


def test_every_answer_waits_for_the_latency(store: Store) -> None:
    with LocalPortal(store, latency_ms=60) as portal:
        answer = requests.get(portal.url + HEALTH_CHECK, timeout=10)
    assert answer.elapsed.total_seconds() >= 0.06


def test_a_request_is_logged_in_one_line_without_its_secrets(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "chorus.local_portal"):
        client.post(SEARCH + "?client_secret=hidden", {"numeroFacture": "hidden"})
    assert [record.getMessage().rpartition(" 200 ")[0] for record in caplog.records] == [f"POST '{SEARCH}'"]


def test_nothing_answers_once_the_portal_is_stopped(store: Store) -> None:
    with LocalPortal(store) as portal:
        url = portal.url
    with pytest.raises(requests.ConnectionError):
        requests.get(url + HEALTH_CHECK, timeout=10)


def test_a_port_that_is_taken_is_an_os_error(portal: LocalPortal, store: Store) -> None:
    port = int(portal.url.rpartition(":")[2])
    with pytest.raises(OSError, match="Address already in use"):
        LocalPortal(store, port=port)


def test_a_request_that_is_too_large_gets_413_and_the_next_one_its_answer(client: Client) -> None:
    too_large = {**client.headers, "Content-Type": "application/json", "Content-Length": str(MAX_BODY + 1)}
    head = "".join(f"{name}: {value}\r\n" for name, value in {"Host": "127.0.0.1", **too_large}.items())
    assert wire.send(client.url, f"POST {SEARCH} HTTP/1.0\r\n{head}\r\n".encode(), ends=True).head.startswith(
        "HTTP/1.1 413 "
    )
    assert client.post(SEARCH, {}).status_code == 200


def test_what_is_due_on_the_portal_s_clock_happens_before_a_call(store: Store) -> None:
    with LocalPortal(store, scenario="steady") as portal:
        client = Client(portal.url)
        store.clock.advance(datetime.timedelta(days=60))
        paid = client.search(statutCourant=["MISE_EN_PAIEMENT"], periodeDateHeureEtatCourantDu="2026-11-01")
    assert paid["listeFactures"]


def test_an_error_of_the_server_itself_is_a_500_without_body(store: Store, client: Client) -> None:
    store.close()
    answer = client.post(SEARCH, {})
    assert (answer.status_code, answer.content) == (500, b"")
