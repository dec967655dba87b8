"""import_invoices, export_invoices and reopen_tracking, as they are typed."""

import sqlite3
import subprocess
import sys

from tests.chorus.data.conftest import ROOT, Shell

HEADER = "company;number;date;customer;manager;amount_incl_tax\n"
TWO = HEADER + "ACME;F1;22/11/2026;Mairie de Lyon;anne;1 234,56\nACME;F2;2026-11-23;=1+1;ANNE@example.org;-5\n"


def set_status(shell: Shell, number: str, status: str) -> None:
    with sqlite3.connect(shell.folder / "db.sqlite3") as database:
        database.execute("UPDATE chorus_invoice SET chorus_status = ? WHERE number = ?", (status, number))
    database.close()


class TestImport:
    def test_it_counts_what_became_of_the_lines(self, set_up: Shell) -> None:
        path = set_up.write("invoices.csv", TWO)
        first, second = set_up("import_invoices", path), set_up("import_invoices", path)
        assert (first.code, first.stderr) == (second.code, second.stderr) == (0, "")
        assert first.stdout == "Invoices: 2 created, 0 updated, 0 unchanged, 0 refused.\n"
        assert second.stdout == "Invoices: 0 created, 0 updated, 2 unchanged, 0 refused.\n"

    def test_refused_lines_are_listed_and_the_others_go_in(self, set_up: Shell) -> None:
        text = TWO + "\nACME;F3;23.11.2026;Paris;nobody;1,234.5\n" + "NONE;F4;2026-11-23;;;\n"
        ended = set_up("import_invoices", set_up.write("invoices.csv", text))
        assert ended.code == 3
        assert ended.stdout == "Invoices: 2 created, 0 updated, 0 unchanged, 2 refused.\n"
        fifth, sixth = ended.stderr.splitlines()
        assert "invoices.csv, line 5: date “23.11.2026”: " in fifth
        assert "; manager “nobody”: " in fifth
        assert "; amount_incl_tax “1,234.5”: " in fifth
        assert sixth.endswith("line 6: company “NONE”: unknown company; known ones: ACME")

    def test_a_file_that_cannot_be_read_does_not_stop_the_others(self, set_up: Shell) -> None:
        wrong = set_up.write("wrong.csv", "company,numero,date\n")
        ended = set_up("import_invoices", "nowhere.csv", wrong, set_up.write("invoices.csv", TWO + "ACME;;;;;\n"))
        assert ended.code == 1
        assert ended.stdout == (
            "Invoices: 2 created, 0 updated, 0 unchanged, 1 refused. Files that could not be read: 2.\n"
        )
        assert "nowhere.csv: No such file or directory" in ended.stderr
        assert "wrong.csv: unknown columns: “numero”; missing columns: number (" in ended.stderr

    def test_a_company_may_be_given_for_all_lines(self, set_up: Shell) -> None:
        ended = set_up("import_invoices", "--company", "ACME", set_up.write("a.csv", "number,date\nF1,2026-11-22\n"))
        assert (ended.code, ended.stderr) == (0, "")
        unknown = set_up("import_invoices", "--company", "NONE", "a.csv")
        assert unknown.code == 1
        assert unknown.stderr == "CommandError: The company “NONE” does not exist. Existing ones: ACME.\n"

    def test_without_a_company_the_column_is_required(self, set_up: Shell) -> None:
        ended = set_up("import_invoices", set_up.write("a.csv", "number,date\nF1,2026-11-22\n"))
        assert ended.code == 1
        assert "missing columns: company" in ended.stderr

    def test_what_the_database_refuses_is_told_without_a_traceback(self, set_up: Shell) -> None:
        path = set_up.write("invoices.csv", TWO)
        with sqlite3.connect(set_up.folder / "db.sqlite3") as database:
            database.execute(
                "CREATE TRIGGER full BEFORE INSERT ON chorus_invoice BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
            )
        database.close()
        ended = set_up("import_invoices", path)
        assert ended.code == 1
        assert "the database refused the lines that follow: disk is full. Import the file again." in ended.stderr


