"""The history of what was set up: who saved what, when, and what changed; earlier versions of a batch."""

from __future__ import annotations

import datetime
from collections.abc import Iterable

import pytest
from django.contrib.auth.models import Group
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from akuiteo.models import User
from akuiteo.secrets import Secret
from akuiteo.versions import one_version
from batches.models import Batch
from chorus.models import Company
from chorus.setup_file.loading import load
from tests.admin.builders import SCRIPT, make_company, make_connection, page, url
from tests.admin.test_batches import change
from tests.admin.versions import changes, lines, make_numbered, save_with, versions

FORM = {
    "template": "Sample",
    "code": "HOURLY",
    "label": "Every hour",
    "parameter_BATCH_MAIL": "support@example.org",
    "parameter_BATCH_USER": "batch",
    "parameter_BATCH_PWD": "",
}


@pytest.fixture
def numbered(db: None) -> Batch:
    return make_numbered()


def test_a_save_on_the_screen_is_one_version_with_who_and_what(operations: Client, batch: Batch) -> None:
    User.objects.update(first_name="Olga", last_name="Operator")
    change(operations, batch, label="Nightly", parameter_ALERT="on")
    newest = versions(operations, "batches_batch_history", batch.pk)[0]
    assert newest.who == "Olga Operator"
    assert changes(newest)["Label"] == ("Every hour", "Nightly")
    assert changes(newest)["ALERT"] == ("False", "True")


def test_a_new_batch_is_one_version(operations: Client, db: None) -> None:
    operations.post(url("batches_batch_add"), FORM | {"code": "NEW", "parameter_BATCH_PWD": "typed-password"})
    made = Batch.objects.get(code="NEW")
    (only,) = versions(operations, "batches_batch_history", made.pk)
    assert only.is_creation
    assert changes(only)["Code"] == ("", "NEW")


def test_a_new_secret_is_told_and_not_shown(operations: Client, batch: Batch) -> None:
    change(operations, batch, parameter_BATCH_PWD="typed-password")
    text = page(operations.get(url("batches_batch_history", batch.pk)))
    assert "a new value was stored" in text
    assert "typed-password" not in text


def test_a_removed_parameter_is_a_change(viewer: Client, batch: Batch) -> None:
    batch.parameters.get(code="ALERT").delete()
    assert changes(versions(viewer, "batches_batch_history", batch.pk)[0]) == {"ALERT": ("False", "")}


def test_load_setup_is_named_as_the_one_who_did_it(administrator: Client, db: None) -> None:
    tables = {"code": "ACME", "name": "Acme", "siret": "33254021516357"}
    load({"companies": [tables]})
    load({"companies": [tables | {"name": "Acme Conseil"}]})
    newest, first = versions(administrator, "chorus_company_history", Company.objects.get().pk)
    assert (newest.who, first.who) == ("load_setup", "load_setup")
    assert changes(newest) == {"Name": ("Acme", "Acme Conseil")}


def test_all_that_load_setup_changes_of_a_batch_is_one_version(administrator: Client, batch: Batch) -> None:
    parameters = {"BATCH_MAIL": "new@example.org", "BATCH_USER": "other", "BATCH_PWD": "typed-password"}
    load({"batches": [{"code": "HOURLY", "label": "Other", "template": "Sample", "parameters": parameters}]})
    newest = versions(administrator, "batches_batch_history", batch.pk)[0]
    assert newest.who == "load_setup"
    assert set(changes(newest)) >= {"Label", "BATCH_MAIL", "BATCH_USER", "BATCH_PWD"}


def test_a_command_is_told_from_a_person(viewer: Client, batch: Batch) -> None:
    assert versions(viewer, "batches_batch_history", batch.pk)[0].who == "a command"


def test_the_history_of_a_connection_tells_of_new_secrets_by_their_date(administrator: Client) -> None:
    connection = make_connection(make_company())
    connection.piste_client_secret, connection.piste_client_secret_set_at = (
        Secret.of("typed-piste-secret"),
        timezone.now(),
    )
    connection.environment = "qualification"
    connection.save()
    newest = versions(administrator, "chorus_chorusconnection_history", connection.pk)[0]
    assert changes(newest)["Environment"] == ("local", "qualification")
    assert newest.changes[-1].is_secret


