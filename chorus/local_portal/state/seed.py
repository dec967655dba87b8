"""The seed: a JSON file of what a local Chorus Pro holds at its start; docs/local-chorus-pro.md describes it."""

import datetime
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chorus.local_portal import dates
from chorus.local_portal.checks import MalformedError
from chorus.local_portal.state.records import (
    Account,
    Application,
    BankAccount,
    Invoice,
    Service,
    StatusChange,
    Structure,
)
from chorus.local_portal.state.seed_form import SEED
from chorus.local_portal.state.store import Store
from chorus.local_portal.state.writing import StoreError

DEFAULT_SEED = Path(__file__).with_name("default_seed.json")

Json = Mapping[str, Any]


class SeedError(ValueError):
    """A seed file cannot be used; the message names the file and the place in it."""


def load_seed(file: Path, store: Store) -> None:
    """Add what a seed file says to a store. Raises SeedError; the store is then not to be used."""
    try:
        seed = json.loads(file.read_text(encoding="utf-8"))
        SEED(seed)
        _check_references(seed)
        _add(seed, store)
    except OSError as error:
        raise SeedError(f"{file} cannot be read: {error.strerror}") from error
    except json.JSONDecodeError as error:
        raise SeedError(f"{file} is not JSON: line {error.lineno}, column {error.colno}: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise SeedError(f"{file} is not JSON in UTF-8") from error
    except (MalformedError, StoreError) as error:
        raise SeedError(f"{file}: {error}") from error


def _check_references(seed: Json) -> None:
    structures = {structure["siret"]: structure for structure in seed.get("structures", ())}
    for list_name, key in (
        ("applications", "client_id"),
        ("structures", "siret"),
        ("structures", "id"),
        ("accounts", "login"),
        ("invoices", "id"),
    ):
        _check_unique(seed.get(list_name, ()), list_name, key)
    for place, account in _placed(seed, "accounts"):
        for position, siret in enumerate(account["structures"]):
            _check_known(siret, structures, f"{place}.structures[{position}]")
    for place, invoice in _placed(seed, "invoices"):
        _check_party(invoice, "supplier", "supplier_service", structures, place)
        _check_party(invoice, "recipient", "service", structures, place)
        _check_order(invoice["history"], place)


def _placed(seed: Json, list_name: str) -> Iterator[tuple[str, Json]]:
    for position, item in enumerate(seed.get(list_name, ())):
        yield f"{list_name}[{position}]", item


def _check_unique(items: Sequence[Json], list_name: str, key: str) -> None:
    seen: set[Any] = set()
    for position, item in enumerate(items):
        value = item.get(key)
        if value in seen:
            raise MalformedError(f"{value!r} is there twice", f"{list_name}[{position}].{key}")
        if value is not None:
            seen.add(value)


def _check_known(value: str, known: Collection[str], place: str) -> None:
    if value not in known:
        raise MalformedError(f"{value!r} is not known; known are {', '.join(known) or 'none'}", place)


def _check_party(invoice: Json, role: str, service: str, structures: Mapping[str, Json], place: str) -> None:
    of_kind = {siret: structure for siret, structure in structures.items() if structure["kind"] == role}
    _check_known(invoice[role], of_kind, f"{place}.{role}")
    if service in invoice:
        services = [known["code"] for known in of_kind[invoice[role]].get("services", ())]
        _check_known(invoice[service], services, f"{place}.{service}")


def _check_order(history: Sequence[Json], place: str) -> None:
    for position in range(1, len(history)):
        if dates.read(history[position]["at"]) < dates.read(history[position - 1]["at"]):
            raise MalformedError("earlier than the status before it", f"{place}.history[{position}].at")


def _add(seed: Json, store: Store) -> None:
    # SEED lets no other key through: what it checks has the fields of the records.
    for application in seed.get("applications", ()):
        store.add_application(Application(**application))
    for structure in seed.get("structures", ()):
        services = [Service(**service) for service in structure.get("services", ())]
        bank_accounts = [BankAccount(**account) for account in structure.get("bank_accounts", ())]
        store.add_structure(Structure(**{**structure, "services": services, "bank_accounts": bank_accounts}))
    for account in seed.get("accounts", ()):
        store.add_account(Account(**{**account, **_days(account, "password_expires_on")}))
    store.add_invoices(_invoice(invoice) for invoice in seed.get("invoices", ()))


def _invoice(invoice: Json) -> Invoice:
    history = [StatusChange(**{**change, "at": dates.read(change["at"])}) for change in invoice["history"]]
    return Invoice(**{**invoice, **_days(invoice, "date", "due_on"), "history": history})


def _days(item: Json, *names: str) -> dict[str, datetime.date]:
    return {name: datetime.date.fromisoformat(item[name]) for name in names if name in item}
