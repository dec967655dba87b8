"""Setup > Batches > Batch creation and modification."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client

from akuiteo.secrets import Secret
from batches.models import Batch
from batches.newest_version import newest_version
from tests.admin.builders import SCRIPT, errors, make_run, page, told, url

VALID = {
    "template": "Sample",
    "code": "NIGHTLY",
    "label": "Every night",
    "parameter_BATCH_MAIL": "support@example.org",
    "parameter_BATCH_USER": "batch",
    "parameter_BATCH_PWD": " typed password ",
}


def add(client: Client, **fields: Any) -> Any:
    return client.post(url("batches_batch_add"), VALID | fields)


def change(client: Client, batch: Batch, **fields: Any) -> Any:
    """Save the batch on its form, as it was opened just now unless another `version` is given."""
    form = VALID | {"parameter_BATCH_PWD": "", "code": batch.code, "version": newest_version(batch)} | fields
    return client.post(url("batches_batch_change", batch.pk), form)


def values(batch: Batch) -> dict[str, str]:
    return {row.code: row.secret.reveal() or row.value for row in batch.parameters.all()}


def row_of(text: str, code: str) -> str:
    """Return the HTML of one parameter's row."""
    return next(row for row in text.split("<tr") if re.search(rf'<th scope="row">(<label[^>]*>)?{code}<', row))


def ticked(row: str) -> list[str]:
    return re.findall(r'value="([^"]*)"[^>]* checked', row)


def test_a_new_batch_begins_with_the_choice_of_its_template(operations: Client) -> None:
    text = page(operations.get(url("batches_batch_add")))
    assert '<option value="Sample">Sample - Sample of a template</option>' in text
    assert "Choose the batch template first" in text
    assert "<table" not in text


def test_the_chosen_template_brings_its_parameters(operations: Client) -> None:
    text = page(operations.get(url("batches_batch_add"), {"template": "Sample", "code": "X", "label": "Kept"}))
    assert 'name="parameter_COLOURS"' in text
    assert 'value="Kept" class="vTextField"' in text


def test_the_only_template_is_chosen_at_once(operations: Client, settings: Any) -> None:
    settings.BATCH_TEMPLATES = ["tests.admin.templates.Sample"]
    text = page(operations.get(url("batches_batch_add")))
    assert '<option value="Sample" selected>' in text
    assert 'name="parameter_COLOURS"' in text


def test_the_table_of_a_template_is_there_alone_for_the_page_to_take_in(operations: Client) -> None:
    text = page(operations.get(url("batches_batch_parameters"), {"template": "Sample"}))
    assert 'name="parameter_COLOURS"' in text
    assert "<html" not in text


@pytest.mark.parametrize("template", ["", "Unknown"])
def test_without_a_template_the_table_says_what_to_do(operations: Client, template: str) -> None:
    text = page(operations.get(url("batches_batch_parameters"), {"template": template}))
    assert "Choose the batch template first" in text


def test_who_may_not_add_a_batch_gets_no_table(viewer: Client) -> None:
    assert viewer.get(url("batches_batch_parameters"), {"template": "Sample"}).status_code == 403


def test_another_template_brings_other_parameters(operations: Client) -> None:
    text = page(operations.get(url("batches_batch_add"), {"template": "Other"}))
    assert "parameter_COLOURS" not in text
    assert 'name="parameter_BATCH_MAIL"' in text


def test_a_row_has_code_description_type_required_and_value(operations: Client) -> None:
    text = page(operations.get(url("batches_batch_add"), {"template": "Sample"}))
    row = row_of(text, "COLOURS")
    assert all(f">{cell}<" in row for cell in ("Colours of the alert", "List"))
    assert ">No</td>" in row
    assert "<strong>Yes</strong>" in row_of(text, "BATCH_MAIL")


@pytest.mark.parametrize(
    ("code", "kind"), [("ALERT", "checkbox"), ("COLOURS", "checkbox"), ("REPLY", "email"), ("TOKEN", "password")]
)
def test_the_input_suits_the_kind_of_the_parameter(operations: Client, code: str, kind: str) -> None:
    row = row_of(page(operations.get(url("batches_batch_add"), {"template": "Sample"})), code)
    assert f'<input type="{kind}"' in row


def test_a_new_batch_begins_with_the_defaults(operations: Client) -> None:
    text = page(operations.get(url("batches_batch_add"), {"template": "Sample"}))
    assert " checked" in row_of(text, "ALERT")
    assert ticked(row_of(text, "BATCH_LOG_LEVEL")) == ["LOG", "WARN", "ERROR"]


def test_an_unreadable_boolean_is_shown_as_false_and_told(operations: Client, batch: Batch) -> None:
    batch.parameters.filter(code="ALERT").update(value="perhaps")
    row = row_of(page(operations.get(url("batches_batch_change", batch.pk))), "ALERT")
    assert " checked" not in row
    assert "“perhaps” is stored and cannot be used" in row