def test_the_roles_of_a_user_are_in_the_history(administrator: Client) -> None:
    anna = User.objects.create(username="anna")
    roles = [Group.objects.get(name=name).pk for name in ("Viewer", "Accounting")]
    fields = {"username": "anna", "language": "fr", "is_active": "on", "groups": roles}
    administrator.post(url("akuiteo_user_change", anna.pk), fields)
    newest, first = versions(administrator, "akuiteo_user_history", anna.pk)
    assert changes(newest)["Roles"] == ("", "Accounting, Viewer")
    assert first.is_creation


def test_a_log_in_is_no_version(administrator: Client) -> None:
    anna = User.objects.create(username="anna")
    Client().force_login(anna)
    assert len(versions(administrator, "akuiteo_user_history", anna.pk)) == 1


def test_s12_a_value_with_html_is_inert(viewer: Client) -> None:
    company = make_company(name=SCRIPT)
    assert SCRIPT not in page(viewer.get(url("chorus_company_history", company.pk)))


def test_what_was_made_before_the_history_began_has_no_versions(viewer: Client) -> None:
    company = make_company()
    company.history.all().delete()
    assert "Nothing has been saved since" in page(viewer.get(url("chorus_company_history", company.pk)))


def test_a_history_that_begins_with_a_change_says_so(viewer: Client) -> None:
    company = make_company()
    company.history.all().delete()
    company.name = "Other"
    company.save()
    assert "The history begins here" in page(viewer.get(url("chorus_company_history", company.pk)))


def test_there_are_50_versions_on_a_page_and_numbers_count_from_the_oldest(viewer: Client) -> None:
    company = make_company()
    for number in range(60):
        company.name = str(number)
        company.save()
    response = viewer.get(url("chorus_company_history", company.pk))
    assert [number for number, _version in response.context["versions"]][::49] == [61, 12]
    (newest, *_others) = versions(viewer, "chorus_company_history", company.pk, "?page=2")
    assert changes(newest) == {"Name": ("8", "9")}


@pytest.mark.parametrize("number", ["0", "x", "99", "-1"])
def test_a_page_that_is_not_there_is_the_nearest(viewer: Client, number: str) -> None:
    company = make_company()
    assert len(versions(viewer, "chorus_company_history", company.pk, f"?page={number}")) == 1


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(database) as captured:
        page(client.get(address))
    return len(captured)


def test_more_versions_cost_no_more_queries(operations: Client, numbered: Batch) -> None:
    address = url("batches_batch_history", numbered.pk)
    few = queries(operations, address)
    for number in range(30):
        save_with(numbered, BATCH_MAIL=f"{number}@example.org", BATCH_USER=f"user{number}")
    assert queries(operations, address) <= few <= 20


def test_more_versions_of_a_user_cost_no_more_queries(administrator: Client) -> None:
    anna = User.objects.create(username="anna")
    anna.groups.add(Group.objects.get(name="Viewer"))
    address = url("akuiteo_user_history", anna.pk)
    few = queries(administrator, address)
    for number in range(30):
        anna.first_name = str(number)
        anna.save()
    assert queries(administrator, address) <= few <= 20


def test_two_versions_are_compared_side_by_side(viewer: Client, numbered: Batch) -> None:
    response = viewer.get(url("batches_batch_history", numbered.pk) + "?from=1&to=3")
    assert lines(response) == {"BATCH_MAIL": ("support@example.org", "three@example.org")}
    assert "stored-password" not in page(response)


@pytest.mark.parametrize(
    "query", ["?from=1&to=9", "?from=0&to=1", "?from=x&to=1", "?from=&to=", "?from=1&to=9999999999"]
)
def test_versions_that_are_not_there_cannot_be_compared(viewer: Client, numbered: Batch, query: str) -> None:
    assert viewer.get(url("batches_batch_history", numbered.pk) + query).status_code == 404


def test_what_is_saved_together_has_one_moment(db: None) -> None:
    with one_version("load_setup"):
        first, second = make_company("A"), make_company("B")
    moments: Iterable[datetime.datetime] = [company.history.get().history_date for company in (first, second)]
    assert len(set(moments)) == 1
    assert first.history.get().history_change_reason == "load_setup"
