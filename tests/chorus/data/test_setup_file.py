import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group

from akuiteo.models import User
from akuiteo.secrets import Secret
from batches.models import Batch, BatchParameter
from chorus.models import ChorusConnection, Company
from chorus.setup_file.loading import Counts, SetupFileError, load, read
from chorus.setup_file.users import ROLES
from tests.chorus.data.conftest import KEY, SECRETS, SETUP, SIRET

pytestmark = pytest.mark.django_db

COMPANY = f'[[companies]]\ncode = "ACME"\nname = "Acme"\nsiret = "{SIRET}"\n'
CONNECTION = """[companies.chorus]
environment = "local"
piste_client_id = "acme"
piste_client_secret = "s3cret-piste"
technical_login = "TECH_1@cpro.fr"
technical_password = "s3cret-technical"
"""
BATCH = """[[batches]]
code = "CHORUS"
label = "Statuses"
template = "CheckFacturesClientChorus"
[batches.parameters]
BATCH_USER = "batch"
BATCH_PWD = "s3cret-batch"
BATCH_MAIL = "support@example.org"
"""


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [KEY]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    for name, value in SECRETS.items():
        monkeypatch.setenv(name, value)


def loaded(text: str, check: bool = False) -> Counts:
    return load(tomllib.loads(text), check)


def problems(text: str) -> list[str]:
    with pytest.raises(SetupFileError) as caught:
        loaded(text)
    return caught.value.problems


def everything() -> list[Any]:
    models = (User, User.groups.through, Company, ChorusConnection, Batch, BatchParameter)
    return [list(model._base_manager.order_by("pk").values()) for model in models]


def test_a_file_makes_users_companies_connections_and_batches() -> None:
    counts = loaded(SETUP)
    assert counts == {
        "users": Counter(created=2),
        "companies": Counter(created=1),
        "connections": Counter(created=1),
        "batches": Counter(created=1),
    }
    user = User.objects.get(username="batch")
    assert user.check_password("canary-batch")
    assert list(user.groups.values_list("name", flat=True)) == ["Operations"]
    connection = Company.objects.get(code="ACME", siret=SIRET).chorus
    assert connection.enabled
    assert connection.piste_client_secret.reveal() == "canary-piste"
    assert connection.technical_password.reveal() == "canary-technical"


def test_a_second_load_changes_nothing_not_even_an_encrypted_secret() -> None:
    loaded(SETUP)
    before = everything()
    assert set().union(*loaded(SETUP).values()) == {"unchanged"}
    assert everything() == before


def test_check_writes_nothing() -> None:
    assert loaded(SETUP, check=True)["users"] == Counter(created=2)
    assert everything() == [[], [], [], [], [], []]


def test_a_load_that_fails_changes_nothing() -> None:
    loaded(SETUP)
    before = everything()
    problems(SETUP.replace("Acme Conseil", "New name") + 'BATCH_LOG_LEVEL = "LOUD"')
    assert everything() == before


def test_parameters_are_kept_as_text_and_secret_ones_encrypted() -> None:
    loaded(SETUP + "BATCH_LOG_ID = 12\n")
    stored = {parameter.code: parameter for parameter in BatchParameter.objects.all()}
    assert stored["ALERTER_RESPONSABLE_FACTURE"].value == "True"
    assert stored["BATCH_LOG_ID"].value == "12"
    assert stored["BATCH_PWD"].value == ""
    assert stored["BATCH_PWD"].secret.reveal() == "canary-batch"


def test_a_secret_parameter_knows_when_it_was_set_last() -> None:
    loaded(SETUP)
    first = BatchParameter.objects.get(code="BATCH_PWD").secret_set_at
    loaded(SETUP.replace("= true", "= false"))
    assert first
    assert BatchParameter.objects.get(code="BATCH_PWD").secret_set_at == first


def test_a_parameter_that_the_file_has_no_more_is_removed() -> None:
    loaded(SETUP)
    assert loaded(SETUP.replace("ALERTER_RESPONSABLE_FACTURE = true", ""))["batches"] == Counter(updated=1)
    assert not BatchParameter.objects.filter(code="ALERTER_RESPONSABLE_FACTURE").exists()


def test_a_changed_parameter_updates_the_batch() -> None:
    loaded(SETUP)
    assert loaded(SETUP.replace("= true", "= false"))["batches"] == Counter(updated=1)
    assert BatchParameter.objects.get(code="ALERTER_RESPONSABLE_FACTURE").value == "False"


