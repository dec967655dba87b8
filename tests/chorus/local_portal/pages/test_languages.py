import pytest

from chorus.local_portal.pages.languages import ENGLISH, FRENCH, Language, choose
from tests.chorus.local_portal.pages.visitor import Visitor


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        (None, [], ENGLISH),
        (None, [("fr-FR", 1), ("en", 0.5)], FRENCH),
        (None, [("de", 1), ("fr", 0.5)], FRENCH),
        (None, [("de", 1)], ENGLISH),
        (None, [("FR", 0), ("en", 1)], ENGLISH),
        ("fr", [("en", 1)], FRENCH),
        ("en", [("fr", 1)], ENGLISH),
        ("de", [("fr", 1)], FRENCH),
    ],
)
def test_a_person_s_choice_comes_first_then_the_browser_s_then_english(
    cookie: str | None, accepted: list[tuple[str, float]], language: Language
) -> None:
    assert choose(cookie, accepted) == language


def test_each_language_has_its_own_dates_amounts_and_numbers() -> None:
    instant = 1_790_000_003_000
    assert (ENGLISH.moment(instant), FRENCH.moment(instant)) == ("21 Sep 2026, 16:13:23", "21 sept. 2026, 16:13:23")
    assert (ENGLISH.amount(-1234.5, "EUR"), FRENCH.amount(-1234.5, "EUR")) == ("−1,234.50\xa0€", "−1\u202f234,50\xa0€")
    assert ENGLISH.amount(1, "CHF") == "1.00\xa0CHF"
    assert (ENGLISH.number(200000), FRENCH.number(200000)) == ("200,000", "200\u202f000")


def test_the_pages_speak_french(visiteur: Visitor) -> None:
    page = visiteur.get("/")
    assert page.values("/html/@lang") == ["fr"]
    assert "Ceci n'est pas le portail de l'État." in page.text
    assert "Mise à disposition" in page.text


@pytest.mark.parametrize("path", ["/", "/invoices/4321004", "/invoices/4321008", "/flows", "/calls", "/connect"])
def test_every_page_says_that_it_is_not_the_state_s_portal(visitor: Visitor, visiteur: Visitor, path: str) -> None:
    assert "This is not the State's portal." in visitor.get(path).text
    assert "Ceci n'est pas le portail de l'État." in visiteur.get(path).text


def test_a_person_may_switch_and_stays_where_they_are(visitor: Visitor) -> None:
    page = visitor.send("/language", {"language": "fr", "back": "/?q=acme&status=REJETEE"})
    assert page.answer.url == f"{visitor.url}/?q=acme&status=REJETEE"
    assert page.values("/html/@lang") == ["fr"]
    assert visitor.get("/calls").values("/html/@lang") == ["fr"]


def test_the_switch_leads_back_to_the_page_with_its_search(visitor: Visitor) -> None:
    assert visitor.get("/?q=acme&status=REJETEE").values("//input[@name='back']/@value") == ["/?q=acme&status=REJETEE"]


@pytest.mark.parametrize(
    "back",
    [
        "//evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "https://evil.example",
        "/\\evil.example",
        "",
        "javascript:alert(1)",
    ],
)
def test_the_switch_never_leads_to_another_site(visitor: Visitor, back: str) -> None:
    assert visitor.send("/language", {"language": "fr", "back": back}).answer.url == f"{visitor.url}/"


def test_the_cookie_is_for_this_site_alone(visitor: Visitor) -> None:
    first = visitor.send("/language", {"language": "fr", "back": "/"}).answer.history[0]
    assert {"HttpOnly", "SameSite=Lax"} <= set(first.headers["Set-Cookie"].split("; "))


def test_a_language_that_there_is_not_is_refused(visitor: Visitor) -> None:
    assert visitor.send("/language", {"language": "de"}).status == 400
