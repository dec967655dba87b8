"""The local Chorus Pro against AIFE's Swagger and a checker of exchanges, where they lie beside the checkout."""

import functools
import json
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest
import requests

from chorus.local_portal import codes
from chorus.local_portal.checks import MalformedError
from chorus.local_portal.operations import OPERATIONS
from tests.chorus.conftest import CHECKER, SHARED
from tests.chorus.local_portal.client import HEALTH_CHECK, HISTORY, READ, SEARCH, TOKEN, TREAT, Client

SWAGGER = SHARED / "swagger" / "factures.json"
EXAMPLES = SHARED / "contract" / "examples" / "good.jsonl"

pytestmark = pytest.mark.skipif(not CHECKER.exists(), reason="the contract is not beside the checkout")


@functools.cache
def swagger() -> Any:
    return json.loads(SWAGGER.read_text(encoding="utf-8"))


def request_schema(path: str) -> Any:
    operation = swagger()["paths"][path.removeprefix("/cpro/factures")]["post"]
    return next(parameter["schema"] for parameter in operation["parameters"] if parameter["in"] == "body")


def examples() -> Iterator[dict[str, Any]]:
    if EXAMPLES.exists():
        for line in EXAMPLES.read_text(encoding="utf-8").splitlines():
            example = json.loads(line)
            if example["path"] in OPERATIONS and example["status"] == 200:
                yield example


def exchange(answer: requests.Response) -> dict[str, Any]:
    sent = answer.request.body
    text = sent.decode() if isinstance(sent, bytes) else sent
    is_json = "json" in answer.request.headers.get("Content-Type", "")
    return {
        "method": answer.request.method,
        "path": answer.request.path_url,
        "request_headers": dict(answer.request.headers),
        "request_body": json.loads(text) if text and is_json else text,
        "status": answer.status_code,
        "response_headers": dict(answer.headers),
        "response_body": answer.json() if answer.content else None,
    }


def token_exchange(url: str) -> requests.Response:
    form = {"grant_type": "client_credentials", "client_id": "local", "client_secret": "local-secret"}
    return requests.post(url + TOKEN, data=form, timeout=10)


def session(client: Client, buyer: Client) -> Iterator[requests.Response]:
    """Call every operation, the buyer's and the supplier's, found and not found."""
    yield token_exchange(client.url)
    yield requests.get(client.url + HEALTH_CHECK, headers=client.headers, timeout=10)
    for body in (
        {},
        {"numeroFacture": "NONE"},
        {"periodeDateHeureEtatCourantDu": "2026-10-08T00:00:00", "recupererTaille": True},
        {"rechercheFactureParFournisseur": {"nbResultatsParPage": 5, "pageResultatDemandee": 2}},
    ):
        yield client.post(SEARCH, body)
    for invoice_id in (4321001, 4321004, 4321016, 1):
        yield client.post(READ, {"identifiantFactureCPP": invoice_id, "codeLangue": "fr"})
        yield client.post(HISTORY, {"idFacture": invoice_id})
    for status, motif in (("SUSPENDUE", "Pièce manquante"), ("COMPLETEE", ""), ("REJETEE", "Non"), ("MANDATEE", "")):
        yield buyer.post(TREAT, {"idFacture": 4321008, "nouveauStatut": status, "motif": motif})
    yield buyer.post(TREAT, {"idFacture": 4321002, "nouveauStatut": "MISE_EN_PAIEMENT", "numeroDPMandat": "M1"})
    yield client.post(HISTORY, {"idFacture": 4321008})


def test_the_exchanges_of_a_whole_session_conform(client: Client, buyer: Client, checker: ModuleType) -> None:
    exchanges = [exchange(answer) for answer in session(client, buyer)]
    assert {each["path"] for each in exchanges} == {*OPERATIONS, TOKEN, HEALTH_CHECK}
    assert [str(finding) for each in exchanges for finding in checker.check_exchange(each)] == []