def test_a_changed_secret_is_encrypted_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded(SETUP)
    monkeypatch.setenv("ACME_PISTE_SECRET", "another")
    assert loaded(SETUP)["connections"] == Counter(updated=1)
    assert ChorusConnection.objects.get().piste_client_secret.reveal() == "another"


def test_secrets_that_the_keys_cannot_read_are_replaced(settings: Any) -> None:
    loaded(SETUP)
    settings.FIELD_ENCRYPTION_KEYS = ["x" * 43 + "="]
    counts = loaded(SETUP)
    assert counts["connections"] == counts["batches"] == Counter(updated=1)
    assert ChorusConnection.objects.get().technical_password.reveal() == "canary-technical"


def test_a_parameter_that_became_clear_leaves_no_secret() -> None:
    loaded(SETUP)
    BatchParameter.objects.filter(code="BATCH_MAIL").update(value="", secret=Secret.of("x"))
    assert loaded(SETUP)["batches"] == Counter(updated=1)
    stored = BatchParameter.objects.get(code="BATCH_MAIL")
    assert (stored.value, bool(stored.secret)) == ("support@example.org", False)


class TestUsers:
    def user(self) -> User:
        return User.objects.get(username="anne")

    def test_a_file_of_users_alone_updates_those(self) -> None:
        loaded(SETUP)
        text = '[[users]]\nlogin = "batch"\npassword = "new"\nactive = false\nroles = ["Viewer"]\n'
        counts = loaded(text)
        assert counts["users"] == Counter(updated=1)
        assert not counts["batches"]
        user = User.objects.get(username="batch")
        assert user.check_password("new")
        assert not user.is_active
        assert list(user.groups.values_list("name", flat=True)) == ["Viewer"]
        assert user.email == "batch@example.org"

    def test_a_user_without_a_password_cannot_log_in(self) -> None:
        loaded('[[users]]\nlogin = "anne"\n')
        assert not self.user().has_usable_password()

    def test_what_is_left_out_stays_as_it_is(self) -> None:
        loaded('[[users]]\nlogin = "anne"\npassword = "p"\nfirst_name = "Anne"\nroles = ["Viewer"]\nactive = false\n')
        assert loaded('[[users]]\nlogin = "anne"\nlanguage = "fr"\n')["users"] == Counter(updated=1)
        user = self.user()
        assert user.check_password("p")
        assert (user.first_name, user.is_active, user.language, user.groups.count()) == ("Anne", False, "fr", 1)

    def test_roles_open_the_admin_and_no_roles_close_it(self) -> None:
        loaded('[[users]]\nlogin = "anne"\nroles = ["Viewer", "Accounting"]\n')
        assert self.user().is_staff
        loaded('[[users]]\nlogin = "anne"\nroles = []\n')
        assert not self.user().is_staff
        assert not self.user().groups.exists()

    def test_other_groups_and_a_superusers_rights_are_left_alone(self) -> None:
        user = User.objects.create(username="anne", is_staff=True, is_superuser=True)
        user.groups.add(Group.objects.create(name="Own group"))
        loaded('[[users]]\nlogin = "anne"\nroles = []\n')
        assert self.user().is_staff
        assert self.user().groups.get().name == "Own group"

    def test_the_four_roles_are_there(self) -> None:
        assert Group.objects.filter(name__in=ROLES).count() == 4

    def test_unknown_roles_are_refused_with_the_four(self) -> None:
        assert problems('[[users]]\nlogin = "anne"\nroles = ["Viewer", "Boss"]\n') == [
            "users[1] (anne): roles: “Boss” unknown; accepted: Viewer, Accounting, Operations, Administrator"
        ]

    def test_wrong_values_are_refused_where_they_stand(self) -> None:
        found = problems(
            '[[users]]\nlogin = "a b"\nemail = "x"\nlanguage = "de"\nactive = "yes"\nroles = "Viewer"\n'
            'password = ""\nfirst_name = "A\\nB"\nlast_name = 5\n[[users]]\nemail = "a@example.org"\n'
        )
        assert [line.split(": ")[:2] for line in found] == [
            ["users[1] (a b)", "first_name"],
            ["users[1] (a b)", "last_name"],
            ["users[1] (a b)", "active"],
            ["users[1] (a b)", "login “a b”"],
            ["users[1] (a b)", "email “x”"],
            ["users[1] (a b)", "language “de”"],
            ["users[1] (a b)", "password is empty"],
            ["users[1] (a b)", "roles"],
            ["users[2]", "login is missing"],
        ]
        assert "Accepted: en, fr" in found[5]


