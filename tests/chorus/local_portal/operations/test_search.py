import datetime
from collections.abc import Iterator
from typing import Any

import pytest

from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Account, Application, Invoice, Service, StatusChange, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import SUPPLIER_LOGIN, Client

ACME, OTHER = "33254021516357", "81234567600017"
TOWN, TOWN_SCHOOLS, STATE = "12345678200051", "12345678200036", "11000201100044"
UTC = datetime.UTC
MIDNIGHT_IN_PARIS = datetime.datetime(2026, 11, 9, 23, 0, tzinfo=UTC)


def invoice(number: str, at: datetime.datetime = MIDNIGHT_IN_PARIS, **fields: Any) -> Invoice:
    values: dict[str, Any] = {"supplier": ACME, "recipient": TOWN, "date": datetime.date(2026, 11, 9)}
    return Invoice(number=number, history=[StatusChange("DEPOSEE", at)], **{**values, **fields})


@pytest.fixture
def store() -> Iterator[Store]:
    """A store with structures and an account of ACME, and no invoice."""
    with Store() as store:
        store.add_application(Application("local", "local-secret"))
        store.add_structure(Structure(ACME, "ACME", "supplier", [Service("COMPTA", "Comptabilité")], id=1))
        store.add_structure(Structure(OTHER, "OTHER", "supplier", id=2))
        store.add_structure(Structure(TOWN, "Ville de Brest", "recipient", [Service("S1", "Voirie", id=101)], id=3))
        store.add_structure(Structure(TOWN_SCHOOLS, "Ville de Brest - écoles", "recipient", id=4))
        store.add_structure(Structure(STATE, "Services de l'État", "recipient", [Service("S2", "SFACT", id=102)], id=5))
        store.add_account(Account(SUPPLIER_LOGIN, "local-password-1", [ACME]))
        yield store


def test_an_account_sees_only_the_invoices_of_its_suppliers(store: Store, client: Client) -> None:
    store.add_invoices([invoice("MINE"), invoice("THEIRS", supplier=OTHER)])
    assert client.numbers() == ["MINE"]
    assert client.numbers(idFournisseur=2) == []


def test_an_account_of_several_suppliers_sees_the_invoices_of_each(store: Store, client: Client) -> None:
    store.add_structure(Structure("99999999900019", "THIRD", "supplier"))
    store.add_account(Account("TECH_2_00002@cpro.fr", "local-password-2", [ACME, OTHER]))
    store.add_invoices([invoice("A"), invoice("B", supplier=OTHER), invoice("C", supplier="99999999900019")])
    assert Client(client.url, "TECH_2_00002@cpro.fr").numbers() == ["A", "B"]


def test_an_account_without_structure_sees_nothing(store: Store, client: Client) -> None:
    store.add_account(Account("TECH_2_00002@cpro.fr", "local-password-2"))
    store.add_invoice(invoice("A"))
    assert Client(client.url, "TECH_2_00002@cpro.fr").numbers() == []


FILTERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"numeroFacture": "WANTED"}, {}),
    ({"numeroFluxDepot": "CPP1"}, {"flow_number": "CPP1"}),
    ({"numeroMarche": "M1"}, {"contract_number": "M1"}),
    ({"numeroBonCommande": "E1"}, {"commitment_number": "E1"}),
    ({"numeroFactureOrigine": "F0"}, {"original_number": "F0"}),
    ({"typeFacture": "AVOIR"}, {"type": "AVOIR"}),
    ({"cadreFacturation": "A9_FACTURE_SOUSTRAITANT"}, {"billing_frame": "A9_FACTURE_SOUSTRAITANT"}),
    ({"modeDepot": "SAISIE_API"}, {"deposit_mode": "SAISIE_API"}),
    ({"idStructureValideur": 7}, {"validator_id": 7}),
    ({"coordonneeBancaire": 8}, {"bank_account_id": 8}),
    ({"idUtilisateurCreateur": [9, 10]}, {"creator_id": 9}),
    ({"idServiceFournisseur": 10_600_001}, {"supplier_service": "COMPTA"}),
    ({"rejetTraite": True}, {"rejection_handled": True}),
    ({"montantHTMin": 100}, {"amount_excl_tax": 100}),
    ({"montantHTMax": -5.5}, {"amount_excl_tax": -5.5}),
    ({"montantTTCMin": 120}, {"amount_incl_tax": 120}),
    ({"montantTTCMax": -1}, {"amount_incl_tax": -1}),
    ({"montantApayerMin": 60}, {"amount_payable": 60}),
    ({"montantApayerMax": -2}, {"amount_payable": -2}),
    ({"periodeDateFactureDu": "2026-11-10"}, {"date": datetime.date(2026, 11, 10)}),
    ({"periodeDateFactureAu": "2026-11-08"}, {"date": datetime.date(2026, 11, 8)}),
    ({"listeDestinataire": [{"idDestinataire": 5}]}, {"recipient": STATE}),
    ({"listeDestinataire": [{"raisonSocialeStuctDmd": "services de"}]}, {"recipient": STATE}),
    ({"listeDestinataire": [{"listeIdServiceExecutant": [101, 999]}]}, {"service": "S1"}),
    ({"listeDestinataire": [{"idDestinataire": 5, "listeIdServiceExecutant": []}]}, {"recipient": STATE}),
    ({"listeDestinataire": [{"idDestinataire": 99}, {"idDestinataire": 5}]}, {"recipient": STATE}),
]


