"""Setup > Special parameters: companies and Chorus connections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import localize
from django.utils.timezone import localtime

from chorus.connections import password_ends_on
from chorus.models import ChorusConnection, Company
from tests.admin.builders import SCRIPT, errors, make_company, make_connection, make_invoice, page, told, url

COMPANY = {"code": "ACME", "name": "Acme Conseil", "siret": "332 540 215\N{NO-BREAK SPACE}16357"}
CONNECTION = {
    "enabled": "on",
    "environment": "local",
    "piste_client_id": "acme",
    "new_client_secret": "typed-piste-secret",
    "technical_login": "TECH_1@cpro.fr",
    "new_technical_password": "typed-technical-password",
}
UNTOUCHED = {"enabled": "on"}
STORED = ("stored-piste-secret", "stored-technical-password")


def inline(fields: Mapping[str, str], existing: ChorusConnection | None = None) -> dict[str, Any]:
    rows = {f"chorus-0-{name}": value for name, value in fields.items()}
    if existing:
        rows |= {"chorus-0-id": str(existing.pk), "chorus-0-company": str(existing.company_id)}
    return rows | {"chorus-TOTAL_FORMS": "1", "chorus-INITIAL_FORMS": "1" if existing else "0"}


def inline_errors(response: Any) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["inline_admin_formsets"][0].formset.forms[0].errors)


def secrets(connection: ChorusConnection) -> tuple[str, str]:
    connection.refresh_from_db()
    return connection.piste_client_secret.reveal(), connection.technical_password.reveal()


def test_a_company_is_added_with_its_connection(administrator: Client) -> None:
    response = administrator.post(url("chorus_company_add"), COMPANY | inline(CONNECTION))
    assert response.status_code == 302
    company = Company.objects.get(code="ACME")
    assert secrets(company.chorus) == ("typed-piste-secret", "typed-technical-password")


def test_blanks_in_a_siret_are_accepted_and_not_stored(administrator: Client) -> None:
    administrator.post(url("chorus_company_add"), COMPANY | inline(UNTOUCHED))
    assert Company.objects.get().siret == "33254021516357"


def test_a_connection_that_was_not_filled_in_is_not_made(administrator: Client) -> None:
    administrator.post(url("chorus_company_add"), COMPANY | inline(UNTOUCHED))
    assert Company.objects.exists()
    assert not ChorusConnection.objects.exists()


@pytest.mark.parametrize("siret", ["3325402151635", "3325402151635A", ""])
def test_a_siret_has_14_digits(administrator: Client, siret: str) -> None:
    assert set(
        errors(administrator.post(url("chorus_company_add"), COMPANY | inline(UNTOUCHED) | {"siret": siret}))
    ) == {"siret"}


def test_a_new_connection_needs_its_secrets(administrator: Client) -> None:
    form = inline(CONNECTION | {"new_client_secret": "", "new_technical_password": ""})
    response = administrator.post(url("chorus_company_add"), COMPANY | form)
    assert set(inline_errors(response)) == {"new_client_secret", "new_technical_password"}
    assert not Company.objects.exists()


def test_stored_secrets_are_never_shown(administrator: Client) -> None:
    company = make_company()
    make_connection(company)
    text = page(administrator.get(url("chorus_company_change", company.pk)))
    assert not any(secret in text for secret in STORED)
    assert text.count("Set. Leave empty to keep it.") == 2


def test_secrets_that_are_left_empty_stay(administrator: Client) -> None:
    connection = make_connection(make_company())
    fields = CONNECTION | {"new_client_secret": "", "new_technical_password": "", "piste_client_id": "renamed"}
    form = COMPANY | inline(fields, connection)
    assert administrator.post(url("chorus_company_change", connection.company_id), form).status_code == 302
    assert secrets(connection) == STORED
    assert connection.piste_client_id == "renamed"


def test_s08_secrets_of_one_portal_are_not_sent_to_another(administrator: Client) -> None:
    connection = make_connection(make_company(), environment="production")
    fields = CONNECTION | {"new_client_secret": "", "new_technical_password": "", "environment": "local"}
    form = COMPANY | inline(fields, connection)
    answer = administrator.post(url("chorus_company_change", connection.company_id), form)
    assert page(answer).count("Enter it again: what is stored is of the former environment.") == 2
    connection.refresh_from_db()
    assert connection.environment == "production"
    both = fields | {"new_client_secret": "another-secret", "new_technical_password": "another-password"}
    administrator.post(url("chorus_company_change", connection.company_id), COMPANY | inline(both, connection))
    assert secrets(connection) == ("another-secret", "another-password")


def test_one_secret_is_replaced_alone(administrator: Client) -> None:
    connection = make_connection(make_company())
    form = COMPANY | inline(CONNECTION | {"new_client_secret": ""}, connection)
    administrator.post(url("chorus_company_change", connection.company_id), form)
    assert secrets(connection) == ("stored-piste-secret", "typed-technical-password")


def test_operations_see_whether_secrets_are_set(operations: Client) -> None:
    connection = make_connection(make_company())
    for view, key in (("company", connection.company_id), ("chorusconnection", connection.pk)):
        text = page(operations.get(url(f"chorus_{view}_change", key)))
        assert text.count('<div class="readonly">set</div>') == 2
        assert not any(secret in text for secret in STORED)


def test_a_viewer_sees_a_company_without_its_connection(viewer: Client) -> None:
    connection = make_connection(make_company())
    text = page(viewer.get(url("chorus_company_change", connection.company_id)))
    assert "ACME Ltd" in text
    assert "TECH_1@cpro.fr" not in text


def test_the_list_says_which_connection_a_company_has(viewer: Client) -> None:
    make_connection(make_company("OWN"))
    make_connection(make_company("OFF"), enabled=False)
    make_company("NONE")
    assert page(viewer.get(url("chorus_company_changelist"))).count(">none: not followed</span>") == 2
    make_connection()
    text = page(viewer.get(url("chorus_company_changelist")))
    for words in ("enabled", "disabled: that of *****", "that of *****"):
        assert f">{words}</span>" in text


def test_a_company_with_invoices_is_kept_and_the_reason_told(administrator: Client) -> None:
    company = make_company()
    make_invoice(company)
    response = administrator.post(url("chorus_company_delete", company.pk), {"post": "yes"}, follow=True)
    assert told(response) == ["ACME cannot be deleted: it has invoices."]
    assert Company.objects.exists()


def test_s12_a_name_with_html_is_inert(viewer: Client) -> None:
    company = make_company(name=SCRIPT)
    assert SCRIPT not in page(viewer.get(url("chorus_company_changelist")))
    assert SCRIPT not in page(viewer.get(url("chorus_company_change", company.pk)))


def test_the_connection_of_all_companies_is_added(administrator: Client) -> None:
    assert administrator.post(url("chorus_chorusconnection_add"), CONNECTION).status_code == 302
    connection = ChorusConnection.objects.get(company=None)
    assert secrets(connection) == ("typed-piste-secret", "typed-technical-password")


def test_there_is_one_connection_for_all_companies(administrator: Client) -> None:
    make_connection()
    (message,) = errors(administrator.post(url("chorus_chorusconnection_add"), CONNECTION))["company"]
    assert message.startswith("***** has a connection already")


def test_there_is_one_connection_for_a_company(administrator: Client) -> None:
    company = make_company()
    make_connection(company)
    response = administrator.post(url("chorus_chorusconnection_add"), CONNECTION | {"company": company.pk})
    assert set(errors(response)) == {"company"}


def test_a_connection_of_a_company_is_added_beside_that_of_all(administrator: Client) -> None:
    make_connection()
    form = CONNECTION | {"company": make_company().pk}
    assert administrator.post(url("chorus_chorusconnection_add"), form).status_code == 302
    assert ChorusConnection.objects.count() == 2


def test_a_connection_alone_needs_its_secrets_too(administrator: Client) -> None:
    response = administrator.post(url("chorus_chorusconnection_add"), CONNECTION | {"new_technical_password": ""})
    assert set(errors(response)) == {"new_technical_password"}


@pytest.mark.parametrize("code", [None, "ACME"])
def test_a_connection_stays_with_its_company(administrator: Client, code: str | None) -> None:
    connection = make_connection(make_company(code) if code else None)
    form = CONNECTION | {"company": make_company("OTHER").pk, "technical_login": "TECH_2@cpro.fr"}
    assert administrator.post(url("chorus_chorusconnection_change", connection.pk), form).status_code == 302
    connection.refresh_from_db()
    assert connection.technical_login == "TECH_2@cpro.fr"
    assert (connection.company.code if connection.company else None) == code


def test_a_secret_is_not_shown_again_after_an_error(administrator: Client) -> None:
    response = administrator.post(url("chorus_chorusconnection_add"), CONNECTION | {"environment": "elsewhere"})
    assert set(errors(response)) == {"environment"}
    assert "typed-technical-password" not in page(response)


def test_the_history_of_a_connection_names_no_secret(administrator: Client) -> None:
    connection = make_connection()
    administrator.post(url("chorus_chorusconnection_change", connection.pk), CONNECTION)
    text = page(administrator.get(url("chorus_chorusconnection_history", connection.pk)))
    assert "<strong>PISTE client secret</strong>" in text
    assert "a new value was stored" in text
    assert "typed-piste-secret" not in text


def test_the_day_on_which_a_secret_was_set_is_shown(administrator: Client) -> None:
    connection = make_connection()
    form = CONNECTION | {"new_client_secret": ""}
    administrator.post(url("chorus_chorusconnection_change", connection.pk), form)
    connection.refresh_from_db()
    assert connection.piste_client_secret_set_at is None
    assert connection.technical_password_set_at is not None
    text = page(administrator.get(url("chorus_chorusconnection_change", connection.pk)))
    assert f"Set on {localize(localtime(connection.technical_password_set_at))}. Leave empty to keep it." in text


def test_a_new_password_makes_what_the_portal_said_of_the_former_one_void(administrator: Client) -> None:
    connection = make_connection(technical_password_ends_on=date(2027, 1, 1))
    administrator.post(url("chorus_chorusconnection_change", connection.pk), CONNECTION)
    connection.refresh_from_db()
    assert connection.technical_password_ends_on is None


def test_what_the_portal_said_of_a_password_stays_while_other_things_change(administrator: Client) -> None:
    connection = make_connection(technical_password_ends_on=date(2027, 1, 1))
    form = CONNECTION | {"new_client_secret": "", "new_technical_password": "", "piste_client_id": "other"}
    administrator.post(url("chorus_chorusconnection_change", connection.pk), form)
    connection.refresh_from_db()
    assert connection.technical_password_ends_on == date(2027, 1, 1)


def test_a_new_password_with_the_former_date_is_warned_of(administrator: Client) -> None:
    connection = make_connection(technical_password_set_on=date(2026, 1, 1))
    form = CONNECTION | {"technical_password_set_on": "2026-01-01"}
    response = administrator.post(url("chorus_chorusconnection_change", connection.pk), form, follow=True)
    assert any("is still the former one" in words for words in told(response))


@pytest.mark.parametrize(
    ("days", "badge", "words"),
    [
        (31, "good", "31 days left"),
        (30, "warn", "30 days left"),
        (0, "warn", "ends today"),
        (-1, "bad", "ended 1 day ago"),
    ],
)
def test_a_password_that_ends_is_warned_of_from_30_days_before(
    operations: Client, days: int, badge: str, words: str
) -> None:
    make_connection(technical_password_ends_on=timezone.localdate() + timedelta(days=days))
    assert f'<span class="badge {badge}">{words}</span>' in page(
        operations.get(url("chorus_chorusconnection_changelist"))
    )


def test_a_password_ends_424_days_after_it_was_set_unless_the_portal_says_otherwise() -> None:
    connection = ChorusConnection(technical_password_set_on=date(2026, 10, 1))
    assert password_ends_on(connection) == date(2027, 11, 29)
    connection.technical_password_ends_on = date(2027, 2, 1)
    assert password_ends_on(connection) == date(2027, 2, 1)
    assert password_ends_on(ChorusConnection()) is None


def test_the_list_names_the_companies_without_a_connection(operations: Client) -> None:
    make_company("LONE")
    off = make_connection(make_company("OFF"), enabled=False)
    make_connection(make_company("OWN"))
    response = operations.get(url("chorus_chorusconnection_changelist"))
    assert [company.code for company in response.context["companies_without"]] == ["LONE", "OFF"]
    assert "none: not followed" in page(response)
    ChorusConnection.objects.create(company=None, environment="local")
    text = page(operations.get(url("chorus_chorusconnection_changelist")))
    assert "that of *****" in text
    assert url("chorus_chorusconnection_change", off.pk) in text


def test_a_connection_is_added_for_the_company_that_lacks_it(administrator: Client) -> None:
    company = make_company("LONE")
    address = f"{url('chorus_chorusconnection_add')}?company={company.pk}"
    assert address in page(administrator.get(url("chorus_chorusconnection_changelist")))
    assert f'<option value="{company.pk}" selected>' in page(administrator.get(address))


def test_empty_lists_say_what_to_do_next(administrator: Client) -> None:
    assert "add the first one, with its SIRET" in page(administrator.get(url("chorus_company_changelist")))
    assert "add one for a company" in page(administrator.get(url("chorus_chorusconnection_changelist")))
    make_company()
    assert "Show all companies" in page(administrator.get(url("chorus_company_changelist") + "?q=nothing"))


def test_each_environment_is_explained_where_it_is_chosen(administrator: Client) -> None:
    text = page(administrator.get(url("chorus_chorusconnection_add")))
    for words in ("portail.chorus-pro.gouv.fr", "accounts and keys of its own", "for trying and demonstrating"):
        assert words in text
