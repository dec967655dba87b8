import datetime as dt
import io
from collections import Counter
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from akuiteo.models import User
from chorus.invoice_csv import importing
from chorus.invoice_csv.importing import import_table
from chorus.invoice_csv.lines import LineParser
from chorus.invoice_csv.managers import Managers
from chorus.invoice_csv.reading import CsvTable
from chorus.models import Company, Invoice
from chorus.statuses import DematerializationStatus

HEADER = "company,number,date"


class Imported:
    def __init__(self, text: str, company: str | None = None) -> None:
        parser = LineParser(dict(Company.objects.values_list("code", "pk")), Managers().find, company)
        progress = list(import_table(CsvTable(io.StringIO(text)), parser))
        self.counts = sum((part.counts for part in progress), Counter[str]())
        self.refused = {refusal.line: refusal.reason for part in progress for refusal in part.refusals}


@pytest.fixture(autouse=True)
def company(acme: Company) -> Company:
    return acme


def existing(**values: object) -> Invoice:
    values = {"number": "F1", "date": dt.date(2026, 11, 1), "ask_by_number": False} | values
    return Invoice.objects.create(company=Company.objects.get(code="ACME"), **values)


def test_every_column_is_read() -> None:
    User.objects.create(username="anne", email="anne@example.org")
    imported = Imported(
        "company;number;date;customer;customer_siret;service_code;commitment_number;contract_number;project_group;"
        "amount_excl_tax;amount_incl_tax;currency;manager;flow_number;chorus_id;deposited_on;dematerialized\n"
        "ACME;F1;22/11/2026;Lyon;216 901 231 00011;S1;E1;C1;P1;1 000,00;1200.00;eur;ANNE@example.org;"
        "FLUX1;4711;2026-11-23;Vrai\n"
    )
    assert imported.counts == Counter(created=1)
    invoice = Invoice.objects.values().get()
    assert (
        invoice
        | {
            "number": "F1",
            "date": dt.date(2026, 11, 22),
            "customer": "Lyon",
            "customer_siret": "21690123100011",
            "service_code": "S1",
            "commitment_number": "E1",
            "contract_number": "C1",
            "project_group": "P1",
            "amount_excl_tax": Decimal("1000.00"),
            "amount_incl_tax": Decimal("1200.00"),
            "currency": "EUR",
            "manager_id": User.objects.get().pk,
            "flow_number": "FLUX1",
            "chorus_id": 4711,
            "deposited_on": dt.date(2026, 11, 23),
            "dematerialized": True,
        }
        == invoice
    )


def test_a_new_invoice_counts_as_transmitted_and_is_asked_for_by_number() -> None:
    Imported(f"{HEADER}\nACME,F1,2026-11-22\n")
    invoice = Invoice.objects.get()
    assert invoice.dematerialized
    assert invoice.dematerialization_status == DematerializationStatus.TRANSMITTED
    assert invoice.ask_by_number
    assert invoice.currency == "EUR"


def test_an_invoice_that_is_not_dematerialized_is_not_transmitted() -> None:
    Imported(f"{HEADER},dematerialized\nACME,F1,2026-11-22,Faux\n")
    assert Invoice.objects.get().dematerialization_status == DematerializationStatus.TO_BE_TRANSMITTED


def test_importing_a_file_again_changes_nothing() -> None:
    text = (
        f'{HEADER},customer,amount_incl_tax,dematerialized\nACME,F1,2026-11-22,Lyon,"10,5",\nACME,F2,2026-11-22,,,0\n'
    )
    Imported(text)
    before = list(Invoice.objects.order_by("pk").values())
    assert Imported(text).counts == Counter(unchanged=2)
    assert list(Invoice.objects.order_by("pk").values()) == before


def test_the_key_is_company_and_number() -> None:
    Company.objects.create(code="BETA", name="Beta", siret="0" * 14)
    text = f"{HEADER},customer\nACME,F1,2026-11-22,Lyon\nBETA,F1,2026-11-22,Paris\n"
    assert Imported(text).counts == Counter(created=2)
    assert Imported(text.replace("Paris", "Nice")).counts == Counter(updated=1, unchanged=1)
    assert Invoice.objects.get(company__code="BETA").customer == "Nice"


def test_an_absent_column_leaves_the_stored_value_alone() -> None:
    manager = User.objects.create(username="anne")
    existing(customer="Lyon", manager=manager, amount_incl_tax=5, service_label="Voirie")
    assert Imported(f"{HEADER}\nACME,F1,2026-11-22\n").counts == Counter(updated=1)
    invoice = Invoice.objects.get()
    assert (invoice.customer, invoice.manager, invoice.amount_incl_tax) == ("Lyon", manager, Decimal(5))
    assert invoice.dematerialization_status == DematerializationStatus.TO_BE_TRANSMITTED
    assert invoice.service_label == "Voirie"


