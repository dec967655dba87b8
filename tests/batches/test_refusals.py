from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.contrib.auth.models import Group
from django.db import connection

from akuiteo.masking import MASK
from akuiteo.models import User
from batches.models import Batch, OutgoingEmail
from tests.batches.builders import PASSWORD, error_mail, log_of, make_batch, only_run, start
from tests.batches.conftest import Console


def test_an_unknown_company_is_bad_usage(batch: Batch) -> None:
    result = start("TEST", companies=["NOBODY"])
    assert (result.exit_code, only_run().outcome) == (2, "refused")
    assert "NOBODY" in only_run().summary


def test_an_unknown_batch_is_bad_usage_and_names_those_that_exist(batch: Batch, console: Console) -> None:
    result = start("NOTHING", console=console)
    assert (result.exit_code, result.run_id) == (2, None)
    assert str(console) == "The batch “NOTHING” does not exist. Existing ones: TEST.\n"


def test_a_batch_of_an_unknown_template_is_refused(batch: Batch) -> None:
    Batch.objects.update(template="Gone")
    result = start("TEST")
    assert (result.exit_code, result.run_id) == (78, None)
    assert "“Gone”" in result.summary


def test_f36_rule_2_all_wrong_parameters_are_told_at_once(user: User, console: Console) -> None:
    make_batch(BATCH_LOG_LEVEL="WARNING", BATCH_MAIL_CC="nobody", HAPPENS="X")
    result = start("TEST", console=console)
    assert (result.exit_code, only_run().outcome) == (78, "refused")
    for name in ("BATCH_LOG_LEVEL=“WARNING”", "BATCH_MAIL_CC=“nobody”", "HAPPENS=“X”"):
        assert name in str(console)
        assert name in error_mail().text.splitlines()[0]


def test_rule_2_a_required_parameter_that_is_not_there_is_refused(user: User) -> None:
    make_batch(BATCH_PWD=None, BATCH_USER="")  # type: ignore[arg-type]
    start("TEST")
    assert "BATCH_PWD is required" in error_mail().text
    assert "BATCH_USER is required" in error_mail().text


def test_a_parameter_that_the_template_does_not_know_is_refused_by_name(user: User) -> None:
    make_batch(OLD_PARAMETER="1")
    result = start("TEST")
    assert result.exit_code == 78
    assert "OLD_PARAMETER" in result.summary


def test_without_a_usable_batch_mail_the_console_says_that_nobody_is_told(user: User, console: Console) -> None:
    make_batch(BATCH_MAIL="nobody")
    start("TEST", console=console)
    assert "BATCH_MAIL cannot be used" in str(console)
    assert not OutgoingEmail.objects.exists()


def test_f39_a_changed_key_is_refused_and_named_before_anything_is_touched(
    batch: Batch, settings: Any, console: Console
) -> None:
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    result = start("TEST", console=console)
    assert result.exit_code == 78
    assert "FIELD_ENCRYPTION_KEYS" in str(console)
    assert "all is well" not in log_of(only_run())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"username": "somebody"}, "does not exist"),
        ({"is_active": False}, "is inactive"),
    ],
)
def test_f37_rule_1_an_unknown_or_inactive_user_is_refused(batch: Batch, change: dict[str, Any], words: str) -> None:
    User.objects.update(**change)
    result = start("TEST")
    assert (result.exit_code, only_run().outcome, only_run().user) == (77, "refused", None)
    assert f"BATCH_USER “operator” {words}" in error_mail().text.splitlines()[0]


def test_f37_rule_1_a_wrong_password_is_refused_and_not_shown(batch: Batch, user: User) -> None:
    user.set_password("another")
    user.save()
    assert start("TEST").exit_code == 77
    assert "“operator” is refused with this BATCH_PWD" in error_mail().text.splitlines()[0]


def test_f37_s20_a_user_who_may_no_longer_run_batches_is_refused_and_nothing_is_touched(
    batch: Batch, user: User
) -> None:
    user.user_permissions.clear()
    assert start("TEST").exit_code == 77
    assert "batches.run_batch" in error_mail().text.splitlines()[0]
    assert "all is well" not in log_of(only_run())


def test_a_user_without_the_role_that_launch_is_restricted_to_is_refused_by_name(batch: Batch, user: User) -> None:
    Batch.objects.update(launch_restricted_to=Group.objects.create(name="Night shift"))
    assert start("TEST").exit_code == 77
    first = error_mail().text.splitlines()[0]
    assert all(name in first for name in ("“operator”", "TEST", "“Night shift”"))
    assert "all is well" not in log_of(only_run())


def test_a_user_with_the_role_that_launch_is_restricted_to_runs_the_batch(batch: Batch, user: User) -> None:
    role = Group.objects.create(name="Night shift")
    user.groups.add(role)
    Batch.objects.update(launch_restricted_to=role)
    assert start("TEST").exit_code == 0


def test_a_dry_run_respects_the_launch_restriction(batch: Batch, user: User) -> None:
    Batch.objects.update(launch_restricted_to=Group.objects.create(name="Night shift"))
    assert start("TEST", dry_run=True).exit_code == 77


def test_who_may_see_the_batch_does_not_matter_to_its_user(batch: Batch, user: User) -> None:
    Batch.objects.update(display_restricted_to=Group.objects.create(name="Night shift"))
    assert start("TEST").exit_code == 0


def test_a_secret_that_was_stored_in_clear_is_used_and_masked(user: User) -> None:
    make_batch(BATCH_PWD=PASSWORD, HAPPENS="PASSWORD")
    assert start("TEST").exit_code == 0
    assert PASSWORD not in log_of(only_run())
    assert only_run().parameters["BATCH_PWD"] == MASK


def test_f35_a_lock_that_cannot_be_used_is_refused(batch: Batch, settings: Any, places: Path) -> None:
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL needs no lock files")
    (places / "file").write_text("")
    settings.LOCK_DIR = places / "file" / "locks"
    assert start("TEST").exit_code == 78


def test_a_dry_run_is_refused_like_any_other(batch: Batch, user: User, console: Console) -> None:
    user.user_permissions.clear()
    assert start("TEST", dry_run=True, console=console).exit_code == 77
    assert "may not run batches" in str(console)
