"""Parameters that take several of a list: Chorus statuses and companies."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from batches.models import Batch
from tests.admin.builders import errors, make_batch, make_company, page, url
from tests.admin.test_batches import change, row_of, ticked

TEMPLATE = "CheckFacturesClientChorus"
COMPANIES = "LISTE_SOCIETES_A_TRAITER"
STATUSES = "LISTE_ETATS_CHORUS_A_ALERTER"


@pytest.fixture(autouse=True)
def _chorus_template(settings: Any) -> None:
    settings.BATCH_TEMPLATES = ["chorus.batch_templates.CheckFacturesClientChorus"]


@pytest.fixture
def chorus(db: None) -> Batch:
    make_company("ACME")
    make_company("ZETA")
    return make_batch("CHORUS", TEMPLATE)


def row(client: Client, batch: Batch, code: str) -> str:
    return row_of(page(client.get(url("batches_batch_change", batch.pk))), code)


def save(client: Client, batch: Batch, **fields: Any) -> Any:
    return change(client, batch, template=TEMPLATE, **fields)


def stored(batch: Batch, code: str) -> str:
    return batch.parameters.get(code=code).value


def words(text: str) -> str:
    """Return the text of HTML with single blanks."""
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


def test_companies_are_offered_with_their_names_all_of_them_first(operations: Client, chorus: Batch) -> None:
    text = words(row(operations, chorus, COMPANIES))
    assert "***** all companies ACME ACME Ltd ZETA ZETA Ltd" in text


def test_statuses_are_offered_in_words_and_code(operations: Client, chorus: Batch) -> None:
    text = row(operations, chorus, STATUSES)
    assert "REJETEE rejected" in words(text)
    assert text.count('type="checkbox"') == 11


def test_several_companies_are_stored_with_semicolons(operations: Client, chorus: Batch) -> None:
    save(operations, chorus, **{f"parameter_{COMPANIES}": ["ACME", "ZETA"]})
    assert stored(chorus, COMPANIES) == "ACME;ZETA"
    assert ticked(row(operations, chorus, COMPANIES)) == ["ACME", "ZETA"]


def test_all_companies_stand_alone(operations: Client, chorus: Batch) -> None:
    save(operations, chorus, **{f"parameter_{COMPANIES}": ["*****", "ZETA"]})
    assert stored(chorus, COMPANIES) == "*****"
    assert ticked(row(operations, chorus, COMPANIES)) == ["*****"]


def test_a_list_in_another_spelling_is_shown_as_its_options(operations: Client, chorus: Batch) -> None:
    chorus.parameters.create(code=STATUSES, value=" rejetee ; Suspendue;")
    assert ticked(row(operations, chorus, STATUSES)) == ["SUSPENDUE", "REJETEE"]


def test_a_company_that_is_gone_stays_visible_and_is_told(operations: Client, chorus: Batch) -> None:
    chorus.parameters.create(code=COMPANIES, value="ACME;GONE")
    text = row(operations, chorus, COMPANIES)
    assert ticked(text) == ["ACME", "GONE"]
    assert "GONE does not exist: untick it" in words(text)


def test_f36_a_company_that_is_gone_must_be_unticked_before_saving(operations: Client, chorus: Batch) -> None:
    chorus.parameters.create(code=COMPANIES, value="ACME;GONE")
    response = save(operations, chorus, **{f"parameter_{COMPANIES}": ["ACME", "GONE"]})
    assert "no company has the code “GONE”" in str(errors(response)[f"parameter_{COMPANIES}"])
    assert ticked(row_of(page(response), COMPANIES)) == ["ACME", "GONE"]


def test_a_viewer_reads_the_chosen_options_in_words(viewer: Client, chorus: Batch) -> None:
    chorus.parameters.create(code=COMPANIES, value="ACME;GONE")
    text = row(viewer, chorus, COMPANIES)
    assert "ACME - ACME Ltd" in text
    assert "<div>GONE - does not exist" in text or "<div>GONE</div>" in text


def test_a_group_of_options_has_a_legend(operations: Client, chorus: Batch) -> None:
    assert f'<legend class="visually-hidden">{STATUSES}</legend>' in row(operations, chorus, STATUSES)
