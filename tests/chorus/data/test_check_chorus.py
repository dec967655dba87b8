"""check_chorus, as it is typed, against a local Chorus Pro."""

from collections.abc import Iterator

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Account, Application, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.data.conftest import SECRETS, SETUP, SIRET, Shell

WELL = "all is well: token, technical account and API work."
ALL_COMPANIES = """
[chorus]
environment = "local"
piste_client_id = "shared"
piste_client_secret = "canary-shared"
technical_login = "TECH_2@cpro.fr"
technical_password = "canary-shared"
[[companies]]
code = "BETA"
name = "Beta"
siret = "33254021516365"
"""


@pytest.fixture
def portal() -> Iterator[LocalPortal]:
    with Store() as store:
        store.add_application(Application("acme", SECRETS["ACME_PISTE_SECRET"]))
        store.add_structure(Structure(SIRET, "Acme", "supplier"))
        store.add_account(Account("TECH_1@cpro.fr", SECRETS["ACME_TECHNICAL_PASSWORD"], [SIRET]))
        with LocalPortal(store) as server:
            yield server


@pytest.fixture
def shell(manage: Shell, portal: LocalPortal) -> Shell:
    manage.variables["CHORUS_LOCAL_URL"] = portal.url
    return manage


def load(shell: Shell, text: str, **variables: str) -> None:
    assert shell("load_setup", shell.write("setup.toml", text), **(SECRETS | variables)).code == 0


def test_a_connection_that_works_is_said_to_be_well(shell: Shell) -> None:
    load(shell, SETUP)
    ended = shell("check_chorus")
    assert (ended.code, ended.stderr) == (0, "")
    assert ended.stdout == f"ACME (local, TECH_1@cpro.fr): {WELL}\n"


def test_each_connection_has_its_line_and_some_wrong_ones_give_3(shell: Shell) -> None:
    load(shell, SETUP + ALL_COMPANIES)
    ended = shell("check_chorus")
    assert ended.code == 3
    wrong, well = sorted(ended.stdout.splitlines())
    assert well == f"ACME (local, TECH_1@cpro.fr): {WELL}"
    assert wrong.startswith("***** (local, TECH_2@cpro.fr): ")
    assert "invalid_client" in wrong
    assert "canary" not in ended.stdout + ended.stderr


def test_a_wrong_technical_password_gives_69_when_nothing_else_works(shell: Shell) -> None:
    load(shell, SETUP, ACME_TECHNICAL_PASSWORD="canary-wrong")
    ended = shell("check_chorus")
    assert ended.code == 69
    assert ended.stdout.startswith("ACME (local, TECH_1@cpro.fr): ")
    assert len(ended.stdout.splitlines()) == 1
    assert "canary" not in ended.stdout


def test_a_company_is_checked_through_the_connection_that_it_uses(shell: Shell) -> None:
    load(shell, SETUP + ALL_COMPANIES)
    own = shell("check_chorus", "--company", "ACME")
    assert (own.code, own.stdout) == (0, f"ACME (local, TECH_1@cpro.fr): {WELL}\n")
    for company in ("BETA", "*****"):
        shared = shell("check_chorus", "--company", company)
        assert shared.code == 69
        assert shared.stdout.startswith("***** (local, TECH_2@cpro.fr): ")


def test_a_disabled_connection_is_not_tried(shell: Shell) -> None:
    load(shell, SETUP + ALL_COMPANIES.replace("[chorus]\n", "[chorus]\nenabled = false\n"))
    ended = shell("check_chorus")
    assert ended.code == 0
    assert "***** (local, TECH_2@cpro.fr): disabled, not tried." in ended.stdout.splitlines()


def test_no_enabled_connection_is_an_error(shell: Shell) -> None:
    ended = shell("check_chorus")
    assert (ended.code, ended.stdout) == (1, "")
    assert "No Chorus connection is enabled" in ended.stderr


def test_an_unknown_company_is_refused(shell: Shell) -> None:
    load(shell, SETUP)
    ended = shell("check_chorus", "--company", "NONE")
    assert ended.code == 1
    assert "“NONE” does not exist" in ended.stderr


def test_f39_a_changed_encryption_key_gives_78_without_a_call(shell: Shell) -> None:
    """F39"""
    load(shell, SETUP)
    ended = shell("check_chorus", FIELD_ENCRYPTION_KEYS="x" * 43 + "=", CHORUS_LOCAL_URL="http://127.0.0.1:9")
    assert ended.code == 78
    assert "FIELD_ENCRYPTION_KEYS" in ended.stdout


def test_a_company_that_goes_through_no_connection_is_named(shell: Shell) -> None:
    load(shell, '[[companies]]\ncode = "LONE"\nname = "Lone"\nsiret = "33254021516357"\n')
    ended = shell("check_chorus", "--company", "LONE")
    assert ended.code == 1
    assert "LONE has no enabled Chorus connection" in ended.stderr
