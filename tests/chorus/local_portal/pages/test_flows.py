from chorus.local_portal.pages.listing import ROWS_ON_A_PAGE
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.pages.visitor import Visitor

NOON = 1_793_700_000_000


def add_flow(store: Store, number: str, state: str, at: int = NOON) -> None:
    with store.writing() as connection:
        connection.execute(
            "INSERT INTO flows VALUES (?, 'TECH', 'IN_DP_E1_UBL_INVOICE', 'FSO1110A', 'lot.tar.gz', NULL, ?, ?, ?, 1)",
            (number, at, state, at),
        )


def add_error(store: Store, number: str, *values: str | None) -> None:
    with store.writing() as connection:
        connection.execute("INSERT INTO flow_errors VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?)", (number, *values))


def test_a_flow_is_shown_with_its_state_and_leads_to_its_invoices(visitor: Visitor, store: Store) -> None:
    add_flow(store, "CPP0011117000000000425903", "IN_INTEGRE")
    page = visitor.get("/flows")
    (flow,) = page.texts("//article")
    assert flow.startswith("CPP0011117000000000425903 Integrated IN_INTEGRE lot.tar.gz IN_DP_E1_UBL_INVOICE · TECH · ")
    (link,) = page.values("//article//a/@href")
    assert visitor.numbers(link) == ["ACME-2026-004"]


def test_the_errors_of_a_flow_are_shown_each_on_its_line(visitor: Visitor, store: Store) -> None:
    add_flow(store, "CPP1", "IN_INTEGRE_PARTIEL")
    add_error(store, "CPP1", "invoice", "F-41", "S", "R", None, None, "Code service obligatoire|Engagement obligatoire")
    add_flow(store, "CPP2", "IN_REJETE", NOON + 1)
    add_error(store, "CPP2", "technical", None, None, None, "ERR_XSD_001", "IRRECEVABILITE", "ligne: 12")
    page = visitor.get("/flows")
    assert page.texts("//article//li") == [
        "Technical error ERR_XSD_001 ligne: 12",
        "Invoice F-41 refused Code service obligatoire Engagement obligatoire S → R",
    ]


def test_a_state_that_nobody_knows_is_shown_by_its_code(visitor: Visitor, store: Store) -> None:
    add_flow(store, "CPP1", "QP_RECEVABLE")
    assert "QP_RECEVABLE" in visitor.get("/flows").text


def test_many_flows_have_pages(visitor: Visitor, store: Store) -> None:
    for n in range(ROWS_ON_A_PAGE + 1):
        add_flow(store, f"CPP{n:03}", "IN_INTEGRE", NOON + n)
    first = visitor.get("/flows")
    assert first.texts("//article//h2")[0] == f"CPP{ROWS_ON_A_PAGE:03}"
    (after,) = first.values("//a[@rel='next']/@href")
    assert visitor.get(after).texts("//article//h2") == ["CPP000"]


def test_before_the_first_deposit_it_says_how_to_deposit(visitor: Visitor, visiteur: Visitor) -> None:
    assert "Nothing was deposited yet." in visitor.get("/flows").text
    assert "Rien n'a encore été déposé." in visiteur.get("/flows").text
