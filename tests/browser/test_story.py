"""A person sets up a batch, tries it, runs it, and finds what a buyer has done: from login to logout."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.seeding import PASSWORD
from tests.browser.site import Site
from tests.browser.visiting import Visit, violations, visit

pytestmark = pytest.mark.slow

PATIENCE = 60_000
"""Milliseconds that a run may take on a busy machine."""
REASON = "Bon de livraison manquant : merci de le joindre <b>."


@dataclass(frozen=True)
class Words:
    """What a person reads and looks for."""

    locale: str
    username: str
    password: str
    log_in: str
    dashboard: str
    batches: str
    new_batch: str
    template: str
    code: str
    label: str
    save: str
    wrong_code: str
    wrong_address: str
    missing: str
    saved: str
    dry_run: str
    start_dry_run: str
    succeeded: str
    nothing_changed: str
    run_for_real: str
    run_now: str
    suspended: str
    invoices: str
    search: str
    export: str
    french_csv: str
    log_out: str
    logged_out: str


ENGLISH = Words(
    locale="en-GB",
    username="Username",
    password="Password",
    log_in="Log in",
    dashboard="Dashboard",
    batches="Batch creation and modification",
    new_batch="New batch",
    template="Batch template",
    code="Code",
    label="Label",
    save="Save",
    wrong_code="Use letters, digits, “.”, “_” and “-” only.",
    wrong_address="support@example",
    missing="BATCH_PWD",
    saved="was added successfully",
    dry_run="Dry run…",
    start_dry_run="Start the dry run",
    succeeded="succeeded",
    nothing_changed="it was a dry run",
    run_for_real="Run for real…",
    run_now="Run now",
    suspended="suspended",
    invoices="Invoices",
    search="Search",
    export="Export",
    french_csv="French CSV, for Excel",
    log_out="Log out",
    logged_out="Logged out",
)
FRENCH = Words(
    locale="fr-FR",
    username="Nom d’utilisateur",
    password="Mot de passe",
    log_in="Connexion",
    dashboard="Tableau de bord",
    batches="Création et modification de batch",
    new_batch="Nouveau batch",
    template="Modèle de batch",
    code="Code",
    label="Libellé",
    save="Enregistrer",
    wrong_code="N'utilisez que des lettres, des chiffres, «\N{NO-BREAK SPACE}.\N{NO-BREAK SPACE}», ",
    wrong_address="support@example",
    missing="BATCH_PWD",
    saved="a été ajouté avec succès",
    dry_run="Essai à blanc…",
    start_dry_run="Lancer l'essai à blanc",
    succeeded="réussie",
    nothing_changed="c'était un essai à blanc",
    run_for_real="Exécuter réellement…",
    run_now="Exécuter maintenant",
    suspended="suspendue",
    invoices="Factures",
    search="Rechercher",
    export="Exporter",
    french_csv="CSV français, pour Excel",
    log_out="Se déconnecter",
    logged_out="Déconnecté",
)


@pytest.mark.parametrize("words", [pytest.param(words, id=words.locale[:2]) for words in (ENGLISH, FRENCH)])
def test_a_person_sets_up_a_batch_runs_it_and_finds_what_has_changed(
    browser: Browser, site: Site, tmp_path: Path, words: Words
) -> None:
    with visit(browser, site, locale=words.locale) as person:
        logs_in(person, words)
        creates_a_batch(person.page, words)
        number = a_buyer_suspends_an_invoice(site)
        tries_it(person.page, words)
        assert status_of(site, number) == "SERVICE_FAIT"
        runs_it(person.page, words, number)
        reads_why(person.page, words, number)
        exports_it(person.page, words, number, tmp_path)
        logs_out(person.page, words)
    assert status_of(site, number) == "SUSPENDUE"


def logs_in(person: Visit, words: Words) -> None:
    page = person.open()
    assert violations(page) == []
    field(page, words.username).fill("ada")
    field(page, words.password).fill(PASSWORD)
    page.get_by_role("button", name=words.log_in).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words.dashboard)
    assert violations(page) == []


def creates_a_batch(page: Page, words: Words) -> None:
    """Create it from nothing, with three mistakes first."""
    page.locator("#menus").get_by_role("link", name=words.batches).click()
    page.get_by_role("link", name=words.new_batch).click()
    field(page, words.template).select_option("CheckFacturesClientChorus")
    field(page, words.code).fill("every evening")
    field(page, words.label).fill("Statuses, every evening")
    field(page, "BATCH_MAIL").fill("support@example")
    field(page, "BATCH_USER").fill("batch")
    saves(page, words)
    mistakes = page.locator(".error-summary li")
    expect(mistakes).to_have_count(3)
    for place, text in enumerate((words.wrong_code, words.wrong_address, words.missing)):
        expect(mistakes.nth(place)).to_contain_text(text)
    assert violations(page) == []

    mistakes.nth(2).get_by_role("link").click()
    expect(field(page, "BATCH_PWD")).to_be_focused()
    page.keyboard.type("demo-batch-password")
    field(page, words.code).fill("EVENING")
    field(page, "BATCH_MAIL").fill("support@example.org; ada@example.org")
    page.get_by_role("switch", name="ALERTER_RESPONSABLE_FACTURE").check()
    page.get_by_role("checkbox", name="SUSPENDUE").check()
    saves(page, words)
    expect(page.get_by_text(words.saved)).to_be_visible()


def field(page: Page, label: str) -> Locator:
    """Return the input with this label, with or without the colon that Django writes behind it."""
    return page.get_by_label(re.compile(rf"^{label}\s?:?$"))


def saves(page: Page, words: Words) -> None:
    page.get_by_role("button", name=words.save, exact=True).click()


def a_buyer_suspends_an_invoice(site: Site) -> str:
    [[number, chorus_id]] = site.rows(
        "SELECT number, chorus_id FROM chorus_invoice WHERE chorus_status = 'SERVICE_FAIT' ORDER BY id LIMIT 1"
    )
    site.portal.store.set_status(chorus_id, "SUSPENDUE", at=datetime.now().astimezone(), comment=REASON)
    return str(number)


def tries_it(page: Page, words: Words) -> None:
    page.get_by_role("link", name="EVENING").first.click()
    page.get_by_role("link", name=words.dry_run).click()
    assert violations(page) == []
    page.get_by_role("button", name=words.start_dry_run).click()
    watches(page, words)
    expect(page.get_by_text(words.nothing_changed)).to_be_visible()


def watches(page: Page, words: Words) -> None:
    """Look on until the run has ended, without touching anything."""
    expect(page.locator(".run-outcome")).to_contain_text(words.succeeded, timeout=PATIENCE)
    expect(page.locator("#run-log > div")).not_to_have_count(0)
    assert violations(page) == []


def runs_it(page: Page, words: Words, number: str) -> None:
    page.get_by_role("link", name=words.run_for_real).click()
    page.get_by_role("button", name=words.run_now).click()
    watches(page, words)
    expect(page.locator("#run-changed tbody tr")).to_have_count(1)
    page.locator("#run-changed").get_by_role("link", name=number).click()


def reads_why(page: Page, words: Words, number: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
    newest = page.locator("ol.timeline > li").first
    expect(newest).to_contain_text(words.suspended)
    expect(newest).to_contain_text(REASON)
    expect(newest.get_by_role("link", name="EVENING")).to_be_visible()
    assert violations(page) == []


def exports_it(page: Page, words: Words, number: str, folder: Path) -> None:
    page.locator("#menus").get_by_role("link", name=words.invoices).click()
    page.locator("#searchbar").fill(number)
    page.get_by_role("button", name=words.search).click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    page.locator("summary", has_text=words.export).click()
    with page.expect_download() as download:
        page.get_by_role("link", name=words.french_csv).click()
    assert download.value.suggested_filename.endswith(".csv")
    file = folder / "export.csv"
    download.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        [row] = csv.DictReader(lines, delimiter=";")
    assert (row["number"], row["chorus_status"], row["chorus_comment"]) == (number, "SUSPENDUE", REASON)


def logs_out(page: Page, words: Words) -> None:
    page.get_by_role("button", name=words.log_out).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(words.logged_out)
    assert violations(page) == []


def status_of(site: Site, number: str) -> str:
    [[status]] = site.rows("SELECT chorus_status FROM chorus_invoice WHERE number = ?", number)
    return str(status)
