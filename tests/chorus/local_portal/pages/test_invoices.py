import datetime

import pytest

from chorus.local_portal.pages.listing import ROWS_ON_A_PAGE
from chorus.local_portal.state.records import Invoice, StatusChange, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.pages.visitor import Visitor

AT = datetime.datetime(2026, 10, 1, 8, tzinfo=datetime.UTC)
SUPPLIER, BUYER = "33254021516357", "12345678200051"


def invoice(number: str, supplier: str = SUPPLIER) -> Invoice:
    history = [StatusChange("DEPOSEE", AT)]
    return Invoice(number=number, supplier=supplier, recipient=BUYER, date=AT.date(), history=history)


def test_all_invoices_are_listed_those_that_changed_last_first(visitor: Visitor, store: Store) -> None:
    newest = [row["number"] for row in store.rows("SELECT number FROM invoices ORDER BY status_at DESC")]
    assert visitor.numbers("/") == newest
    assert "18 invoices" in visitor.get("/").text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ACME-2026-004", {"ACME-2026-004"}),
        ("acme-2026-004", {"ACME-2026-004"}),
        ("2026-004", {"ACME-2026-004"}),
        ("4321004", {"ACME-2026-004"}),
        ("CPP0011117000000000425903", {"ACME-2026-004"}),
        ("bretagne", {"BI2026/117", "BI2026/121", "BI2026/124", "BI2026/126"}),
        ("81234567600017", {"BI2026/117", "BI2026/121", "BI2026/124", "BI2026/126"}),
        ("services de l'etat", {"ACME-2026-005", "ACME-2026-008", "BI2026/124", "CN-00433"}),
        ("nothing like this", set()),
    ],
)
def test_an_invoice_is_found_by_its_numbers_its_supplier_and_its_buyer(
    visitor: Visitor, text: str, found: set[str]
) -> None:
    assert set(visitor.numbers(f"/?q={text}")) == found


def test_invoices_are_found_by_their_status(visitor: Visitor) -> None:
    assert set(visitor.numbers("/?status=SUSPENDUE")) == {"ACME-2026-004", "CN-00433"}
    assert visitor.numbers("/?status=SUSPENDUE&q=acme") == ["ACME-2026-004"]


@pytest.mark.parametrize("text", ["%", "_", "100%_", "!"])
def test_wildcards_of_the_database_are_mere_characters(visitor: Visitor, store: Store, text: str) -> None:
    assert visitor.numbers(f"/?q={text}") == []
    store.add_invoice(invoice("100%_!"))
    assert visitor.numbers(f"/?q={text}") == ["100%_!"]


def test_nothing_found_is_said_and_how_to_find_more(visitor: Visitor) -> None:
    page = visitor.get("/?q=zzz")
    assert "No invoice fits. Search for less, or for another status." in page.text
    assert page.values("//a[.='Show all']/@href") == ["/"]


def test_a_long_list_has_pages_that_keep_the_search(visitor: Visitor, store: Store) -> None:
    store.add_invoices(invoice(f"LONG-{n:04}") for n in range(2 * ROWS_ON_A_PAGE + 1))
    first = visitor.get("/?q=LONG&status=DEPOSEE")
    assert "Page 1 of 3" in first.text
    (after,) = first.values("//a[@rel='next']/@href")
    second = visitor.get(after)
    (last,) = second.values("//a[@rel='next']/@href")
    numbers = [*visitor.numbers("/?q=LONG"), *visitor.numbers(after), *visitor.numbers(last)]
    assert sorted(numbers) == [f"LONG-{n:04}" for n in range(2 * ROWS_ON_A_PAGE + 1)]
    assert visitor.get(last).values("//a[@rel='next']/@href") == []


@pytest.mark.parametrize("page", ["0", "-1", "99999999999999999999", "two", "²", ""])
def test_a_page_that_is_none_shows_one_that_is(visitor: Visitor, page: str) -> None:
    assert len(visitor.numbers(f"/?page={page}")) == 18


def test_what_clients_wrote_is_shown_and_never_run(visitor: Visitor, store: Store) -> None:
    hostile = "<script>alert('1')</script>\"'"
    store.add_structure(Structure("999", hostile, "supplier"))
    invoice_id = store.add_invoice(invoice(hostile, "999"))
    store.set_status(invoice_id, hostile, AT, hostile, hostile)
    for path in ("/", f"/?q={hostile}", f"/invoices/{invoice_id}", "/connect"):
        page = visitor.get(path)
        assert page.status == 200
        assert "<script" not in page.answer.text
        assert hostile in page.text


def test_an_empty_portal_says_what_to_do(visitor: Visitor, store: Store) -> None:
    store.clear()
    assert "There are no invoices yet: deposit one, or start with a seed." in visitor.get("/").text
