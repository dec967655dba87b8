"""What to put into the settings of a client."""

import base64
import itertools
import json
import shlex
from pathlib import Path
from typing import Any

from chorus.local_portal.state.store import Row, Store

STRUCTURES = """
SELECT id, siret, name, kind, service_required, commitment_required, payment_hidden FROM structures
WHERE active ORDER BY kind DESC, name
"""
SERVICES = "SELECT structure_id, code, name, commitment_required FROM services WHERE active ORDER BY code"
HIDDEN = "…"


def facts(store: Store, url: str, secrets_in: Path | None) -> dict[str, Any]:
    """Return what the page shows; secrets that are those of a file are left out, and its name is said instead."""
    applications, accounts = store.applications(), _accounts(store)
    if secrets_in is not None:
        applications = [{**application, "client_secret": HIDDEN} for application in applications]
        accounts = [{**account, "password": HIDDEN, "header": HIDDEN} for account in accounts]
    return {
        "url": url,
        "secrets_in": secrets_in,
        "applications": applications,
        "accounts": accounts,
        "structures": _structures(store),
        "setup": _setup(applications, accounts),
        "curl": _curl(url, applications, accounts),
    }


def _accounts(store: Store) -> list[dict[str, Any]]:
    """Return the technical accounts, each with its structures and the header that it sends."""
    accounts = []
    for login, rows in itertools.groupby(store.accounts(), lambda row: row["login"]):
        structures = list(rows)
        password = structures[0]["password"]
        header = base64.b64encode(f"{login}:{password}".encode()).decode()
        accounts.append({"login": login, "password": password, "header": header, "structures": structures})
    return accounts


def _structures(store: Store) -> list[Row]:
    services = store.rows(SERVICES)
    return [
        {**structure, "services": [each for each in services if each["structure_id"] == structure["id"]]}
        for structure in store.rows(STRUCTURES)
    ]


def _setup(applications: list[Row], accounts: list[dict[str, Any]]) -> str:
    """Return a company of the setup file that load_setup reads, for the first account of a supplier."""
    supplier = next(
        ((account, row) for account in accounts for row in account["structures"] if row["kind"] == "supplier"), None
    )
    if not (applications and supplier):
        return ""
    account, structure = supplier
    # A text of JSON is a text of TOML, too.
    values = {
        "piste_client_id": applications[0]["client_id"],
        "piste_client_secret": applications[0]["client_secret"],
        "technical_login": account["login"],
        "technical_password": account["password"],
    }
    code = next(iter(structure["name"].split()), structure["siret"])
    company = {"code": code, "name": structure["name"], "siret": structure["siret"]}
    lines = ["[[companies]]", *(f"{name} = {_quoted(value)}" for name, value in company.items())]
    lines += ["[companies.chorus]", "enabled = true", 'environment = "local"']
    return "\n".join([*lines, *(f"{name} = {_quoted(value)}" for name, value in values.items())])


def _curl(url: str, applications: list[Row], accounts: list[dict[str, Any]]) -> str:
    """Return commands that get a token and search the invoices of the first account."""
    if not (applications and accounts):
        return ""
    form = f"client_id={applications[0]['client_id']}", f"client_secret={applications[0]['client_secret']}"
    return "\n".join(
        [
            f"TOKEN=$(curl -s {url}/api/oauth/token -d grant_type=client_credentials -d scope=openid \\",
            f"    --data-urlencode {shlex.quote(form[0])} --data-urlencode {shlex.quote(form[1])} \\",
            """    | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')""",
            f'curl -s {url}/cpro/factures/v1/rechercher/fournisseur -H "Authorization: Bearer $TOKEN" \\',
            f"    -H {shlex.quote('cpro-account: ' + accounts[0]['header'])} \\",
            "    -H 'Content-Type: application/json;charset=utf-8' -d '{}'",
        ]
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
