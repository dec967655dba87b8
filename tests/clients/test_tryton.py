"""Tryton with its module for Chorus Pro works against the local one; only the module's base URLs are set.

Each test runs trytond on a new SQLite database.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chorus.local_portal.deposits import flows
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from tests.chorus.local_portal.client import PASSWORDS, SEARCH, SUPPLIER_LOGIN, Client
from tests.clients.conftest import hasty_clock
from tests.clients.programs import run


@pytest.fixture
def clock() -> Clock:
    """Tryton takes a flow for integrated as soon as it is received: here it is treated before Tryton asks for it."""
    return hasty_clock()


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where trytond keeps a database with the modules activated, which takes half a minute, for the next test."""
    return tmp_path_factory.mktemp("tryton")


@pytest.fixture
def tryton(tmp_path: Path, databases: Path) -> dict[str, str]:
    """The environment variables of trytond; the last one is oauthlib's, which else refuses a URL that is not https."""
    return {
        "DB_NAME": "company",
        "DB_CACHE": str(databases),
        "TRYTOND_DATABASE_URI": "sqlite://",
        "TRYTOND_DATABASE__PATH": str(tmp_path),
        "OAUTHLIB_INSECURE_TRANSPORT": "1",
    }


def test_a_flow_is_but_an_instant_in_the_states_that_tryton_takes_for_the_last() -> None:
    states = [flows.state_after(elapsed)[1] for elapsed in range(flows.TREATED_AFTER)]
    assert 0 < states.count("IN_RECU") + states.count("IN_TRAITE_SE_CPP") <= 20


def found(client: Client, **filters: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = client.post(SEARCH, filters).json()["listeFactures"]
    return rows


def test_its_scheduler_sends_invoices_and_learns_which_the_portal_has_refused(
    portal: LocalPortal, tryton: dict[str, str]
) -> None:
    ended = run("tryton", "tryton_client", portal.url, **tryton)
    assert ended.returncode == 0, ended.stderr
    known = json.loads(ended.stdout)
    assert {number: deposit["state"] for number, deposit in known.items()} == {
        "TRY-2026-1": "done",
        "TRY-2026-2": "exception",  # without the commitment number that the recipient demands
        "TRY-2026-3": "done",
    }
    supplier = Client(portal.url, "TECH_2_00002@cpro.fr")
    (invoice,) = found(supplier, numeroFluxDepot=known["TRY-2026-1"]["flow"])
    assert (invoice["numeroFacture"], invoice["typeFacture"]) == ("TRY-2026-1", "FACTURE")
    assert (invoice["codeFournisseur"], invoice["codeDestinataire"]) == ("81234567600017", "12345678200036")
    assert (invoice["numeroBonCommande"], invoice["modeDepot"]) == ("1000054370", "UPLOAD_API")
    assert (invoice["montantHT"], invoice["montantTTC"], invoice["montantAPayer"]) == (502, 602.4, 602.4)
    assert found(supplier, numeroFluxDepot=known["TRY-2026-2"]["flow"]) == []
    (credit_note,) = found(supplier, numeroFluxDepot=known["TRY-2026-3"]["flow"])
    assert (credit_note["numeroFacture"], credit_note["typeFacture"]) == ("TRY-2026-3", "AVOIR")


def test_the_test_that_its_developers_run_on_the_qualification_portal_passes(
    portal: LocalPortal, tryton: dict[str, str]
) -> None:
    """It deposits an invoice whose tax has no category, sees it refused, mends the tax and deposits it again."""
    credentials = {
        "TEST_NETWORK": "1",
        "CHORUS_PISTE_CLIENT_ID": "local",
        "CHORUS_PISTE_CLIENT_SECRET": "local-secret",
        "CHORUS_LOGIN": SUPPLIER_LOGIN,
        "CHORUS_PASSWORD": PASSWORDS[SUPPLIER_LOGIN],
        "CHORUS_COMPANY_SIRET": "33254021516357",
        "CHORUS_CUSTOMER_SIRET": "12345678200051",
    }
    supplier = Client(portal.url)
    before = {row["numeroFacture"] for row in found(supplier)}
    ended = run("tryton", "tryton_scenario", portal.url, **tryton, **credentials)
    assert ended.returncode == 0, ended.stderr
    # Without its variables the scenario would be passed over, and the portal would have nothing new.
    (invoice,) = [row for row in found(supplier) if row["numeroFacture"] not in before]
    assert (invoice["codeDestinataire"], invoice["montantHT"], invoice["montantTTC"]) == ("12345678200051", 250, 300)