@pytest.mark.parametrize(("asked", "fields"), FILTERS, ids=[next(iter(asked)) for asked, _ in FILTERS])
def test_a_filter_lets_through_what_it_asks_for_and_nothing_else(
    store: Store, client: Client, asked: dict[str, Any], fields: dict[str, Any]
) -> None:
    store.add_invoices([invoice("ANOTHER", amount_excl_tax=10, amount_incl_tax=12), invoice("WANTED", **fields)])
    assert client.numbers(**asked) == ["WANTED"]


@pytest.mark.wrong_traffic
def test_a_day_may_come_with_a_time_which_does_not_count(store: Store, client: Client) -> None:
    store.add_invoices([invoice("A"), invoice("B", date=datetime.date(2026, 11, 8))])
    assert client.numbers(periodeDateFactureAu="2026-11-08T23:59:59") == ["B"]


def test_all_the_conditions_of_one_recipient_must_hold(store: Store, client: Client) -> None:
    store.add_invoices([invoice("A", recipient=STATE, service="S2"), invoice("B", recipient=STATE)])
    assert client.numbers(listeDestinataire=[{"idDestinataire": 5, "listeIdServiceExecutant": [102]}]) == ["A"]
    assert client.numbers(listeDestinataire=[{"idDestinataire": 3, "listeIdServiceExecutant": [102]}]) == []


def test_recipients_may_be_searched_by_the_whole_siren(store: Store, client: Client) -> None:
    store.add_invoices([invoice("A"), invoice("B", recipient=TOWN_SCHOOLS), invoice("C", recipient=STATE)])
    assert client.numbers(listeDestinataire=[{"idDestinataire": 3}], rechercheSirenDestinataire=False) == ["A"]
    assert client.numbers(listeDestinataire=[{"idDestinataire": 3}], rechercheSirenDestinataire=True) == ["A", "B"]


def test_a_search_by_statuses_finds_the_invoices_that_are_in_one_of_them_now(store: Store, client: Client) -> None:
    ids = store.add_invoices([invoice("A"), invoice("B"), invoice("C")])
    store.set_status(ids[0], "REJETEE", MIDNIGHT_IN_PARIS)
    store.set_status(ids[1], "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE", MIDNIGHT_IN_PARIS)
    assert client.numbers(statutCourant=["REJETEE", "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE"]) == ["A", "B"]
    assert client.numbers(statutCourant=["REJETEE"]) == ["A"]
    assert client.numbers(statutCourant=[]) == ["A", "B", "C"]


@pytest.mark.parametrize(
    ("bounds", "found"),
    [
        ({"Du": "2026-11-10"}, ["FIRST", "LAST", "NEXT"]),
        ({"Du": "2026-11-10", "Au": "2026-11-10"}, ["FIRST", "LAST"]),
        ({"Au": "2026-11-09"}, ["BEFORE"]),
        ({"Du": "2026-11-10T00:00:00", "Au": "2026-11-10T23:59:59"}, ["FIRST"]),
        ({"Du": "2026-11-09T23:00:00Z", "Au": "2026-11-09T23:00:00.000Z"}, ["FIRST"]),
        ({"Du": "2026-11-10T23:59:59.999+01:00", "Au": "2026-11-10T22:59:59.999Z"}, ["LAST"]),
        ({"Du": "2026-11-10T23:59:59.9991+01:00"}, ["NEXT"]),
        ({"Au": "9999-12-31"}, ["BEFORE", "FIRST", "LAST", "NEXT"]),
        ({"Du": "0001-01-01"}, ["BEFORE", "FIRST", "LAST", "NEXT"]),
    ],
)
def test_the_bounds_of_the_change_window_are_inclusive_and_in_paris_time(
    store: Store, client: Client, bounds: dict[str, str], found: list[str]
) -> None:
    day, millisecond = datetime.timedelta(days=1), datetime.timedelta(milliseconds=1)
    store.add_invoices(
        [
            invoice("BEFORE", MIDNIGHT_IN_PARIS - millisecond),
            invoice("FIRST", MIDNIGHT_IN_PARIS),
            invoice("LAST", MIDNIGHT_IN_PARIS + day - millisecond),
            invoice("NEXT", MIDNIGHT_IN_PARIS + day),
        ]
    )
    window = {f"periodeDateHeureEtatCourant{bound}": date for bound, date in bounds.items()}
    assert client.numbers(**window) == found