def test_an_empty_cell_of_a_present_column_empties_it() -> None:
    existing(customer="Lyon", manager=User.objects.create(username="anne"), amount_incl_tax=5, currency="USD")
    Imported(f"{HEADER},customer,manager,amount_incl_tax,currency,customer_siret\nACME,F1,2026-11-22,,, ,,\n")
    invoice = Invoice.objects.get()
    assert (invoice.customer, invoice.manager, invoice.amount_incl_tax, invoice.currency) == ("", None, None, "EUR")


def test_an_empty_cell_does_not_take_away_what_the_portal_has_told() -> None:
    existing(chorus_id=4711, flow_number="FLUX1", chorus_status="DEPOSEE")
    assert Imported(f"{HEADER},chorus_id,flow_number\nACME,F1,2026-11-01,,\n").counts == Counter(unchanged=1)
    invoice = Invoice.objects.get()
    assert (invoice.chorus_id, invoice.flow_number) == (4711, "FLUX1")


@pytest.mark.parametrize("dematerialized", ["True", "False"])
def test_an_import_never_touches_a_chorus_status(dematerialized: str) -> None:
    existing(
        chorus_status="REJETEE",
        chorus_comment="TVA",
        dematerialization_status=DematerializationStatus.TRANSMISSION_DENIED,
    )
    header = f"{HEADER},customer,chorus_id,dematerialized"
    assert Imported(f"{header}\nACME,F1,2026-11-22,Lyon,5,{dematerialized}\n").counts == Counter(updated=1)
    invoice = Invoice.objects.get()
    assert (invoice.chorus_status, invoice.chorus_comment) == ("REJETEE", "TVA")
    assert invoice.dematerialization_status == DematerializationStatus.TRANSMISSION_DENIED
    assert not invoice.ask_by_number


@pytest.mark.parametrize(
    ("column", "cell"), [("chorus_id", "5"), ("flow_number", "FLUX1"), ("deposited_on", "2026-11-02")]
)
def test_an_invoice_that_was_deposited_before_it_was_known_is_asked_for_by_number(column: str, cell: str) -> None:
    """L3"""
    existing()
    Imported(f"{HEADER},{column}\nACME,F1,2026-11-01,{cell}\n")
    assert Invoice.objects.get().ask_by_number


def test_an_invoice_that_is_dematerialized_from_now_on_is_transmitted_and_asked_for_by_number() -> None:
    existing(dematerialized=False)
    Imported(f"{HEADER},dematerialized\nACME,F1,2026-11-01,True\n")
    invoice = Invoice.objects.get()
    assert invoice.dematerialization_status == DematerializationStatus.TRANSMITTED
    assert invoice.ask_by_number


def test_an_invoice_that_is_dematerialized_no_more_is_to_be_transmitted() -> None:
    existing(dematerialization_status=DematerializationStatus.TRANSMITTED)
    Imported(f"{HEADER},dematerialized\nACME,F1,2026-11-01,False\n")
    assert Invoice.objects.get().dematerialization_status == DematerializationStatus.TO_BE_TRANSMITTED


def test_an_invoice_of_which_nothing_new_is_known_is_not_asked_for_by_number() -> None:
    existing(flow_number="FLUX1")
    Imported(f"{HEADER},flow_number,customer\nACME,F1,2026-11-01,FLUX1,Lyon\n")
    assert not Invoice.objects.get().ask_by_number


def test_a_company_option_fills_in_for_lines_without_a_company_and_refuses_others() -> None:
    Company.objects.create(code="BETA", name="Beta", siret="0" * 14)
    assert Imported("number,date\nF1,2026-11-22\n", "ACME").counts == Counter(created=1)
    imported = Imported(f"{HEADER}\n,F2,2026-11-22\nBETA,F3,2026-11-22\n", "ACME")
    assert imported.counts == Counter(created=1, refused=1)
    assert imported.refused == {3: "company “BETA”: only lines of ACME are imported: it was chosen for the file"}


