import datetime

import pytest

from chorus.local_portal.life import moves
from chorus.local_portal.life.transitions import FOLLOWING
from chorus.local_portal.state.records import Invoice, StatusChange, Structure
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import HISTORY, Client
from tests.chorus.local_portal.pages.visitor import Visitor

AVAILABLE, SUSPENDED, REJECTED, PAID, TO_RECYCLE = 4321008, 4321004, 4321005, 4321001, 4321006
PAGE = f"/invoices/{AVAILABLE}"


def test_an_invoice_is_shown_with_its_facts(visitor: Visitor) -> None:
    text = visitor.get("/invoices/4321004").text
    for fact in ("ACME-2026-004", "ACME CONSEIL", "Service des marchés", "15,600.00 €", "18,720.00 €", "5 Oct 2026"):
        assert fact in text
    for fact in ("1000054111", "2026M0003", "CPP0011117000000000425903", "4321004", "UPLOAD_API"):
        assert fact in text


def test_its_history_has_each_step_with_date_author_and_comment_newest_first(visitor: Visitor) -> None:
    assert visitor.get(f"/invoices/{SUSPENDED}").texts("//ol[@class='history']/li") == [
        "Suspended SUSPENDUE Bon de livraison signé manquant."
        " 7 Oct 2026, 17:19:04 · DESTINATAIRE SERVICE ET ENGAGEMENT OBLIGATOIRES",
        "Made available MISE_A_DISPOSITION 5 Oct 2026, 17:19:04 · Chorus Pro",
        "On its way EN_COURS_ACHEMINEMENT 5 Oct 2026, 10:07:04 · Chorus Pro",
        "Deposited DEPOSEE 5 Oct 2026, 10:03:04 · Chorus Pro",
    ]


def test_of_two_changes_at_one_moment_the_present_one_is_on_top(visitor: Visitor, store: Store) -> None:
    at = store.clock.now()
    for status in ("SERVICE_FAIT", "MANDATEE", "COMPTABILISEE"):
        store.set_status(AVAILABLE, status, at)
    steps = visitor.get(PAGE).texts("//ol[@class='history']/li//code")
    assert steps[:3] == ["COMPTABILISEE", "MANDATEE", "SERVICE_FAIT"]


def test_what_a_supplier_did_is_in_the_history_as_well(visitor: Visitor, store: Store) -> None:
    with store.writing() as connection:
        connection.execute(
            "INSERT INTO user_actions VALUES (1, ?, 'TRAITEMENT_REJET', 1790000000000, 'TECH')", (REJECTED,)
        )
    assert "TRAITEMENT_REJET" in " ".join(visitor.get(f"/invoices/{REJECTED}").texts("//ol[@class='history']/li"))


@pytest.mark.parametrize("status", FOLLOWING)
def test_exactly_the_moves_of_the_matrix_are_offered(visitor: Visitor, store: Store, status: str) -> None:
    store.set_status(AVAILABLE, status)
    assert tuple(visitor.get(PAGE).values("//input[@name='status']/@value")) == FOLLOWING[status]


def test_a_buyer_whose_payments_are_hidden_is_not_offered_to_pay(visitor: Visitor, store: Store) -> None:
    store.add_structure(Structure("1", "COMMUNE DISCRETE", "recipient", payment_hidden=True))
    at = store.clock.now()
    history = [StatusChange("MANDATEE", at)]
    invoice_id = store.add_invoice(
        Invoice(number="SHY", supplier="33254021516357", recipient="1", date=at.date(), history=history)
    )
    assert "MISE_EN_PAIEMENT" not in visitor.get(f"/invoices/{invoice_id}").values("//input[@name='status']/@value")
    assert "cannot take that status" in visitor.send(f"/invoices/{invoice_id}", {"status": "MISE_EN_PAIEMENT"}).text


@pytest.mark.parametrize(
    ("invoice_id", "sentence"),
    [
        (PAID, "Its life is over: no status follows this one."),
        (REJECTED, "The supplier may acknowledge the rejection by “traiterRejet”."),
        (TO_RECYCLE, "It waits for its supplier, who sends it again, corrected, by “recycler”."),
        (SUSPENDED, "It waits for its supplier, who completes it by “completer”."),
    ],
)
def test_an_invoice_says_whom_it_waits_for(visitor: Visitor, invoice_id: int, sentence: str) -> None:
    assert sentence in visitor.get(f"/invoices/{invoice_id}").text