def test_the_refusals_of_the_gateway_conform(client: Client, checker: ModuleType) -> None:
    answers = [
        client.post(SEARCH, {}, Authorization="Bearer unknown"),
        client.post(SEARCH, {}, **{"cpro-account": "bm9ib2R5Om5vYm9keQ=="}),
        client.post(SEARCH, {"numero": 1}),
        client.post(SEARCH, {}, **{"Content-Type": "text/plain"}),
    ]
    exchanges = [exchange(answer) for answer in answers]
    assert [each["status"] for each in exchanges] == [401, 401, 400, 415]
    assert [finding for each in exchanges for finding in checker.check_exchange(each, side="response")] == []


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: example["note"])
def test_a_request_of_the_examples_is_answered_in_the_envelope(client: Client, example: dict[str, Any]) -> None:
    answer = client.post(example["path"], example["request_body"])
    assert (answer.status_code, set(answer.json()) >= {"codeRetour", "libelle"}) == (200, True)


def resolved(schema: Any) -> Any:
    return swagger()["definitions"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def samples(schema: Any) -> list[Any]:
    """Return values that the schema allows: every one of an enumeration, one object with every property."""
    schema = resolved(schema)
    if schema["type"] == "object":
        return [{name: samples(value)[0] for name, value in schema.get("properties", {}).items()}]
    if schema["type"] == "array":
        return [[value] for value in samples(schema["items"])]
    if "enum" in schema:
        return list(schema["enum"])
    if schema.get("format") == "date-time":
        return ["2026-11-22"]
    return [{"integer": 1, "number": 1.5, "boolean": True, "string": "MANDATEE"}[schema["type"]]]


def properties(schema: Any) -> Iterator[tuple[dict[str, Any], Any]]:
    """Yield each property of an object, at any depth, as a body that has only it, with the property's schema."""
    for name, value in resolved(schema).get("properties", {}).items():
        yield {name: samples(value)[0]}, value
        for sample in samples(value):
            yield {name: sample}, value
        for inner, inner_schema in properties(value) if resolved(value)["type"] == "object" else ():
            yield {name: inner}, inner_schema


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_property_and_every_value_of_the_swagger_is_accepted(path: str) -> None:
    schema = request_schema(path)
    needed = samples(schema)[0]
    for body, _ in properties(schema):
        OPERATIONS[path].check({**needed, **body})


@pytest.mark.parametrize("path", OPERATIONS)
def test_a_property_that_the_swagger_does_not_have_is_refused_at_any_depth(path: str) -> None:
    full = samples(request_schema(path))[0]
    objects = {name: value for name, value in full.items() if isinstance(value, dict)}
    for body in ({**full, "inconnu": 1}, *({**full, name: {**value, "inconnu": 1}} for name, value in objects.items())):
        with pytest.raises(MalformedError, match="unknown property"):
            OPERATIONS[path].check(body)


@pytest.mark.parametrize(
    ("definition", "name", "ours"),
    [
        ("HistoriqueStatus", "histoStatutCode", codes.STATUSES),
        ("ParametresRechercherFactureParFournisseur", "triColonne", codes.SEARCH_COLUMNS),
        ("RechercherFactureParFournisseurParam", "cadreFacturation", codes.BILLING_FRAMES),
        ("RechercherFactureParFournisseurParam", "modeDepot", codes.DEPOSIT_MODES),
        ("FournisseurFactureEmise", "typeIdentifiantFournisseur", codes.IDENTIFIER_TYPES),
        ("ParamRechercheHistoStatuts", "triColonneListeHistoStatut", codes.HISTORY_COLUMNS),
    ],
)
def test_our_codes_are_those_of_the_swagger(definition: str, name: str, ours: tuple[str, ...]) -> None:
    assert set(ours) == set(swagger()["definitions"][definition]["properties"][name]["enum"])
