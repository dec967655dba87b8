"""A database that was restored from an old backup: the portal tells the rest again, and old news alert nobody twice."""
# ruff: noqa: F811 - arguments have the names of fixtures that are imported

from __future__ import annotations

import datetime
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import mail
from django.db import transaction
from pytest_django import Settings

from akuiteo.models import User
from batches.models import Run
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.records import Invoice, StatusChange
from chorus.local_portal.state.store import Store
from chorus.models import Company
from chorus.models import Invoice as StoredInvoice
from chorus.models import StatusChange as StoredChange
from tests.chorus.batch.conftest import World, acme, claire, fast_passwords, world  # noqa: F401 - fixtures
from tests.chorus.batch.test_processes import BUYER, SETUP, mails, query, store  # noqa: F401 - fixtures
from tests.chorus.data.conftest import SIRET, Shell, manage, migrated  # noqa: F401 - fixtures

NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
BEFORE_THE_BACKUP, LONG_AGO, YESTERDAY = (NOW - datetime.timedelta(days=days) for days in (60, 40, 1))
INVOICES = (
    "SELECT number, chorus_status, chorus_status_at, dematerialization_status FROM chorus_invoice ORDER BY number"
)
JOURNAL = "SELECT invoice_id, old, new, at, comment FROM chorus_statuschange ORDER BY invoice_id, id"
ALERTING = 'LISTE_ETATS_CHORUS_A_ALERTER = "REJETEE;MISE_EN_PAIEMENT"'


@pytest.fixture
def alerting(world: World, acme: Company, claire: User) -> World:
    """Two invoices that were read; then one was rejected long ago, the other is paid since yesterday."""
    world.set(ALERTER_RESPONSABLE_FACTURE="True", LISTE_ETATS_CHORUS_A_ALERTER="REJETEE;MISE_EN_PAIEMENT")
    world.now = BEFORE_THE_BACKUP
    rejected, paid = (world.deposit(acme, number, manager=claire) for number in ("F-1", "F-2"))
    world.run()
    world.store.set_status(rejected, "REJETEE", LONG_AGO, "Doublon")
    world.store.set_status(paid, "MISE_EN_PAIEMENT", YESTERDAY)
    return world


def journal() -> list[tuple[str, str, datetime.datetime | None]]:
    return list(StoredChange.objects.order_by("invoice__number", "pk").values_list("old", "new", "at"))


def statuses() -> dict[str, str]:
    return dict(StoredInvoice.objects.values_list("number", "chorus_status"))


def log() -> str:
    return "\n".join(line.text for line in Run.objects.latest("pk").log_lines.all())


def test_f48_what_is_older_than_the_set_age_is_journalled_and_alerts_nobody(
    alerting: World, settings: Settings
) -> None:
    settings.CHORUS_ALERT_MAX_AGE_DAYS = 30
    alerting.run()
    assert statuses() == {"F-1": "REJETEE", "F-2": "MISE_EN_PAIEMENT"}
    assert journal()[-1][1:] == ("MISE_EN_PAIEMENT", YESTERDAY)
    (alert,) = mail.outbox
    assert "F-2" in str(alert.body)
    assert "F-1" not in str(alert.body)
    assert "1 change alerts nobody: it is more than 30 days old (CHORUS_ALERT_MAX_AGE_DAYS)." in log()


def test_f48_without_the_setting_every_change_alerts(alerting: World) -> None:
    alerting.run()
    (alert,) = mail.outbox
    assert "F-1" in str(alert.body)
    assert "F-2" in str(alert.body)
    assert "CHORUS_ALERT_MAX_AGE_DAYS" not in log()


def test_f48_a_dry_run_says_who_would_not_be_alerted(alerting: World, settings: Settings) -> None:
    settings.CHORUS_ALERT_MAX_AGE_DAYS = 30
    shown: list[str] = []
    assert alerting.run(dry_run=True, show=shown.append).counts["alerts"] == 1
    assert [line.split("  ")[1] for line in shown if "alert to" in line] == ["F-2"]