class TestExport:
    def test_what_is_exported_can_be_imported(self, set_up: Shell) -> None:
        set_up("import_invoices", set_up.write("invoices.csv", TWO))
        exported = set_up("export_invoices")
        assert (exported.code, exported.stderr) == (0, "")
        header, first, second = exported.stdout.splitlines()
        assert header.startswith("company,number,date,customer,")
        assert first.startswith("ACME,F1,2026-11-22,Mairie de Lyon,")
        assert second.startswith("ACME,F2,2026-11-23,'=1+1,")
        ended = set_up("import_invoices", set_up.write("again.csv", exported.stdout))
        assert ended.code == 0
        assert ended.stdout == "Invoices: 0 created, 0 updated, 2 unchanged, 0 refused.\n"
        assert "again.csv: not read, as an import never touches a status: chorus_status, " in ended.stderr

    def test_company_and_status_choose(self, set_up: Shell) -> None:
        set_up("import_invoices", set_up.write("invoices.csv", TWO))
        set_status(set_up, "F2", "MANDATEE")
        ended = set_up("export_invoices", "--company", "ACME", "--status", "mandatee")
        assert [line.split(",")[1] for line in ended.stdout.splitlines()] == ["number", "F2"]

    def test_a_status_that_we_do_not_know_is_accepted_where_an_invoice_has_it(self, set_up: Shell) -> None:
        set_up("import_invoices", set_up.write("invoices.csv", TWO))
        assert set_up("export_invoices", "--status", "NOUVEAU").code == 1
        set_status(set_up, "F2", "NOUVEAU")
        assert len(set_up("export_invoices", "--status", "NOUVEAU").stdout.splitlines()) == 2

    def test_unknown_companies_and_statuses_are_refused(self, set_up: Shell) -> None:
        company = set_up("export_invoices", "--company", "NONE")
        assert (company.code, company.stdout) == (1, "")
        assert "“NONE” does not exist. Existing ones: ACME." in company.stderr
        status = set_up("export_invoices", "--status", "PAID")
        assert (status.code, status.stdout) == (1, "")
        assert "“PAID” is unknown. Known ones: DEPOSEE, " in status.stderr

    def test_a_file_is_written_as_a_whole(self, set_up: Shell) -> None:
        set_up("import_invoices", set_up.write("invoices.csv", TWO))
        ended = set_up("export_invoices", "--output", "out.csv")
        assert ended.stdout == "2 invoices written to out.csv.\n"
        assert (set_up.folder / "out.csv").read_bytes().startswith(b"company,")
        assert not list(set_up.folder.glob(".out*"))

    def test_a_file_that_cannot_be_written_is_told(self, set_up: Shell) -> None:
        for path in (".", "nowhere/out.csv", "/dev/null"):
            ended = set_up("export_invoices", "--output", path)
            assert ended.code == 1
            assert f"{path} cannot be written: " in ended.stderr

    def test_a_reader_that_goes_away_is_no_error(self, set_up: Shell) -> None:
        lines = "".join(f"ACME;F{number};2026-11-22;{'x' * 200};;\n" for number in range(1000))
        set_up("import_invoices", set_up.write("invoices.csv", HEADER + lines))
        command = f"'{sys.executable}' '{ROOT / 'manage.py'}' export_invoices | head -1"
        env = {**set_up.variables, "PYTHONIOENCODING": "latin-1"}
        done = subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, check=True, timeout=120)
        assert done.stderr == ""
        assert done.stdout.startswith("company,")

    def test_it_is_utf_8_whatever_the_terminal_is(self, set_up: Shell) -> None:
        set_up("import_invoices", set_up.write("invoices.csv", HEADER + "ACME;F1;2026-11-22;Œuvre;;\n"))
        assert "Œuvre" in set_up("export_invoices", PYTHONIOENCODING="latin-1").stdout


class TestReopenTracking:
    def test_final_invoices_are_reopened_and_the_others_told(self, set_up: Shell) -> None:
        set_up("import_invoices", set_up.write("invoices.csv", TWO + "ACME;F3;2026-11-22;;;\n"))
        set_status(set_up, "F1", "MISE_EN_PAIEMENT")
        set_status(set_up, "F2", "MANDATEE")
        ended = set_up("reopen_tracking", "--company", "ACME", "F1", "F2", "F3", "F9")
        assert ended.code == 3
        assert ended.stdout == "F1 is followed again from the next run on.\n"
        assert ended.stderr.splitlines() == [
            "F2 is MANDATEE, which is not final: it is followed anyway.",
            "F3 has no Chorus status yet: it is followed anyway.",
            "F9 is not an invoice of this company.",
        ]
        assert set_up("reopen_tracking", "--company", "ACME", "F1", "F1").code == 0

    def test_an_unknown_company_is_refused(self, set_up: Shell) -> None:
        ended = set_up("reopen_tracking", "--company", "NONE", "F1")
        assert ended.code == 1
        assert "“NONE” does not exist" in ended.stderr