def test_a_batch_is_saved_with_its_parameters(operations: Client, db: None) -> None:
    response = add(operations, parameter_ALERT="on", parameter_COLOURS=["RED", "BLUE"])
    assert response.status_code == 302
    batch = Batch.objects.get(code="NIGHTLY")
    assert (batch.template, batch.label) == ("Sample", "Every night")
    assert values(batch)["COLOURS"] == "RED;BLUE"
    assert values(batch)["ALERT"] == "True"


def test_s02_a_secret_is_stored_encrypted_and_as_it_was_typed(operations: Client, db: None) -> None:
    add(operations)
    row = Batch.objects.get(code="NIGHTLY").parameters.get(code="BATCH_PWD")
    assert row.value == ""
    assert "typed password" not in row.secret.ciphertext
    assert row.secret.reveal() == " typed password "


def test_an_empty_parameter_has_no_row(operations: Client, db: None) -> None:
    add(operations, parameter_COLOURS="")
    assert set(values(Batch.objects.get())) == {"ALERT", "BATCH_DEBUG_PARAMS", "BATCH_LOG_CONSOLE"} | {
        "BATCH_MAIL",
        "BATCH_PWD",
        "BATCH_USER",
    }


def test_all_errors_are_told_at_once_beside_their_field_and_nothing_is_saved(operations: Client, db: None) -> None:
    wrong = {"parameter_BATCH_MAIL": "nobody", "parameter_COLOURS": "GREEN", "parameter_BATCH_PWD": ""}
    response = add(operations, **wrong)
    assert set(errors(response)) == set(wrong)
    assert "GREEN" in html.unescape(row_of(page(response), "COLOURS"))
    assert not Batch.objects.exists()


def test_f36_an_error_says_the_value_and_what_is_accepted(operations: Client, db: None) -> None:
    (message,) = errors(add(operations, parameter_COLOURS="GREEN"))["parameter_COLOURS"]
    assert message.startswith("COLOURS=“GREEN” is refused")
    assert "RED, BLUE" in message


def test_s02_a_secret_is_not_shown_again_after_an_error(operations: Client, db: None) -> None:
    assert "typed password" not in page(add(operations, parameter_COLOURS="GREEN"))


def test_a_secret_that_was_typed_is_to_be_typed_again_after_an_error(operations: Client, batch: Batch) -> None:
    again = "Type it again: what you typed is not kept."
    assert again in row_of(page(add(operations, parameter_COLOURS="GREEN")), "BATCH_PWD")
    text = page(change(operations, batch, parameter_COLOURS="GREEN", parameter_TOKEN="typed"))
    assert again in row_of(text, "TOKEN")
    assert "Set. Leave empty to keep it." in row_of(text, "BATCH_PWD")


@pytest.mark.parametrize(
    ("template", "words"), [("Unknown", "Existing ones: Other, Sample"), ("", "Choose the batch template")]
)
def test_an_unknown_template_is_refused(operations: Client, db: None, template: str, words: str) -> None:
    response = add(operations, template=template)
    assert words in html.unescape(page(response))
    assert not Batch.objects.exists()


def test_a_summary_leads_to_each_error(operations: Client, db: None) -> None:
    text = page(add(operations, code="A B", parameter_COLOURS="GREEN"))
    summary = text[text.index("error-summary") :]
    assert '<a href="#id_code">Code: Use letters' in summary
    assert '<a href="#id_parameter_COLOURS">COLOURS=“GREEN” is refused' in summary
    assert 'id="id_parameter_COLOURS"' in summary


def test_a_code_is_unique_over_all_companies(operations: Client, batch: Batch) -> None:
    assert set(errors(add(operations, code="HOURLY"))) == {"code"}


def test_keys_that_are_no_keys_are_told_beside_the_secret(operations: Client, settings: Any) -> None:
    settings.FIELD_ENCRYPTION_KEYS = ["not a key"]
    (message,) = errors(add(operations))["parameter_BATCH_PWD"]
    assert "FIELD_ENCRYPTION_KEYS" in message


def test_s02_a_stored_secret_is_never_shown_and_said_to_be_set(operations: Client, batch: Batch) -> None:
    text = page(operations.get(url("batches_batch_change", batch.pk)))
    assert "stored-password" not in text
    assert "Set. Leave empty to keep it." in row_of(text, "BATCH_PWD")
    assert "Not set." in row_of(text, "TOKEN")


def test_a_new_secret_is_said_to_be_set_today(operations: Client, batch: Batch) -> None:
    change(operations, batch, parameter_BATCH_PWD="another")
    text = page(operations.get(url("batches_batch_change", batch.pk)))
    assert batch.parameters.get(code="BATCH_PWD").secret_set_at
    assert "Set on " in row_of(text, "BATCH_PWD")


def test_s02_a_secret_that_is_left_empty_stays(operations: Client, batch: Batch) -> None:
    assert change(operations, batch, label="Renamed").status_code == 302
    batch.refresh_from_db()
    assert batch.label == "Renamed"
    assert values(batch)["BATCH_PWD"] == "stored-password"