def test_f48_a_limit_before_all_dates_alerts_of_everything(alerting: World, settings: Settings) -> None:
    settings.CHORUS_ALERT_MAX_AGE_DAYS = 999_999_999
    assert alerting.run().exit_code == 0
    assert "F-1" in str(mail.outbox[0].body)


def test_f48_what_a_rolled_back_database_has_forgotten_is_read_again(alerting: World) -> None:
    backup = transaction.savepoint()
    alerting.run()
    truth = statuses(), journal()
    transaction.savepoint_rollback(backup)
    assert statuses() == {"F-1": "DEPOSEE", "F-2": "DEPOSEE"}
    alerting.run()
    assert (statuses(), journal()) == truth


@pytest.fixture
def shell(manage: Shell, store: Store) -> Iterator[Shell]:
    """A set-up whose two invoices lie on the portal, and a backup of it: the database after its first run."""
    manage.variables["EMAIL_URL"] = f"filemail:///{manage.folder / 'mail'}"
    setup = SETUP.replace('LISTE_ETATS_CHORUS_A_ALERTER = "REJETEE"', ALERTING)
    assert manage("load_setup", manage.write("setup.toml", setup)).code == 0
    lines = [f"ACME,F-{place},2026-01-01,Mairie de Lyon,claire" for place in (1, 2)]
    csv = manage.write("invoices.csv", "\n".join(["company,number,date,customer,manager", *lines]) + "\n")
    assert manage("import_invoices", csv).code == 0
    for place in (1, 2):
        history = [StatusChange("DEPOSEE", BEFORE_THE_BACKUP + datetime.timedelta(minutes=place))]
        store.add_invoice(
            Invoice(number=f"F-{place}", supplier=SIRET, recipient=BUYER, date=NOW.date(), history=history)
        )
    with LocalPortal(store) as serving:
        manage.variables["CHORUS_LOCAL_URL"] = serving.url
        assert manage("run_batch", "CHORUS").code == 0
        shutil.copy(manage.folder / "db.sqlite3", manage.folder / "backup.sqlite3")
        yield manage


def restore(shell: Shell) -> None:
    for file in shell.folder.glob("db.sqlite3*"):  # with SQLite's journal, which belongs to the newer database
        file.unlink()
    shutil.copy(shell.folder / "backup.sqlite3", shell.folder / "db.sqlite3")
    shutil.rmtree(shell.folder / "mail", ignore_errors=True)


def alerted(shell: Shell) -> list[str]:
    """Return the numbers of the invoices of which somebody was alerted."""
    texts = [str(message) for message in mails(shell) if message["to"] == "claire@example.org"]
    return [number for text in texts for number in ("F-1", "F-2") if number in text]


def log_files(shell: Shell) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(Path(shell.folder, "logs").rglob("*.log")))


@pytest.mark.faults
def test_f48_a_restored_file_is_brought_up_to_date_and_the_setting_decides_who_hears_of_it(
    shell: Shell,
    store: Store,
) -> None:
    rejected, paid = (row["id"] for row in store.rows("SELECT id FROM invoices ORDER BY number"))
    store.set_status(rejected, "REJETEE", LONG_AGO, "Doublon")
    store.set_status(paid, "MISE_EN_PAIEMENT", YESTERDAY)
    assert shell("run_batch", "CHORUS").code == 0
    truth = query(shell, INVOICES), query(shell, JOURNAL)
    assert alerted(shell) == ["F-1", "F-2"]

    restore(shell)
    assert query(shell, INVOICES) != truth[0]
    assert shell("run_batch", "CHORUS").code == 0
    assert (query(shell, INVOICES), query(shell, JOURNAL)) == truth
    assert alerted(shell) == ["F-1", "F-2"]  # nothing is set: they are alerted of again
    assert "CHORUS_ALERT_MAX_AGE_DAYS" not in log_files(shell)

    restore(shell)
    assert shell("run_batch", "CHORUS", CHORUS_ALERT_MAX_AGE_DAYS="30").code == 0
    assert (query(shell, INVOICES), query(shell, JOURNAL)) == truth
    assert alerted(shell) == ["F-2"]
    assert "1 change alerts nobody" in log_files(shell)
