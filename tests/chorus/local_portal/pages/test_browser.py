"""A person plays the buyer in a real browser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from chorus.local_portal.server import LocalPortal
from tests.browsing import PHONE, Tab, clean_tab, launched
from tests.chorus.local_portal.client import HISTORY, SEARCH, Client

pytestmark = pytest.mark.slow

PATHS = ("/", "/invoices/4321004", "/invoices/4321008", "/flows", "/calls", "/connect")


@dataclass(frozen=True)
class Words:
    """What a person reads and looks for."""

    locale: str
    search: str
    search_button: str
    made_available: str
    rejected: str
    reason: str
    move: str
    reason_missing: str
    done: str
    calls: str
    not_the_state_s: str


ENGLISH = Words(
    locale="en-GB",
    search="Number, supplier, buyer or flow number",
    search_button="Search",
    made_available="Made available",
    rejected="Rejected",
    reason="Reason",
    move="Move the invoice on",
    reason_missing="Give a reason: the supplier must learn why the invoice is rejected or suspended.",
    done="Done. The invoice is now: Rejected.",
    calls="Calls",
    not_the_state_s="This is not the State's portal.",
)
FRENCH = Words(
    locale="fr-FR",
    search="Numéro, fournisseur, acheteur ou numéro de flux",
    search_button="Rechercher",
    made_available="Mise à disposition",
    rejected="Rejetée",
    reason="Motif",
    move="Changer le statut",
    reason_missing="Donnez un motif : le fournisseur doit savoir pourquoi sa facture est rejetée ou suspendue.",
    done="C'est fait. Statut actuel de la facture : Rejetée.",
    calls="Appels",
    not_the_state_s="Ceci n'est pas le portail de l'État.",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


@pytest.fixture
def tab(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A fresh browser, asking for English unless the test says otherwise, that must have nothing to complain of."""
    with clean_tab(browser, locale=getattr(request, "param", ENGLISH.locale)) as tab:
        yield tab


IN_BOTH_LANGUAGES = pytest.mark.parametrize(
    ("tab", "words"),
    [pytest.param(words.locale, words, id=words.locale[:2]) for words in (ENGLISH, FRENCH)],
    indirect=["tab"],
)


@IN_BOTH_LANGUAGES
def test_a_person_rejects_an_invoice_and_its_supplier_learns_why(
    portal: LocalPortal, client: Client, tab: Tab, words: Words
) -> None:
    page = tab.page
    page.goto(portal.url)
    expect(page.get_by_text(words.not_the_state_s)).to_be_visible()

    page.get_by_label(words.search).fill("acme-2026-008")
    page.get_by_role("button", name=words.search_button).click()
    expect(page.get_by_role("row")).to_have_count(2)
    page.get_by_role("link", name="ACME-2026-008").click()

    steps = page.locator("ol.history li")
    expect(steps).to_have_count(3)
    expect(steps.first).to_contain_text(words.made_available)

    page.get_by_role("radio", name=words.rejected).check()
    page.get_by_role("button", name=words.move).click()
    expect(page.get_by_role("alert")).to_contain_text(words.reason_missing)
    expect(page.get_by_label(words.reason)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("radio", name=words.rejected)).to_be_checked()
    expect(steps).to_have_count(3)

    page.get_by_label(words.reason).fill("Doublon de la facture n° 7 <b>")
    page.get_by_role("button", name=words.move).click()
    expect(page.get_by_text(words.done)).to_be_visible()
    expect(steps.first).to_contain_text(words.rejected)
    expect(steps.first).to_contain_text("Doublon de la facture n° 7 <b>")

    row = client.post(SEARCH, {"numeroFacture": "ACME-2026-008"}).json()["listeFactures"][0]
    assert (row["statut"], row["commentaireEtatCourant"]) == ("REJETEE", "Doublon de la facture n° 7 <b>")

    page.get_by_role("link", name=words.calls, exact=True).click()
    call = page.locator("details").first
    expect(call).to_contain_text(SEARCH)
    call.locator("summary").click()
    expect(call.get_by_text('"numeroFacture": "ACME-2026-008"').first).to_be_visible()
    expect(call.get_by_text("Bearer masked")).to_be_visible()


def test_an_invoice_can_be_moved_by_keyboard_alone(portal: LocalPortal, client: Client, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{portal.url}/invoices/4321008")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    while page.evaluate("document.activeElement.name") != "status":
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.type("RIB inconnu")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Done.")
    history = client.post(HISTORY, {"idFacture": 4321008}).json()
    assert history["historiquesDesStatuts"]["histoStatut"][0]["histoStatutCommentaire"] == "RIB inconnu"


def test_a_person_may_switch_the_language(portal: LocalPortal, tab: Tab) -> None:
    page = tab.page
    page.goto(f"{portal.url}/?q=acme")
    page.get_by_role("button", name="Français").click()
    expect(page).to_have_url(f"{portal.url}/?q=acme")
    expect(page.get_by_role("heading", name="Factures")).to_be_visible()
    page.get_by_role("link", name="Raccordement").click()
    expect(page.get_by_role("heading", name="Connecter un client")).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_every_page_fits_a_phone(browser: Browser, portal: LocalPortal, client: Client, locale: str) -> None:
    client.search()
    with clean_tab(browser, locale=locale, viewport=PHONE) as tab:
        for path in PATHS:
            tab.page.goto(portal.url + path)
            assert tab.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path


def test_text_stands_out_from_its_ground(portal: LocalPortal, client: Client, tab: Tab) -> None:
    client.search()
    for path in PATHS:
        tab.page.goto(portal.url + path)
        faint = [text for text in tab.page.evaluate(COLOURS) if contrast(text["colour"], text["ground"]) < 4.5]
        assert faint == [], path


# For each element with a text of its own: its colour and that of the nearest painted ground behind it.
COLOURS = """() => [...document.querySelectorAll("body *")]
    .filter(element => [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(element => {
        let ground = element;
        while (getComputedStyle(ground).backgroundColor === "rgba(0, 0, 0, 0)") ground = ground.parentElement;
        return {text: element.textContent.trim().slice(0, 40), colour: getComputedStyle(element).color,
                ground: getComputedStyle(ground).backgroundColor};
    })"""


def contrast(one: str, other: str) -> float:
    """Return the ratio of two colours' luminance as WCAG defines it."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (int(value) / 255 for value in re.findall(r"\d+", colour)[:3])
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