def test_a_new_secret_replaces_the_stored_one(operations: Client, batch: Batch) -> None:
    change(operations, batch, parameter_BATCH_PWD="another")
    assert values(batch)["BATCH_PWD"] == "another"


def test_a_parameter_is_changed_and_emptied(operations: Client, batch: Batch) -> None:
    batch.parameters.create(code="COLOURS", value="RED")
    change(operations, batch, parameter_BATCH_USER="operator", parameter_COLOURS="")
    assert values(batch)["BATCH_USER"] == "operator"
    assert "COLOURS" not in values(batch)


def test_saving_writes_only_what_was_changed(operations: Client, batch: Batch) -> None:
    change(operations, batch, parameter_BATCH_USER="operator", parameter_BATCH_LOG_LEVEL=[])
    change(operations, batch, parameter_BATCH_USER="operator", parameter_BATCH_LOG_LEVEL=[])
    assert batch.parameters.get(code="BATCH_USER").history.count() == 2
    assert batch.parameters.get(code="BATCH_MAIL").history.count() == 1


def test_the_template_of_a_batch_stays(operations: Client, batch: Batch) -> None:
    change(operations, batch, template="Other")
    batch.refresh_from_db()
    assert batch.template == "Sample"
    assert 'id="template-choice"' not in page(operations.get(url("batches_batch_change", batch.pk)))


def test_a_value_that_the_template_does_not_declare_is_removed(operations: Client, batch: Batch) -> None:
    batch.parameters.create(code="FORMER", secret=Secret.of("former"))
    change(operations, batch)
    assert "FORMER" not in values(batch)


def test_a_batch_whose_template_is_gone_opens_and_cannot_be_saved(operations: Client, batch: Batch) -> None:
    Batch.objects.update(template="Gone")
    assert operations.get(url("batches_batch_change", batch.pk)).status_code == 200
    assert "“Gone” does not exist" in html.unescape(page(change(operations, batch)))
    assert values(batch)["BATCH_USER"] == "batch"


def test_the_history_names_what_was_changed_and_no_secret(operations: Client, batch: Batch) -> None:
    change(operations, batch, parameter_BATCH_PWD="very-secret-value")
    text = page(operations.get(url("batches_batch_history", batch.pk)))
    assert "BATCH_PWD" in text
    assert "very-secret-value" not in text


def test_a_viewer_sees_the_values_without_inputs(viewer: Client, batch: Batch) -> None:
    text = page(viewer.get(url("batches_batch_change", batch.pk)))
    assert "support@example.org" in row_of(text, "BATCH_MAIL")
    assert "<input" not in row_of(text, "BATCH_MAIL") + row_of(text, "BATCH_PWD")
    assert ">set" in row_of(text, "BATCH_PWD").replace("\n", "").replace(" ", "")


def test_s12_a_label_with_html_is_inert(viewer: Client, batch: Batch) -> None:
    Batch.objects.update(label=SCRIPT)
    assert SCRIPT not in page(viewer.get(url("batches_batch_changelist")))
    assert SCRIPT not in page(viewer.get(url("batches_batch_change", batch.pk)))


def test_a_batch_without_runs_is_deleted_with_its_parameters(operations: Client, batch: Batch) -> None:
    operations.post(url("batches_batch_delete", batch.pk), {"post": "yes"})
    assert not Batch.objects.exists()


def test_a_batch_with_runs_is_kept_and_the_reason_told(operations: Client, batch: Batch) -> None:
    make_run(batch)
    response = operations.post(url("batches_batch_delete", batch.pk), {"post": "yes"}, follow=True)
    assert told(response) == ["HOURLY cannot be deleted: it has runs."]
    assert Batch.objects.exists()


def test_a_batch_that_does_not_exist_cannot_be_deleted(operations: Client) -> None:
    assert operations.get(url("batches_batch_delete", 404)).status_code == 302


def test_a_batch_with_many_runs_costs_no_more_queries(
    operations: Client, batch: Batch, django_assert_max_num_queries: Any
) -> None:
    for _number in range(30):
        make_run(batch, counts={"checked": 1})
    with django_assert_max_num_queries(16):
        text = page(operations.get(url("batches_batch_change", batch.pk)))
    assert text.count("1 checked, 0 changed") == 5


def test_the_page_of_a_batch_shows_its_recent_runs_dry_ones_too(viewer: Client, batch: Batch) -> None:
    run = make_run(batch, dry_run=True, counts={"checked": 3})
    text = page(viewer.get(url("batches_batch_change", batch.pk)))
    recent = text[text.index("recent-runs-heading") :]
    assert f'<a href="{url("batches_run_change", run.pk)}"><span class="badge good">succeeded</span></a>' in recent
    assert '<span class="badge neutral">dry run</span>' in recent
    assert "3 checked, 0 changed" in recent


def test_a_batch_that_never_ran_says_what_to_do(viewer: Client, batch: Batch) -> None:
    assert "It never ran." in page(viewer.get(url("batches_batch_change", batch.pk)))