class TestCompanies:
    def test_a_siret_is_kept_without_blanks(self) -> None:
        loaded(COMPANY.replace(SIRET, "332 540 215 16357"))
        assert Company.objects.get().siret == SIRET

    def test_a_changed_company_is_updated(self) -> None:
        loaded(COMPANY)
        assert loaded(COMPANY.replace('"Acme"', '"Acme SA"'))["companies"] == Counter(updated=1)
        assert Company.objects.get().name == "Acme SA"

    def test_the_top_level_connection_is_that_of_all_companies(self) -> None:
        text = CONNECTION.replace("companies.", "") + "technical_password_set_on = 2026-10-01\n"
        assert loaded(text)["connections"] == Counter(created=1)
        assert loaded(text)["connections"] == Counter(unchanged=1)
        connection = ChorusConnection.objects.get()
        assert connection.company is None
        assert str(connection.technical_password_set_on) == "2026-10-01"

    def test_a_connection_that_the_file_does_not_have_is_left_alone(self) -> None:
        loaded(COMPANY + CONNECTION)
        loaded(COMPANY)
        assert ChorusConnection.objects.count() == 1

    def test_a_disabled_connection_may_be_incomplete(self) -> None:
        loaded(COMPANY + '[companies.chorus]\nenabled = false\nenvironment = "production"\n')
        assert not ChorusConnection.objects.get().enabled

    def test_an_enabled_connection_is_complete(self) -> None:
        assert problems(COMPANY + "[companies.chorus]\nenabled = true\n") == [
            f"companies[1] (ACME).chorus: {key} is missing"
            for key in (
                "environment",
                "piste_client_id",
                "technical_login",
                "piste_client_secret",
                "technical_password",
            )
        ]

    def test_wrong_values_are_refused_where_they_stand(self) -> None:
        found = problems(
            COMPANY
            + CONNECTION.replace('"local"', '"prod"').replace('"s3cret-technical"', "5").replace('"s3cret-piste"', '""')
            + "technical_password_set_on = 2026-10-01T10:00:00\n"
            + '[[companies]]\ncode = "*****"\nname = ""\nsiret = "123"\n'
        )
        assert [line.split(": ")[:2] for line in found] == [
            ["companies[1] (ACME).chorus", "technical_password_set_on"],
            ["companies[1] (ACME).chorus", "environment “prod”"],
            ["companies[1] (ACME).chorus", "piste_client_secret is empty"],
            ["companies[1] (ACME).chorus", "technical_password"],
            ["companies[2] (*****)", "code “*****”"],
            ["companies[2] (*****)", "name “”"],
            ["companies[2] (*****)", "siret “123”"],
        ]
        assert "Accepted: production, qualification, local" in found[1]

    def test_the_connection_of_a_refused_company_is_looked_at_too(self) -> None:
        found = problems(COMPANY.replace(SIRET, "1") + CONNECTION.replace('"local"', '"prod"'))
        assert [line.split(":")[0] for line in found] == ["companies[1] (ACME)", "companies[1] (ACME).chorus"]


class TestBatches:
    def test_f36_a_bad_a_missing_and_an_unknown_parameter_are_named(self) -> None:
        found = problems(
            BATCH.replace('BATCH_USER = "batch"\n', "").replace("support@example.org", "support")
            + 'BATCH_COLOUR = "red"\nBATCH_DEBUG_PARAMS = 1.5\nLISTE_SOCIETES_A_TRAITER = "NONE"\n'
        )
        assert found[0].startswith("batches[1] (CHORUS).parameters: unknown key “BATCH_COLOUR”; accepted: ALERTER_")
        assert found[1] == (
            "batches[1] (CHORUS).parameters: BATCH_DEBUG_PARAMS: a text, a boolean or a whole number expected"
        )
        assert [line.split(": ")[1].split("=")[0] for line in found[2:]] == [
            "parameters",
            "parameters",
            "parameters",
        ]
        for line, name in zip(found[2:], ("LISTE_SOCIETES_A_TRAITER", "BATCH_MAIL", "BATCH_USER"), strict=True):
            assert name in line

    def test_a_batch_may_name_a_company_of_the_same_file(self) -> None:
        loaded(BATCH + 'LISTE_SOCIETES_A_TRAITER = "ACME"\n' + COMPANY)
        assert BatchParameter.objects.get(code="LISTE_SOCIETES_A_TRAITER").value == "ACME"

    def test_a_batch_without_parameters_misses_the_required_ones(self) -> None:
        found = problems(BATCH.split("[batches.parameters]")[0])
        assert [name for name in ("BATCH_MAIL", "BATCH_PWD", "BATCH_USER") if name in "".join(found)] == [
            "BATCH_MAIL",
            "BATCH_PWD",
            "BATCH_USER",
        ]

    def test_an_unknown_template_is_refused_with_the_existing_ones(self) -> None:
        (problem,) = problems(BATCH.replace("CheckFactures", "Check"))
        assert "CheckClientChorus" in problem
        assert "CheckFacturesClientChorus" in problem

    def test_a_batch_without_template_is_refused(self) -> None:
        assert problems(BATCH.replace('template = "CheckFacturesClientChorus"', "")) == [
            "batches[1] (CHORUS): template is missing"
        ]