def test_the_deposit_is_compared_by_its_day_in_paris(store: Store, client: Client) -> None:
    store.add_invoices([invoice("TUESDAY"), invoice("MONDAY", MIDNIGHT_IN_PARIS - datetime.timedelta(seconds=1))])
    assert client.numbers(periodeDateDepotDu="2026-11-10", periodeDateDepotAu="2026-11-10") == ["TUESDAY"]
    assert client.numbers(periodeDateDepotAu="2026-11-09") == ["MONDAY"]


def test_a_change_is_found_by_the_next_search(store: Store, client: Client) -> None:
    invoice_id = store.add_invoice(invoice("A"))
    assert client.numbers(statutCourant=["MANDATEE"]) == []
    store.set_status(invoice_id, "MANDATEE")
    assert client.numbers(statutCourant=["MANDATEE"]) == ["A"]


def test_a_search_without_result_is_a_success_with_an_empty_list(client: Client) -> None:
    assert client.search(numeroFacture="NONE") == {
        "codeRetour": 0,
        "libelle": "TRA_MSG_00.000",
        "parametresRetour": {"pageCourante": 1, "pages": 0, "nbResultatsParPage": 10, "total": 0},
        "listeFactures": [],
    }


def test_a_row_has_every_member_that_is_known(store: Store, client: Client) -> None:
    store.add_invoice(
        invoice(
            "F-1",
            id=4321098,
            supplier_service="COMPTA",
            service="S1",
            amount_excl_tax=1041.67,
            amount_incl_tax=1250,
            commitment_number="E1",
            contract_number="M1",
            original_number="F-0",
            flow_number="CPP0011117000000000425903",
            size=2048,
            other_members={"affactureurCode": "AFF", "nomPrenomUtilisateurCreateur": "Le Gall Anne"},
        )
    )
    store.set_status(4321098, "SUSPENDUE", MIDNIGHT_IN_PARIS, "Pièce manquante", "TECH")
    assert client.search(recupererTaille=True)["listeFactures"] == [
        {
            "identifiantFactureCPP": 4321098,
            "typeDemandePaiement": "FACTURE",
            "codeFournisseur": ACME,
            "typeIdentifiantFournisseur": "SIRET",
            "designationFournisseur": "ACME",
            "codeServiceFournisseur": "COMPTA",
            "nomServiceFournisseur": "Comptabilité",
            "idDestinataire": 3,
            "codeDestinataire": TOWN,
            "designationDestinataire": "Ville de Brest",
            "idServiceExecutant": 101,
            "codeServiceExecutant": "S1",
            "nomServiceExecutant": "Voirie",
            "typeFacture": "FACTURE",
            "numeroFacture": "F-1",
            "dateFacture": "2026-11-09",
            "dateDepot": "2026-11-10",
            "montantHT": 1041.67,
            "montantTTC": 1250,
            "montantAPayer": 1250,
            "devise": "EUR",
            "statut": "SUSPENDUE",
            "numeroMarche": "M1",
            "numeroBonCommande": "E1",
            "numeroFluxDepot": "CPP0011117000000000425903",
            "numeroFactureOrigine": "F-0",
            "modeDepot": "UPLOAD_API",
            "taille": 2048,
            "dateHeureEtatCourant": "2026-11-10T00:00:00.000+01:00",
            "commentaireEtatCourant": "Pièce manquante",
            "rejetTraite": False,
            "affactureurCode": "AFF",
            "nomPrenomUtilisateurCreateur": "Le Gall Anne",
        }
    ]


