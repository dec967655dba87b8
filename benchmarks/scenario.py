"""The invented company, its invoices, and what the buyer does with them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from chorus.local_portal.state.records import Account, Application, Invoice, StatusChange, Structure
from chorus.local_portal.state.store import Store

COMPANY = "BENCH"
BATCH = "BENCH"
SUPPLIER = Structure("33254021516357", "Banc d'essai", "supplier")
BUYER = Structure("12345678200051", "Commune de Saint-Aubin", "recipient")
APPLICATION = Application("benchmark", "benchmark-piste-secret")
ACCOUNT = Account("TECH_1_00001@cpro.fr", "benchmark-technical", (SUPPLIER.siret,))
FIRST_STATUS, NEXT_STATUS = "MISE_A_DISPOSITION", "MANDATEE"  # neither is final: all invoices stay open

NOW = datetime.now(UTC).replace(microsecond=0)
MONTH, LAST_DAY = timedelta(days=30), timedelta(days=1)

SETUP = f"""
[[users]]
login = "batch"
password = "benchmark-batch-password"
email = "batch@example.org"
roles = ["Operations"]

[[companies]]
code = "{COMPANY}"
name = "{SUPPLIER.name}"
siret = "{SUPPLIER.siret}"
[companies.chorus]
environment = "local"
piste_client_id = "{APPLICATION.client_id}"
piste_client_secret = "{APPLICATION.client_secret}"
technical_login = "{ACCOUNT.login}"
technical_password = "{ACCOUNT.password}"

[[batches]]
code = "{BATCH}"
label = "Benchmark"
template = "CheckFacturesClientChorus"
[batches.parameters]
BATCH_USER = "batch"
BATCH_PWD = "benchmark-batch-password"
BATCH_MAIL = "support@example.org"
"""


def number(place: int) -> str:
    return f"F{place:07}"


def flow_number(place: int) -> str:
    return f"CPP001111700000000{place:08}"


def deposited_at(place: int, count: int) -> datetime:
    """Return when an invoice got its first status: one after the other, from a month to a day ago."""
    return NOW - MONTH + (MONTH - LAST_DAY) * place / count


def fill_portal(store: Store, count: int) -> list[int]:
    """Put the company and its invoices on a local Chorus Pro; return the invoices' Chorus ids."""
    store.add_application(APPLICATION)
    store.add_structure(SUPPLIER)
    store.add_structure(BUYER)
    store.add_account(ACCOUNT)
    return store.add_invoices(_on_portal(place, count) for place in range(count))


def move_on(store: Store, ids: list[int]) -> None:
    """Let the buyer move these invoices on, one after the other during the last day."""
    for step, chorus_id in enumerate(ids):
        store.set_status(chorus_id, NEXT_STATUS, at=NOW - LAST_DAY + LAST_DAY * (step + 1) / len(ids))


def _on_portal(place: int, count: int) -> Invoice:
    at = deposited_at(place, count)
    return Invoice(
        number=number(place),
        supplier=SUPPLIER.siret,
        recipient=BUYER.siret,
        date=at.date(),
        history=[StatusChange(FIRST_STATUS, at)],
        amount_excl_tax=1041.67,
        amount_incl_tax=1250,
        amount_payable=1250,
        flow_number=flow_number(place),
    )
