import datetime
from typing import Any

import pytest

from chorus.local_portal.searches import received, search
from chorus.local_portal.state.records import Account, Application, Invoice, StatusChange, Structure
from chorus.local_portal.state.store import REMEMBERED_SEARCHES, Store, UnknownInvoiceError
from chorus.local_portal.state.writing import StoreError

ACME, CITY = "33254021516357", "12345678200051"
NOON = datetime.datetime(2026, 11, 9, 11, 0, tzinfo=datetime.UTC)


def invoice(number: str = "F", **fields: Any) -> Invoice:
    values: dict[str, Any] = {"supplier": ACME, "recipient": CITY, "date": NOON.date()}
    return Invoice(number=number, **{"history": [StatusChange("DEPOSEE", NOON)], **values, **fields})


def test_secrets_are_not_shown() -> None:
    shown = repr([Application("local", "hidden"), Account("TECH", "hidden")])
    assert "hidden" not in shown


@pytest.mark.parametrize("fields", [{"supplier": "1"}, {"recipient": "1"}, {"service": "NONE"}])
def test_an_invoice_that_refers_to_nothing_is_refused(store: Store, fields: dict[str, str]) -> None:
    with pytest.raises(StoreError, match="is not known here; add it first"):
        store.add_invoice(invoice(**fields))


def test_an_account_that_refers_to_nothing_is_refused_and_not_kept(store: Store) -> None:
    with pytest.raises(StoreError, match="is not known here"):
        store.add_account(Account("TECH", "secret", ["1"]))
    assert store.caller("TECH", "secret") is None


def test_an_invoice_without_history_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="invoice F has no history"):
        store.add_invoice(invoice(history=[]))


def test_a_member_that_the_api_does_not_have_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="unknown other_members codeValideur3"):
        store.add_invoice(invoice(other_members={"codeValideur3": "1"}))


def test_a_time_without_zone_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        store.add_invoice(invoice(history=[StatusChange("DEPOSEE", NOON.replace(tzinfo=None))]))


def test_what_is_there_already_is_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="UNIQUE constraint failed"):
        store.add_structure(Structure(ACME, "AGAIN", "supplier"))


def test_of_several_invoices_all_or_none_are_added(store: Store) -> None:
    before = len(store.find_invoices("TRUE", (), "id"))
    with pytest.raises(StoreError):
        store.add_invoices([invoice("GOOD"), invoice("BAD", supplier="1")])
    assert len(store.find_invoices("TRUE", (), "id")) == before


def test_ids_that_are_given_are_kept_and_the_next_ones_follow(store: Store) -> None:
    assert store.add_invoices([invoice(id=5_000_000), invoice(), invoice()]) == [5_000_000, 5_000_001, 5_000_002]


def test_an_invoice_that_does_not_exist_cannot_be_moved(store: Store) -> None:
    with pytest.raises(UnknownInvoiceError, match="no invoice has the id 1"):
        store.set_status(1, "MANDATEE", NOON)


def test_a_status_that_nobody_knows_may_be_set(store: Store) -> None:
    invoice_id = store.add_invoice(invoice())
    store.set_status(invoice_id, "EN_ORBITE", NOON, "Essai", "Moi")
    assert store.invoice(invoice_id)["status"] == "EN_ORBITE"


def test_only_the_last_searches_are_remembered(store: Store) -> None:
    for number in range(REMEMBERED_SEARCHES + 5):
        store.find_invoices("number = ?", (str(number),), "id")
    assert len(store._found) == REMEMBERED_SEARCHES


@pytest.mark.parametrize(
    ("body", "index"),
    [
        ({"periodeDateHeureEtatCourantDu": "2026-11-01"}, "invoices_by_change (supplier_id=? AND status_at>?)"),
        ({"numeroFacture": "F"}, "invoices_by_number (supplier_id=? AND number=?)"),
        ({"numeroFluxDepot": "CPP"}, "invoices_by_flow (supplier_id=? AND flow_number=?)"),
    ],
)
@pytest.mark.parametrize("suppliers", [{1}, {1, 2}])
def test_the_usual_searches_use_an_index(store: Store, body: dict[str, str], index: str, suppliers: set[int]) -> None:
    condition, values = search.condition(body, suppliers)
    query = f"EXPLAIN QUERY PLAN SELECT id FROM full_invoices WHERE {condition} ORDER BY {search.order({})}"  # noqa: S608
    plan = [row[3] for row in store._database.execute(query, values)]
    assert any(index in step for step in plan), plan
    assert not any("JOIN" in step for step in plan), plan


def test_a_recipient_s_search_by_change_window_uses_an_index(store: Store) -> None:
    condition, values = received.condition({"periodeDateHeureEtatCourantDu": "2026-11-01"}, {1})
    query = f"EXPLAIN QUERY PLAN SELECT id FROM full_invoices WHERE {condition} ORDER BY {received.order({})}"  # noqa: S608
    plan = [row[3] for row in store._database.execute(query, values)]
    assert any("invoices_by_recipient (recipient_id=? AND status_at>?)" in step for step in plan), plan
