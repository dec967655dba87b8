"""A deposit becomes a flow, goes through its states on the portal's clock, and has a report."""

import datetime
import logging
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chorus.local_portal.deposits import flows
from chorus.local_portal.deposits.records import File
from chorus.local_portal.life import due
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.clock import Clock
from chorus.local_portal.state.records import Account
from chorus.local_portal.state.seed import DEFAULT_SEED, load_seed
from chorus.local_portal.state.store import Store
from tests.chorus.local_portal.client import Client
from tests.chorus.local_portal.deposits import files
from tests.chorus.local_portal.deposits.depositor import DEPOSIT, DETAILED_REPORT, TREATED, Depositor, encoded
from tests.chorus.local_portal.deposits.files import (
    ACME,
    CII,
    FACTUR_X,
    UBL,
)

OTHER_LOGIN = "TECH_2_00002@cpro.fr"
MILLISECOND = datetime.timedelta(milliseconds=1)


def test_the_answer_to_a_deposit_has_the_number_of_the_flow_and_nothing_of_its_invoices(depositor: Depositor) -> None:
    body = {"fichierFlux": encoded(files.factur_x()), "nomFichier": "f.pdf", "syntaxeFlux": FACTUR_X}
    answer = depositor.call(DEPOSIT, **body, avecSignature=False, idUtilisateurCourant=0)
    assert answer == {
        "codeRetour": 0,
        "libelle": "GCU_MSG_01_000",
        "numeroFluxDepot": "CPP0011117000000000500001",
        "dateDepot": "2026-11-22",
        "syntaxeFlux": FACTUR_X,
    }


def test_a_syntax_that_answers_do_not_know_is_not_repeated(depositor: Depositor) -> None:
    answer = depositor.call(DEPOSIT, fichierFlux="", nomFichier="f", syntaxeFlux="IN_DP_PDFARCHIVE_CII_MUG")
    assert set(answer) == {"codeRetour", "libelle", "numeroFluxDepot", "dateDepot"}


def test_numbers_of_flows_go_on_and_tell_their_interface(depositor: Depositor) -> None:
    assert [depositor.deposit(b"", syntax) for syntax in (UBL, CII, FACTUR_X)] == [
        "CPP0011110000000000500001",
        "CPP0011110000000000500002",
        "CPP0011117000000000500003",
    ]


@pytest.mark.parametrize(
    ("elapsed", "state", "since"),
    [
        (0, "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP", "00.000"),
        (699, "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP", "00.000"),
        (700, "IN_RECU", "00.700"),
        (715, "IN_TRAITE_SE_CPP", "00.710"),
        (1599, "IN_EN_ATTENTE_TRAITEMENT_CPP", "00.720"),
        (2600, "IN_EN_COURS_TRAITEMENT_CPP", "01.600"),
        (2601, "IN_INTEGRE", "02.601"),
        (3_600_000, "IN_INTEGRE", "02.601"),
    ],
)
def test_a_flow_goes_through_its_states_on_the_portal_s_clock(
    depositor: Depositor, clock: Clock, elapsed: int, state: str, since: str
) -> None:
    number = depositor.deposit(files.ubl())
    clock.advance(elapsed * MILLISECOND)
    report = depositor.report(number)
    assert report["etatCourantDepotFlux"] == state
    assert report["dateHeureEtatCourantFlux"] == f"2026-11-22T10:30:{since}+01:00"


def test_the_invoice_exists_when_its_flow_is_integrated_and_not_before(
    depositor: Depositor, client: Client, clock: Clock
) -> None:
    number = depositor.deposit(files.ubl("F-2026-042"))
    clock.advance(TREATED - MILLISECOND)
    assert client.numbers(numeroFluxDepot=number) == []
    clock.advance(MILLISECOND)
    (row,) = client.search(numeroFluxDepot=number)["listeFactures"]
    assert {
        name: row[name] for name in ("numeroFacture", "statut", "dateHeureEtatCourant", "dateDepot", "modeDepot")
    } == {
        "numeroFacture": "F-2026-042",
        "statut": "DEPOSEE",
        "dateHeureEtatCourant": "2026-11-22T10:30:02.601+01:00",
        "dateDepot": "2026-11-22",
        "modeDepot": "UPLOAD_API",
    }