def test_a_row_leaves_out_what_is_not_known_and_a_size_that_was_not_asked_for(store: Store, client: Client) -> None:
    store.add_invoice(invoice("F-1", size=2048))
    row = client.search()["listeFactures"][0]
    assert None not in row.values()
    assert not row.keys() & {"taille", "montantHT", "codeServiceExecutant", "commentaireEtatCourant", "numeroMarche"}


def test_the_offset_of_a_status_date_is_that_of_its_season(store: Store, client: Client) -> None:
    store.add_invoice(invoice("F-1", datetime.datetime(2026, 7, 11, 13, 45, 39, 674_000, tzinfo=UTC)))
    assert client.search()["listeFactures"][0]["dateHeureEtatCourant"] == "2026-07-11T15:45:39.674+02:00"


def test_the_newest_deposits_come_first_ten_a_page_by_default(store: Store, client: Client) -> None:
    day = datetime.timedelta(days=1)
    store.add_invoices(invoice(f"F{n:02}", MIDNIGHT_IN_PARIS + n * day) for n in range(12))
    found = client.search()
    assert [row["numeroFacture"] for row in found["listeFactures"]] == [f"F{n:02}" for n in range(11, 1, -1)]
    assert found["parametresRetour"] == {"pageCourante": 1, "pages": 2, "nbResultatsParPage": 10, "total": 12}


@pytest.mark.parametrize(
    ("paging", "found", "answered"),
    [
        ({"pageResultatDemandee": 2, "nbResultatsParPage": 3}, ["F3", "F4"], (2, 2, 3, 5)),
        ({"pageResultatDemandee": 3, "nbResultatsParPage": 3}, [], (3, 2, 3, 5)),
        ({"pageResultatDemandee": 2**31 - 1, "nbResultatsParPage": 2**31 - 1}, [], (2**31 - 1, 1, 2**31 - 1, 5)),
        ({"nbResultatsMaximum": 4, "nbResultatsParPage": 3, "pageResultatDemandee": 2}, ["F3"], (2, 2, 3, 4)),
    ],
)
def test_the_page_that_is_asked_for_is_given(
    store: Store, client: Client, paging: dict[str, int], found: list[str], answered: tuple[int, ...]
) -> None:
    store.add_invoices(invoice(f"F{n}") for n in range(5))
    asked = {**paging, "triColonne": "NumeroFacture", "triSens": "Ascendant"}
    body = client.search(rechercheFactureParFournisseur=asked)
    assert [row["numeroFacture"] for row in body["listeFactures"]] == found
    assert tuple(body["parametresRetour"].values()) == answered


def test_a_page_cap_grants_fewer_rows_than_asked_and_says_so(store: Store) -> None:
    store.add_invoices(invoice(f"F{n}") for n in range(5))
    with LocalPortal(store, page_cap=2) as portal:
        body = Client(portal.url).search(rechercheFactureParFournisseur={"nbResultatsParPage": 1000})
    assert len(body["listeFactures"]) == 2
    assert body["parametresRetour"] == {"pageCourante": 1, "pages": 3, "nbResultatsParPage": 2, "total": 5}


@pytest.mark.parametrize("direction", ["Ascendant", "Descendant"])
@pytest.mark.parametrize(
    ("column", "low", "high"),
    [
        ("NumeroFacture", {"number": "A"}, {"number": "B"}),
        ("DateFacture", {"date": datetime.date(2026, 1, 1)}, {"date": datetime.date(2026, 1, 2)}),
        ("MontantTTC", {"amount_incl_tax": 9}, {"amount_incl_tax": 10}),
        ("DesignationDestinataire", {"recipient": STATE}, {"recipient": TOWN}),
        ("CodeServiceExecutant", {"recipient": TOWN}, {"recipient": TOWN, "service": "S1"}),
        ("CodeValideur1", {"other_members": {"codeValideur1": "1"}}, {"other_members": {"codeValideur1": "2"}}),
    ],
)
def test_rows_are_sorted_by_the_column_that_is_asked_for(
    store: Store, client: Client, column: str, direction: str, low: dict[str, Any], high: dict[str, Any]
) -> None:
    ids = [store.add_invoice(invoice(**{"number": "X", **fields})) for fields in (high, low)]
    paging = {"triColonne": column, "triSens": direction}
    rows = client.search(rechercheFactureParFournisseur=paging)["listeFactures"]
    ascending = [ids[1], ids[0]]
    assert [row["identifiantFactureCPP"] for row in rows] == (
        ascending if direction == "Ascendant" else ascending[::-1]
    )