def test_every_reason_of_a_refused_line_is_told_and_the_good_lines_go_in() -> None:
    imported = Imported(
        f"{HEADER},amount_incl_tax,customer_siret,currency\n"
        "ACME,,2026-13-01,abc,123,€\n"
        "NONE,F2,2026-11-22,,,\n"
        ",F3,2026-11-22,,,\n"
        "ACME,F4,2026-11-22,,,\n"
    )
    assert imported.refused == {
        2: "number “”: it is empty; date “2026-13-01”: there is no such day; "
        "customer_siret “123”: 14 digits expected; "
        "amount_incl_tax “abc”: an amount such as 1234.56 or 1 234,56 expected; "
        "currency “€”: a currency of three letters such as EUR expected",
        3: "company “NONE”: unknown company; known ones: ACME",
        4: "company “”: it is empty",
    }
    assert Invoice.objects.get().number == "F4"


def test_a_second_line_of_an_invoice_is_refused_naming_the_first() -> None:
    imported = Imported(f"{HEADER},customer\nACME,F1,2026-11-22,Lyon\nACME,F2,2026-11-22,\nACME,F1,2026-11-22,Nice\n")
    assert imported.refused == {4: "number “F1”: already in line 2 of this file"}
    assert Invoice.objects.get(number="F1").customer == "Lyon"


def test_a_chorus_id_that_another_invoice_has_is_refused_naming_it() -> None:
    existing(number="F0", chorus_id=1)
    Company.objects.create(code="BETA", name="Beta", siret="0" * 14)
    imported = Imported(
        f"{HEADER},chorus_id\nACME,F1,2026-11-22,1\nACME,F2,2026-11-22,2\nACME,F3,2026-11-22,2\nBETA,F4,2026-11-22,2\n"
    )
    assert imported.refused == {
        2: "chorus_id 1: invoice “F0” has it already",
        4: "chorus_id 2: invoice “F2” has it already",
    }
    assert imported.counts == Counter(created=2, refused=2)


def test_refused_lines_are_told_in_the_order_of_the_file() -> None:
    existing(number="F0", chorus_id=1)
    imported = Imported(f"{HEADER},chorus_id\nACME,F1,2026-11-22,1\nACME,F2,x,2\n")
    assert list(imported.refused) == [2, 3]


def test_a_file_of_several_chunks_is_counted_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "CHUNK", 2)
    lines = "".join(f"ACME,F{number},2026-11-22\n" for number in (1, 2, 3, 1, 5))
    imported = Imported(f"{HEADER}\n{lines}")
    assert imported.counts == Counter(created=4, refused=1)
    assert Invoice.objects.count() == 4


def test_a_chunk_costs_few_statements_however_many_lines_it_has() -> None:
    def statements(count: int) -> int:
        lines = "".join(f"ACME,{count}-{number},2026-11-22\n" for number in range(count))
        with CaptureQueriesContext(connection) as queries:
            Imported(f"{HEADER}\n{lines}")
        return len(queries)

    assert statements(400) <= statements(4) + 400 / 20  # SQLite takes a bounded number of values at once


def test_the_quote_that_an_export_put_before_a_formula_is_taken_away() -> None:
    Imported(f"{HEADER},customer\nACME,'-F1,2026-11-22,'=1+1\n")
    invoice = Invoice.objects.get()
    assert (invoice.number, invoice.customer) == ("-F1", "=1+1")


def test_control_characters_of_a_value_are_written_as_escapes_in_its_refusal() -> None:
    assert "\\x1b" in Imported(f"{HEADER},customer\nACME,F1,2026-11-22,Ly\x1b[2Jon\n").refused[2]


class TestManagers:
    def refusal(self, manager: str) -> str:
        return Imported(f"{HEADER},manager\nACME,F1,2026-11-22,{manager}\n").refused.get(2, "")

    def test_login_and_e_mail_are_found_whatever_their_case(self) -> None:
        user = User.objects.create(username="Élise", email="Elise@example.org")
        for name in ("Élise", "éLISE", "elise@EXAMPLE.org"):
            assert not self.refusal(name)
            assert Invoice.objects.get().manager == user

    def test_an_exact_login_wins(self) -> None:
        User.objects.create(username="Anne")
        anne = User.objects.create(username="anne", email="shared@example.org")
        assert not self.refusal("anne")
        assert Invoice.objects.get().manager == anne

    def test_an_ambiguous_manager_is_refused(self) -> None:
        User.objects.create(username="anne", email="shared@example.org")
        User.objects.create(username="paul", email="shared@example.org")
        assert "2 users have this login or e-mail" in self.refusal("shared@example.org")

    def test_an_unknown_manager_is_refused(self) -> None:
        assert self.refusal("nobody") == "manager “nobody”: no user has this login or e-mail"

    def test_a_user_who_is_not_active_is_refused(self) -> None:
        User.objects.create(username="anne", is_active=False)
        assert self.refusal("anne") == "manager “anne”: this user is not active"