def test_a_move_is_done_said_and_seen_by_clients(visitor: Visitor, client: Client) -> None:
    page = visitor.send(PAGE, {"status": "SUSPENDUE", "reason": " Pièce manquante\r\nMerci "})
    assert (page.status, page.answer.history[0].status_code) == (200, 303)
    assert "Done. The invoice is now: Suspended." in page.text
    change = client.post(HISTORY, {"idFacture": AVAILABLE}).json()["historiquesDesStatuts"]["histoStatut"][0]
    assert change["histoStatutCode"] == "SUSPENDUE"
    assert change["histoStatutCommentaire"] == "Pièce manquante\nMerci"
    assert change["histoStatutUtilisateurNom"] == "SERVICES DE L'ETAT"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({}, "Choose the status that the invoice shall take."),
        ({"status": "DEPOSEE"}, "The invoice moved meanwhile, or it cannot take that status now. Choose again."),
        ({"status": "NONSENSE"}, "The invoice moved meanwhile, or it cannot take that status now. Choose again."),
        ({"status": "REJETEE"}, "Give a reason: the supplier must learn why"),
        ({"status": "SUSPENDUE", "reason": " \r\n "}, "Give a reason: the supplier must learn why"),
        ({"status": "REJETEE", "reason": "é" * 256}, "The reason is too long: at most 255 characters"),
    ],
)
def test_a_move_that_cannot_be_done_says_why_and_changes_nothing(
    visitor: Visitor, store: Store, form: dict[str, str], sentence: str
) -> None:
    before = store.status_changes(AVAILABLE)
    page = visitor.send(PAGE, form)
    assert sentence in " ".join(page.texts("//*[@role='alert']"))
    assert page.values("//title/text()")[0].startswith("Error:")
    assert store.status_changes(AVAILABLE) == before


def test_what_was_filled_in_is_kept_for_the_next_try(visitor: Visitor) -> None:
    page = visitor.send(PAGE, {"status": "REJETEE", "reason": "é" * 256})
    assert page.values("//input[@checked]/@value") == ["REJETEE"]
    assert page.texts("//textarea") == ["é" * 256]


def test_a_reason_of_255_characters_is_taken(visitor: Visitor, store: Store) -> None:
    visitor.send(PAGE, {"status": "REJETEE", "reason": "é" * 255})
    assert store.invoice(AVAILABLE)["status"] == "REJETEE"


@pytest.mark.parametrize("status", ["A_RECYCLER", "MANDATEE"])
def test_other_moves_need_no_reason(visitor: Visitor, store: Store, status: str) -> None:
    visitor.send(PAGE, {"status": status})
    change = store.status_changes(AVAILABLE)[-1]
    assert (change["status"], change["comment"]) == (status, None)


@pytest.mark.parametrize("path", ["/invoices/1", "/invoices/9223372036854775807"])
def test_an_invoice_that_does_not_exist_is_a_page_that_says_so(visitor: Visitor, path: str) -> None:
    for page in (visitor.get(path), visitor.send(path, {"status": "REJETEE"})):
        assert page.status == 404
        assert "perhaps the portal was reset" in page.text


@pytest.mark.parametrize("path", ["/invoices/9223372036854775808", "/invoices/-1", "/invoices/x", "/nothing"])
def test_a_path_that_leads_nowhere_is_not_found(visitor: Visitor, path: str) -> None:
    assert visitor.get(path).status == 404


def test_what_happens_by_itself_is_done_before_the_page_is_shown_and_the_next_is_told(
    visitor: Visitor, store: Store
) -> None:
    moves.begin(store, "steady")
    plan = moves.planned_for(store, AVAILABLE)
    assert plan
    assert "If nobody moves it: Taken over" in visitor.get(PAGE).text
    store.clock.advance(
        datetime.timedelta(milliseconds=plan["due_at"])
        - (store.clock.now() - datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC))
    )
    page = visitor.get(PAGE)
    assert page.texts("//ol[@class='history']/li//code")[0] == plan["status"]
    assert "scenario “steady”" in page.text


def test_lists_are_up_to_date_as_well(visitor: Visitor, store: Store) -> None:
    moves.begin(store, "steady")
    store.clock.advance(datetime.timedelta(days=200))
    assert visitor.numbers("/?status=MISE_A_DISPOSITION") == []
