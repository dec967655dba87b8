"""The faults in which rows a search grants, as a client that reads page after page meets them."""

from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from tests.chorus.local_portal.client import HISTORY, Client
from tests.chorus.local_portal.faults.test_refusals import go_wrong

pytestmark = pytest.mark.wrong_traffic

LONG_AGO = "2020-01-01"


def page(client: Client, number: int, **paging: Any) -> Any:
    asked = {"nbResultatsParPage": 3, "triColonne": "NumeroFacture", "triSens": "Ascendant", **paging}
    return client.search(
        rechercheFactureParFournisseur={**asked, "pageResultatDemandee": number},
        periodeDateHeureEtatCourantDu=LONG_AGO,
    )


def ids(answer: Any) -> list[int]:
    return [row["identifiantFactureCPP"] for row in answer["listeFactures"]]


def all_pages(client: Client) -> list[Any]:
    pages = [page(client, 1)]
    return [*pages, *(page(client, number) for number in range(2, pages[0]["parametresRetour"]["pages"] + 1))]


def test_a_page_cap_grants_fewer_rows_and_says_so(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=page-cap,rows=2", "kind=page-cap,rows=5")
    answer = page(client, 1)
    assert (len(answer["listeFactures"]), answer["parametresRetour"]["nbResultatsParPage"]) == (2, 2)


def test_a_page_cap_holds_for_a_history_as_well(portal: LocalPortal, client: Client) -> None:
    go_wrong(portal, "kind=page-cap,rows=1")
    history = client.post(HISTORY, {"idFacture": 4321008}).json()["historiquesDesStatuts"]
    assert (len(history["histoStatut"]), history["nbResultatsParPageHistoStatut"]) == (1, 1)


def test_a_total_cap_hides_rows_and_announces_itself_as_the_total(portal: LocalPortal, client: Client) -> None:
    assert page(client, 1)["parametresRetour"]["total"] > 4
    go_wrong(portal, "kind=total-cap,rows=4", "kind=total-cap,rows=9")
    pages = all_pages(client)
    assert [len(each["listeFactures"]) for each in pages] == [3, 1]
    assert {each["parametresRetour"]["total"] for each in pages} == {4}


def test_moving_rows_get_a_new_date_once_their_page_is_read(portal: LocalPortal, client: Client) -> None:
    before = all_pages(client)
    go_wrong(portal, "kind=moving-rows,rows=2")
    during = all_pages(client)
    portal.faults.clear()
    after = all_pages(client)
    assert [ids(each) for each in during] == [ids(each) for each in before] == [ids(each) for each in after]
    moved = [
        [old["dateHeureEtatCourant"] < new["dateHeureEtatCourant"] for old, new in zip(*rows, strict=True)]
        for rows in zip(*([each["listeFactures"] for each in pages] for pages in (before, after)), strict=True)
    ]
    assert moved[:-1] == [[True, True, False]] * (len(before) - 1)
    assert not any(moved[-1])
    assert [row["statut"] for each in before for row in each["listeFactures"]] == [
        row["statut"] for each in after for row in each["listeFactures"]
    ]


def test_moving_rows_make_a_client_with_an_upper_bound_miss_others(portal: LocalPortal, client: Client) -> None:
    bound = portal.store.clock.now().isoformat(timespec="milliseconds")
    paging = {"nbResultatsParPage": 3, "triColonne": "NumeroFacture", "triSens": "Ascendant"}
    window = {"periodeDateHeureEtatCourantDu": LONG_AGO, "periodeDateHeureEtatCourantAu": bound}
    expected = page(client, 1, nbResultatsParPage=100)
    go_wrong(portal, "kind=moving-rows,rows=1")
    seen: list[int] = []
    for number in (1, 2, 3):
        asked = {**paging, "pageResultatDemandee": number}
        seen += ids(client.search(rechercheFactureParFournisseur=asked, **window))
    assert set(ids(expected)) - set(seen)


def test_rows_whose_order_changes_come_twice_or_never(portal: LocalPortal, client: Client) -> None:
    whole = {number for each in all_pages(client) for number in ids(each)}
    go_wrong(portal, "kind=moving-rows,how=order")
    pages = all_pages(client)
    seen = [number for each in pages for number in ids(each)]
    assert len(seen) == len(whole) == pages[0]["parametresRetour"]["total"]
    assert len(set(seen)) < len(whole)


def test_moving_rows_leave_a_search_of_one_page_alone(portal: LocalPortal, client: Client) -> None:
    before = client.search(rechercheFactureParFournisseur={"nbResultatsParPage": 100})
    go_wrong(portal, "kind=moving-rows", "kind=moving-rows,how=order")
    assert client.search(rechercheFactureParFournisseur={"nbResultatsParPage": 100}) == before
    assert client.search(rechercheFactureParFournisseur={"nbResultatsParPage": 100}) == before
