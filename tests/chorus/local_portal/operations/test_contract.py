"""The local Chorus Pro against the contract of the API, where it lies beside the checkout.

The contract is AIFE's Swagger files and, for the operations without one, a description of the same kind.
"""

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
from tests.chorus.local_portal.client import SEARCH, Client

SWAGGER = SHARED / "swagger" / "factures.json"
EXAMPLES = SHARED / "contract" / "examples" / "good.jsonl"

pytestmark = [
    pytest.mark.skipif(not CHECKER.exists(), reason="the contract is not beside the checkout"),
    pytest.mark.wrong_traffic,
]

Schema = dict[str, Any]

# Texts that the contract leaves open, where only some are accepted.
TEXTS = {
    "typeDemandePaiement": "FACTURE",
    "statutCourant": "SUSPENDUE",
    "typeStructure": "PUBLIQUE",
    "avecPiecesJointesComplementaires": "NON",
    "codeCadreFacturationAValider": "A9_FACTURE_SOUSTRAITANT",
}


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


class RequestSchema:
    """What the contract says of an operation's request body."""

    def __init__(self, checker: ModuleType, path: str) -> None:
        self.root: Schema = checker.load_operations()[path].request.schema

    def resolved(self, schema: Schema) -> Schema:
        return self.root["definitions"][schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def samples(self, schema: Schema, name: str = "") -> list[Any]:
        """Return values that the schema allows: every one of an enumeration, one object with every property."""
        schema = self.resolved(schema)
        if schema["type"] == "object":
            properties = schema.get("properties", {})
            return [{each: self.samples(value, each)[0] for each, value in properties.items()}]
        if schema["type"] == "array":
            return [[value] for value in self.samples(schema["items"], name)]
        if "enum" in schema:
            return list(schema["enum"])
        if "dates" in schema:
            return ["2026-11-22"]
        return [{"integer": 1, "number": 1.5, "boolean": True, "string": TEXTS.get(name, "texte")}[schema["type"]]]

    def bodies(self, schema: Schema) -> Iterator[dict[str, Any]]:
        """Yield bodies that differ in one property, at any depth: one for each value that it may have."""
        full = self.samples(schema)[0]
        for name, value in self.resolved(schema).get("properties", {}).items():
            for sample in self.samples(value, name):
                yield {**full, name: sample}
            inner = self.resolved(value)
            for body in self.bodies(inner) if inner["type"] == "object" else ():
                yield {**full, name: body}


@pytest.mark.parametrize("path", OPERATIONS)
def test_every_property_and_every_value_of_the_contract_is_accepted(checker: ModuleType, path: str) -> None:
    schema = RequestSchema(checker, path)
    for body in (schema.samples(schema.root)[0], *schema.bodies(schema.root)):
        OPERATIONS[path].check(body)


@pytest.mark.parametrize("path", OPERATIONS)
def test_a_body_with_nothing_but_what_is_needed_is_accepted(checker: ModuleType, path: str) -> None:
    schema = RequestSchema(checker, path)
    full, needed = schema.samples(schema.root)[0], schema.resolved(schema.root).get("required", ())
    OPERATIONS[path].check({name: full[name] for name in {*needed, *STRICTER.get(path, ())}})


STRICTER = {
    "/cpro/factures/v1/traiterRejet": ["listeDemandePaiement"],
    "/cpro/factures/v1/consulter/recipiendaire": ["identifiantFactureCPP"],
}
"""What is needed here besides what the contract demands."""


@pytest.mark.parametrize("path", OPERATIONS)
def test_a_property_that_the_contract_does_not_have_is_refused_at_any_depth(checker: ModuleType, path: str) -> None:
    schema = RequestSchema(checker, path)
    full = schema.samples(schema.root)[0]
    objects = {name: value for name, value in full.items() if isinstance(value, dict)}
    lists = {name: value for name, value in full.items() if isinstance(value, list) and isinstance(value[0], dict)}
    for body in (
        {**full, "inconnu": 1},
        *({**full, name: {**value, "inconnu": 1}} for name, value in objects.items()),
        *({**full, name: [{**value[0], "inconnu": 1}]} for name, value in lists.items()),
    ):
        with pytest.raises(MalformedError, match="unknown property"):
            OPERATIONS[path].check(body)


@pytest.mark.parametrize(
    ("definition", "name", "ours"),
    [
        ("HistoriqueStatus", "histoStatutCode", codes.STATUSES),
        ("ParametresRechercherFactureParFournisseur", "triColonne", codes.SEARCH_COLUMNS),
        ("ParamRechercheFactureATraiterParFournisseur", "triColonne", codes.TO_TREAT_COLUMNS),
        ("ParamRechercheDemandeRecipiendaire", "triColonne", codes.RECEIVED_COLUMNS),
        ("RechercherFactureParFournisseurParam", "cadreFacturation", codes.BILLING_FRAMES),
        ("RechercherFactureParFournisseurParam", "modeDepot", codes.DEPOSIT_MODES),
        ("FournisseurFactureEmise", "typeIdentifiantFournisseur", codes.IDENTIFIER_TYPES),
        ("ParamRechercheHistoStatuts", "triColonneListeHistoStatut", codes.HISTORY_COLUMNS),
        ("DerniereAction", "derniereActionCode", codes.USER_ACTIONS),
        ("SoumettreFactureReferences", "typeTva", codes.VAT_KINDS),
    ],
)
def test_our_codes_are_those_of_the_swagger(definition: str, name: str, ours: tuple[str, ...]) -> None:
    swagger = json.loads(SWAGGER.read_text(encoding="utf-8"))
    assert set(ours) == set(swagger["definitions"][definition]["properties"][name]["enum"])


@pytest.mark.parametrize(("definition", "ours"), [("LignePoste", codes.LINE_MEMBERS), ("LigneTva", codes.VAT_MEMBERS)])
def test_the_members_of_lines_are_those_of_the_swagger(definition: str, ours: tuple[str, ...]) -> None:
    swagger = json.loads(SWAGGER.read_text(encoding="utf-8"))
    assert set(ours) == set(swagger["definitions"][definition]["properties"])