def test_a_report_that_is_asked_for_late_has_the_dates_of_the_treatment(depositor: Depositor, clock: Clock) -> None:
    number = depositor.deposit(files.ubl())
    clock.advance(datetime.timedelta(days=3))
    assert depositor.report(number) == {
        "codeRetour": 0,
        "libelle": "TRA_MSG_00.000",
        "codeInterfaceDepotFlux": "FSO1110A",
        "dateDepotFlux": "2026-11-22T10:30:00.000+01:00",
        "dateHeureEtatCourantFlux": "2026-11-22T10:30:02.601+01:00",
        "etatCourantDepotFlux": "IN_INTEGRE",
        "nomFichier": "FSO1110A_CPP001_CPP0011110000000000500001",
    }


@pytest.mark.parametrize("syntax", ["IN_DP_E1_XCBL", "IN_DP_E2_CPP_FACTURE_MIN", "IN_DP_PDFARCHIVE_CII_MUG"])
def test_what_the_local_portal_cannot_treat_is_an_incident_that_says_so(depositor: Depositor, syntax: str) -> None:
    report = depositor.treated(files.ubl(), syntax)
    assert report["etatCourantDepotFlux"] == "IN_INCIDENTE"
    (error,) = report["listeErreurTechnique"]
    assert error["libelleErreur"] == f"IRRECEVABILITE: la syntaxe {syntax} n'est pas traitee par le Chorus Pro local"


def test_a_treatment_that_fails_is_an_incident_and_the_next_flow_is_treated(
    depositor: Depositor, store: Store, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    broken, good = depositor.deposit(files.ubl("F-1")), depositor.deposit(files.ubl("F-2"))
    with store.writing() as connection:
        connection.execute("UPDATE flows SET syntax = 'UNKNOWN' WHERE number = ?", (broken,))
    clock.advance(TREATED)
    with caplog.at_level(logging.ERROR):
        assert depositor.report(broken)["etatCourantDepotFlux"] == "IN_INCIDENTE"
    assert f"Flow {broken} cannot be treated" in caplog.text
    assert depositor.report(good)["etatCourantDepotFlux"] == "IN_INTEGRE"


def test_flows_are_treated_in_the_order_of_their_deposits(depositor: Depositor, clock: Clock) -> None:
    first, second = depositor.deposit(files.ubl()), depositor.deposit(files.ubl())
    clock.advance(TREATED)
    assert [depositor.report(number)["etatCourantDepotFlux"] for number in (second, first)] == [
        "IN_REJETE",
        "IN_INTEGRE",
    ]


def test_catching_up_again_changes_nothing(depositor: Depositor, store: Store) -> None:
    depositor.treated(files.ubl())
    before = store.rows("SELECT * FROM flows"), store.rows("SELECT * FROM invoices")
    due.catch_up(store)
    assert (store.rows("SELECT * FROM flows"), store.rows("SELECT * FROM invoices")) == before


def test_a_flow_is_known_to_the_account_that_deposited_it_alone(depositor: Depositor, portal: LocalPortal) -> None:
    number = depositor.deposit(files.ubl())
    unknown = {"codeRetour": 20001, "libelle": "POQ_MSG_01.003 - Flux introuvable."}
    body = {"numeroFluxDepot": number}
    assert Client(portal.url, OTHER_LOGIN).post(DETAILED_REPORT, body).json() == unknown
    assert depositor.report("CPP0011117000000000999999") == unknown


def test_the_flow_of_an_invoice_of_the_seed_was_integrated(depositor: Depositor) -> None:
    assert depositor.report("CPP0011117000000000425900") == {
        "codeRetour": 0,
        "libelle": "TRA_MSG_00.000",
        "codeInterfaceDepotFlux": "FSO1117A",
        "dateDepotFlux": "2026-09-03T09:12:04.120+02:00",
        "dateHeureEtatCourantFlux": "2026-09-03T09:12:04.120+02:00",
        "etatCourantDepotFlux": "IN_INTEGRE",
        "nomFichier": "FSO1117A_CPP001_CPP0011117000000000425900",
    }
    anothers = "CPP0011117000000000425910"
    assert depositor.report(anothers)["libelle"] == "POQ_MSG_01.003 - Flux introuvable."


def test_accounts_of_one_supplier_do_not_see_each_other_s_flows(
    depositor: Depositor, store: Store, portal: LocalPortal, clock: Clock
) -> None:
    depositor.treated(files.ubl())
    store.add_account(Account("TECH_9", "local-password-9", [ACME]))
    client = Client(portal.url)
    client.headers["cpro-account"] = encoded(b"TECH_9:local-password-9")
    report = Depositor(client, clock).report("CPP0011110000000000500001")
    assert report["libelle"] == "POQ_MSG_01.003 - Flux introuvable."


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    "content",
    [bytes(10 * 1024 * 1024 + 1), b"\x1f\x8b" + bytes(30 * 1024 * 1024 - 1)],
    ids=["a file", "an archive"],
)
def test_a_file_that_is_too_large_is_no_flow(depositor: Depositor, content: bytes) -> None:
    answer = depositor.call(DEPOSIT, fichierFlux=encoded(content), nomFichier="f.xml", syntaxeFlux=UBL)
    assert answer == {"codeRetour": 20001, "libelle": "GDP_MSG_11.022 - Fichier trop volumineux."}


