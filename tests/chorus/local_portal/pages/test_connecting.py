import subprocess
import tomllib
from pathlib import Path

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Account, Application, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import BUYER_LOGIN, PASSWORDS, SUPPLIER_LOGIN, account_header
from tests.chorus.local_portal.pages.visitor import Visitor

NEEDED_OF_A_CLIENT = ["local", "local-secret", *PASSWORDS, *PASSWORDS.values()]


def run(commands: str) -> str:
    return subprocess.run(["bash", "-c", commands], capture_output=True, text=True, check=True, timeout=20).stdout


def test_it_says_what_to_put_into_this_application_s_settings(visitor: Visitor) -> None:
    settings, setup, _ = visitor.get("/connect").texts("//pre")
    assert settings == f"CHORUS_LOCAL_URL={visitor.url}"
    assert setup.startswith("[[companies]]")


def test_its_setup_is_one_that_can_be_read(visitor: Visitor) -> None:
    setup = visitor.get("/connect").values("//pre/text()")[1]
    (company,) = tomllib.loads(setup)["companies"]
    assert (company["code"], company["siret"]) == ("ACME", "33254021516357")
    assert company["chorus"] == {
        "enabled": True,
        "environment": "local",
        "piste_client_id": "local",
        "piste_client_secret": "local-secret",
        "technical_login": SUPPLIER_LOGIN,
        "technical_password": PASSWORDS[SUPPLIER_LOGIN],
    }


def test_it_says_what_another_client_needs(visitor: Visitor) -> None:
    text = visitor.get("/connect").text
    for fact in (f"{visitor.url}/api/oauth/token", *NEEDED_OF_A_CLIENT):
        assert fact in text
    assert account_header(BUYER_LOGIN, PASSWORDS[BUYER_LOGIN]) in text


def test_its_curl_commands_work(visitor: Visitor) -> None:
    commands = visitor.get("/connect").values("//pre/text()")[2]
    assert '"codeRetour":0' in run(commands)


def test_it_says_to_whom_invoices_may_be_sent_and_what_they_need(visitor: Visitor) -> None:
    rows = visitor.get("/connect").texts("//tbody/tr")
    assert (
        "DESTINATAIRE SERVICE OBLIGATOIRE buyer 12345678200028"
        " SERVICE_DEST_SERV_OBL Service financier a service code" in rows
    )
    assert any(row.startswith("ACME CONSEIL supplier 33254021516357") for row in rows)


def test_secrets_of_a_seed_file_are_not_shown(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "seed.json"
    with LocalPortal(store, secrets_in=file) as portal:
        page = Visitor(portal.url).get("/connect")
    assert f"Secrets are not shown here: they are in {file}." in page.text
    for login, password in PASSWORDS.items():
        assert login in page.text
        assert password not in page.answer.text
        assert account_header(login, password) not in page.answer.text
    assert "local-secret" not in page.answer.text


@pytest.mark.parametrize("secret", ["it's", '$(exit 1) "`', "a b;c &", "é\\"])
def test_secrets_with_special_characters_are_quoted(visitor: Visitor, store: Store, secret: str) -> None:
    store.clear()
    store.add_application(Application("the app", secret))
    store.add_structure(Structure("1", "ACME", "supplier"))
    store.add_account(Account("TECH", secret, ["1"]))
    _, setup, commands = visitor.get("/connect").values("//pre/text()")
    chorus = tomllib.loads(setup)["companies"][0]["chorus"]
    assert (chorus["piste_client_secret"], chorus["technical_password"]) == (secret, secret)
    assert '"codeRetour":0' in run(commands)


def test_a_portal_without_accounts_still_says_where_it_is(visitor: Visitor, store: Store) -> None:
    store.clear()
    assert visitor.get("/connect").texts("//pre") == [f"CHORUS_LOCAL_URL={visitor.url}"]
