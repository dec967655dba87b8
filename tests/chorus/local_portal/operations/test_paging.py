import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chorus.local_portal import codes
from chorus.local_portal.operations.call import Call
from chorus.local_portal.operations.searching import search_as_supplier
from chorus.local_portal.searches.search import Caps
from chorus.local_portal.state.records import Caller, Invoice, StatusChange, Structure
from chorus.local_portal.state.store import Store

SUPPLIER, RECIPIENT = "33254021516357", "12345678200051"
NOON = datetime.datetime(2026, 11, 9, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A store with 25 invoices that are alike in most columns."""
    with Store() as store:
        store.add_structure(Structure(SUPPLIER, "ACME", "supplier", id=1))
        store.add_structure(Structure(RECIPIENT, "Ville", "recipient", id=2))
        store.add_invoices(
            Invoice(
                number=f"F{n % 3}",
                supplier=SUPPLIER,
                recipient=RECIPIENT,
                date=NOON.date() + datetime.timedelta(days=n % 4),
                amount_incl_tax=n % 2 or None,
                history=[StatusChange("DEPOSEE", NOON + datetime.timedelta(days=n % 5))],
            )
            for n in range(25)
        )
        yield store


def search(store: Store, page_cap: int | None, **paging: Any) -> Any:
    caller = Caller("TECH", frozenset({1}))
    return search_as_supplier(Call(store, caller, {"rechercheFactureParFournisseur": paging}, Caps(page_cap)))


@settings(max_examples=200, deadline=None)
@given(
    column=st.sampled_from(codes.SEARCH_COLUMNS),
    direction=st.sampled_from(codes.DIRECTIONS),
    size=st.integers(1, 30),
    cap=st.none() | st.integers(1, 30),
)
def test_the_pages_of_a_search_have_every_row_exactly_once(
    store: Store, column: str, direction: str, size: int, cap: int | None
) -> None:
    paging = {"triColonne": column, "triSens": direction, "nbResultatsParPage": size}
    pages = search(store, cap, **paging)["parametresRetour"]["pages"]
    found = [search(store, cap, pageResultatDemandee=page, **paging) for page in range(1, pages + 1)]
    ids = [row["identifiantFactureCPP"] for page in found for row in page["listeFactures"]]
    assert len(ids) == len(set(ids)) == 25


@settings(max_examples=100, deadline=None)
@given(column=st.sampled_from(codes.SEARCH_COLUMNS))
def test_the_two_directions_of_a_column_are_the_reverse_of_each_other(store: Store, column: str) -> None:
    ascending, descending = (
        [row["identifiantFactureCPP"] for row in search(store, None, **paging)["listeFactures"]]
        for paging in (
            {"triColonne": column, "triSens": "Ascendant", "nbResultatsParPage": 25},
            {"triColonne": column, "triSens": "Descendant", "nbResultatsParPage": 25},
        )
    )
    assert ascending == descending[::-1]