class TestFile:
    def test_unknown_keys_are_refused_with_the_accepted_ones(self) -> None:
        assert problems('compagnies = 1\n[[companies]]\ncode = "A"\nname = "A"\nsiren = "1"\n') == [
            "unknown key “compagnies”; accepted: users, companies, chorus, batches",
            "companies[1] (A): unknown key “siren”; accepted: code, name, siret, chorus",
            "companies[1] (A): siret is missing",
        ]

    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("users = 1", "users: a list of tables expected: write [[users]]"),
            ("users = [1]", "users: a list of tables expected: write [[users]]"),
            ("[users]", "users: a list of tables expected: write [[users]]"),
            ("chorus = true", "chorus: a table expected: write [chorus]"),
            ('[[users]]\nlogin = "a"\nroles = [1]', "users[1] (a): roles: a list of texts expected"),
        ],
    )
    def test_another_structure_is_refused(self, text: str, problem: str) -> None:
        assert problems(text)[0].startswith(problem)

    def test_the_same_login_or_code_twice_is_refused(self) -> None:
        assert problems(COMPANY + '[[users]]\nlogin = "a"\n[[users]]\nlogin = "a"\n' + COMPANY) == [
            "users[2] (a): login stands in users[1] (a) already",
            "companies[2] (ACME): code stands in companies[1] (ACME) already",
        ]

    def test_variables_stand_for_a_whole_value_or_a_part(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NAME_OF_COMPANY", "Acme ${X}")
        loaded(COMPANY.replace('"Acme"', '"<${NAME_OF_COMPANY}> & ${ACME_PISTE_SECRET}"'))
        assert Company.objects.get().name == "<Acme ${X}> & canary-piste"

    def test_a_variable_may_be_in_a_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (tmp_path / "secret").write_text("from a file\n")
        monkeypatch.setenv("NAME_OF_COMPANY_FILE", str(tmp_path / "secret"))
        loaded(COMPANY.replace('"Acme"', '"${NAME_OF_COMPANY}"'))
        assert Company.objects.get().name == "from a file"

    def test_all_missing_variables_are_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("BATCH_PWD")
        monkeypatch.setenv("ACME_PISTE_SECRET", "")
        monkeypatch.setenv("MISSING_FILE", "/nowhere")
        found = problems(
            SETUP.replace("Acme Conseil", "${MISSING}").replace("TECH_1", "${TECH 1}").replace("Chorus st", "${")
        )
        assert [line.split(":")[0] for line in found] == [
            "users[1] (batch)",
            "companies[1] (ACME)",
            "companies[1] (ACME).chorus",
            "companies[1] (ACME).chorus",
            "batches[1] (CHORUS)",
            "batches[1] (CHORUS).parameters",
        ]
        assert found[0].endswith("the environment variable BATCH_PWD is not set, or empty")
        assert "MISSING_FILE='/nowhere' cannot be read" in found[1]
        assert "${ must be followed by the name" in found[2]
        assert "ACME_PISTE_SECRET" in found[3]

    def test_no_problem_shows_a_secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in SECRETS:
            monkeypatch.setenv(name, "canary\n")
        assert "canary" not in "".join(problems(SETUP))

    def test_a_file_with_bom_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "setup.toml").write_bytes(b"\xef\xbb\xbfusers = []\n")
        assert read(tmp_path / "setup.toml") == {"users": []}