@pytest.mark.wrong_traffic
@pytest.mark.parametrize(
    "different",
    [
        {"fichierFlux": "%%%"},
        {"fichierFlux": "YQ"},
        {"nomFichier": " "},
        {"nomFichier": "n" * 201},
        {"syntaxeFlux": "FACTURX"},
        {"avecSignature": 0},
        {"inconnu": 1},
    ],
)
def test_a_malformed_deposit_is_a_400(client: Client, different: dict[str, object]) -> None:
    body = {"fichierFlux": "YQ==", "nomFichier": "f.xml", "syntaxeFlux": UBL, **different}
    assert client.post(DEPOSIT, body).status_code == 400


def test_base64_in_lines_is_base64(depositor: Depositor) -> None:
    content = encoded(files.ubl())
    lines = "\n".join(content[start : start + 76] for start in range(0, len(content), 76))
    answer = depositor.call(DEPOSIT, fichierFlux=lines, nomFichier="f.xml", syntaxeFlux=UBL)
    depositor.clock.advance(TREATED)
    assert depositor.report(answer["numeroFluxDepot"])["etatCourantDepotFlux"] == "IN_INTEGRE"


def test_many_clients_that_ask_at_once_see_one_treatment(depositor: Depositor, client: Client, clock: Clock) -> None:
    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda n: depositor.deposit(files.ubl(f"F-{n}")), range(16)))
        clock.advance(TREATED)
        reports = list(threads.map(depositor.report, numbers))
    assert len(set(numbers)) == 16
    assert {report["etatCourantDepotFlux"] for report in reports} == {"IN_INTEGRE"}
    assert len(client.numbers(periodeDateDepotDu="2026-11-22")) == 16


def test_a_flow_outlives_the_portal_in_a_state_file(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "state.sqlite3"
    with Store(file, clock) as store:
        load_seed(DEFAULT_SEED, store)
        flows.add(store, "TECH_1_00001@cpro.fr", UBL, File("f.xml", files.ubl()))
    clock.advance(TREATED)
    with Store(file, clock) as store:
        due.catch_up(store)
        assert store.row("SELECT state, treated FROM flows") == {"state": "IN_INTEGRE", "treated": 1}
        assert store.row("SELECT status FROM invoices WHERE number = 'F-1'") == {"status": "DEPOSEE"}
