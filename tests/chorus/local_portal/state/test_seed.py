import copy
import json
from pathlib import Path
from typing import Any

import pytest

from chorus.local_portal.state.seed import DEFAULT_SEED, SeedError, load_seed
from chorus.local_portal.state.store import Store

SEED: dict[str, Any] = {
    "applications": [{"client_id": "app", "client_secret": "secret"}],
    "structures": [
        {"siret": "33254021516357", "name": "ACME", "kind": "supplier"},
        {"siret": "12345678200051", "name": "Ville", "kind": "recipient", "services": [{"code": "S1", "name": "V"}]},
    ],
    "accounts": [{"login": "TECH", "password": "secret", "structures": ["33254021516357"]}],
    "invoices": [
        {
            "number": "F1",
            "supplier": "33254021516357",
            "recipient": "12345678200051",
            "service": "S1",
            "date": "2026-11-09",
            "due_on": "2026-12-09",
            "amount_incl_tax": 120.5,
            "history": [
                {"status": "DEPOSEE", "at": "2026-11-09T10:00:00"},
                {"status": "REJETEE", "at": "2026-11-10T10:00:00.5Z", "comment": "Non", "author": "Anne"},
            ],
        }
    ],
}


def write(tmp_path: Path, seed: object) -> Path:
    file = tmp_path / "seed.json"
    file.write_text(json.dumps(seed), encoding="utf-8")
    return file


def load(tmp_path: Path, seed: object) -> Store:
    store = Store()
    try:
        load_seed(write(tmp_path, seed), store)
    except SeedError:
        store.close()
        raise
    return store


def test_a_seed_fills_the_store(tmp_path: Path) -> None:
    with load(tmp_path, SEED) as store:
        assert store.is_application("app", "secret")
        [invoice_id] = store.find_invoices("TRUE", (), "id")
        invoice = store.invoice(invoice_id)
        changes = store.status_changes(invoice_id)
    assert (invoice["number"], invoice["service_code"], invoice["amount_payable"]) == ("F1", "S1", 120.5)
    assert (invoice["status"], invoice["status_comment"], invoice["due_on"]) == ("REJETEE", "Non", "2026-12-09")
    assert [change["author"] for change in changes] == [None, "Anne"]


def test_a_time_without_zone_is_paris_time(tmp_path: Path) -> None:
    with load(tmp_path, SEED) as store:
        [invoice_id] = store.find_invoices("TRUE", (), "id")
        deposit = store.status_changes(invoice_id)[0]
    assert deposit["at"] == 1_794_214_800_000


def test_an_empty_seed_makes_an_empty_portal(tmp_path: Path) -> None:
    with load(tmp_path, {}) as store:
        assert store.accounts() == []


def test_the_default_seed_has_the_recipients_of_the_qualification_environment() -> None:
    with Store() as store:
        load_seed(DEFAULT_SEED, store)
        sirets = {row["siret"] for row in store.accounts() if row["kind"] == "recipient"}
    assert sirets == {"12345678200051", "12345678200036", "12345678200028", "12345678200044", "11000201100044"}


def test_the_accounts_of_the_default_seed_have_passwords_that_expire() -> None:
    with Store() as store:
        load_seed(DEFAULT_SEED, store)
        days = [row["password_expires_on"] for row in store.rows("SELECT password_expires_on FROM accounts")]
    assert all(day > "2027" for day in days)


def test_lines_vat_and_bank_accounts_are_kept(tmp_path: Path) -> None:
    details = {"lines": [{"lignePosteNumero": 1}], "vat": [{"ligneTvaTauxManuel": 20}]}
    seed = changed("invoices.0.details", details)
    seed["structures"][0]["bank_accounts"] = [{"id": 7, "name": "Principal", "iban": "FR7630006000011234567890189"}]
    with load(tmp_path, seed) as store:
        [invoice_id] = store.find_invoices("TRUE", (), "id")
        assert json.loads(store.invoice(invoice_id)["details"]) == details
        assert [tuple(row.values())[0::2] for row in store.rows("SELECT * FROM bank_accounts")] == [
            (7, "Principal", None)
        ]


def changed(path: str, value: object) -> dict[str, Any]:
    """Return the seed with the value at a path such as invoices.0.number; None deletes."""
    seed: Any = copy.deepcopy(SEED)
    *steps, last = [int(step) if step.isdecimal() else step for step in path.split(".")]
    owner = seed
    for step in steps:
        owner = owner[step]
    if value is None:
        del owner[last]
    else:
        owner[last] = value
    return dict(seed)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("invoice", [], "invoice: unknown property; known are applications, structures, accounts, invoices"),
        ("invoices.0.number", None, "invoices[0].number: missing"),
        ("invoices.0.number", " ", "invoices[0].number: the text is empty"),
        ("invoices.0.amount", 1, "invoices[0].amount: unknown property"),
        ("invoices.0.id", 0, "invoices[0].id: 0 is not between 1 and"),
        ("invoices.0.date", "2026-11-31", "invoices[0].date: '2026-11-31' is not a day"),
        ("invoices.0.date", "2026-11-30T10:00:00", "invoices[0].date: '2026-11-30T10:00:00' is not a day"),
        ("invoices.0.history", [], "invoices[0].history: the list is empty, where at least 1 is due"),
        ("invoices.0.history.1.status", "PAYEE", "invoices[0].history[1].status: 'PAYEE' is not one of BROUILLON"),
        ("invoices.0.history.1.at", "hier", "invoices[0].history[1].at: 'hier' is not a date"),
        ("invoices.0.history.1.at", "2026-11-08", "invoices[0].history[1].at: earlier than the status before it"),
        ("invoices.0.supplier", "12345678200051", "invoices[0].supplier: '12345678200051' is not known; known are 332"),
        ("invoices.0.recipient", "1", "invoices[0].recipient: '1' is not known; known are 12345678200051"),
        ("invoices.0.service", "S2", "invoices[0].service: 'S2' is not known; known are S1"),
        ("invoices.0.supplier_service", "S1", "invoices[0].supplier_service: 'S1' is not known; known are none"),
        ("invoices.0.other_members", {"typeIdentifiantValideur1": "X"}, "typeIdentifiantValideur1: 'X' is not one of"),
        ("invoices.0.other_members", {"dateValidation1": "X"}, "invoices[0].other_members.dateValidation1: 'X' is not"),
        ("invoices.0.details", {"lines": [{"lignePosteNumero": "1"}]}, "details.lines[0].lignePosteNumero: a whole"),
        ("invoices.0.details", {"vat": [{"taux": 20}]}, "invoices[0].details.vat[0].taux: unknown property"),
        ("structures.0.bank_accounts", [{"name": "A"}], "structures[0].bank_accounts[0].iban: missing"),
        ("structures.0.bank_accounts", [{"name": "A", "iban": "FR76 3000"}], "bank_accounts[0].iban: an IBAN without"),
        ("accounts.0.password_expires_on", "2027", "accounts[0].password_expires_on: '2027' is not a day"),
        ("structures.1.siret", "33254021516357", "structures[1].siret: '33254021516357' is there twice"),
        ("structures.1.kind", "buyer", "structures[1].kind: 'buyer' is not one of supplier, recipient"),
        ("accounts.0.structures", ["1"], "accounts[0].structures[0]: '1' is not known"),
        ("accounts.0.password", 7, "accounts[0].password: a text is due, not a number"),
    ],
)
def test_a_mistake_in_a_seed_is_named_with_its_place(tmp_path: Path, path: str, value: object, message: str) -> None:
    with pytest.raises(SeedError) as raised:
        load(tmp_path, changed(path, value))
    assert message in str(raised.value)
    assert "seed.json: " in str(raised.value)


def test_two_services_of_a_structure_with_the_same_code_are_refused(tmp_path: Path) -> None:
    services = [{"code": "S1", "name": "A"}, {"code": "S1", "name": "B"}]
    with pytest.raises(SeedError, match="UNIQUE constraint failed: services"):
        load(tmp_path, changed("structures.1.services", services))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with Store() as store, pytest.raises(SeedError, match=r"nothing\.json cannot be read: No such file"):
        load_seed(tmp_path / "nothing.json", store)


@pytest.mark.parametrize(
    ("content", "message"),
    [(b'{"invoices": [}', "line 1, column 15"), (b'"\xe9"', "not JSON in UTF-8"), (b"[" * 100_000, "not JSON")],
)
def test_a_file_that_is_not_json_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "seed.json"
    file.write_bytes(content)
    with Store() as store, pytest.raises(SeedError, match=message):
        load_seed(file, store)
