"""Two at once: schedulers, batches on the same invoices, a run and an import, a run and a deploy."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from tests.faults.crash.conftest import Undisturbed
from tests.faults.crash.scene import Scene, alerted, ended, repeated, thawed, wait_until
from tests.faults.crash.test_points import assert_completed
from tests.faults.crash.world import LATECOMERS, STORIES

WITHOUT_BROKER = """
import sys
from django.core.management import call_command
from batches import background, launch
call_command("run_batch", "CHORUS")
print(*{"amqp", "celery", "kombu", "pika", "redis"} & set(sys.modules))
"""


def reached(trace: Path, moment: str) -> bool:
    return trace.exists() and moment in trace.read_text(encoding="utf-8").splitlines()


@pytest.mark.faults
def test_f27_f47_a_second_starter_is_told_at_once_that_the_batch_is_running(
    scene: Scene, undisturbed: Undisturbed
) -> None:
    first = scene.freeze("run_batch", "CHORUS", at="page: read 1")
    second = scene.run("run_batch", "CHORUS")
    assert (second.returncode, "already running: run 2" in second.stderr) == (75, True)
    assert (scene.outcomes(), scene.mails()) == (["running"], {})
    assert thawed(first).returncode == 0
    assert scene.outcomes() == ["succeeded"]
    assert_completed(scene, undisturbed)


@pytest.mark.faults
@pytest.mark.parametrize("point", ["lock: taken", "close: committed", "lock: about to be let go"])
def test_f27_f47_a_second_starter_is_told_so_even_where_no_run_is_shown_as_running(
    scene: Scene, undisturbed: Undisturbed, point: str
) -> None:
    first = scene.freeze("run_batch", "CHORUS", at=f"{point} 1")
    second = scene.run("run_batch", "CHORUS")
    assert (second.returncode, "already running" in second.stderr) == (75, True)
    assert thawed(first).returncode == 0
    assert scene.outcomes() == ["succeeded"]
    assert_completed(scene, undisturbed)


@pytest.mark.faults
@pytest.mark.parametrize("point", ["mail: before sending", "mail: accepted, row not written"])
def test_f27_a_run_that_begins_while_another_one_sends_its_mails_leaves_them_to_it(
    scene: Scene, undisturbed: Undisturbed, point: str
) -> None:
    first = scene.freeze("run_batch", "CHORUS", at=f"{point} 1")
    sent = len(scene.mails())
    assert scene.run_batch()["changed"] == 0
    assert len(scene.mails()) == sent
    assert thawed(first).returncode == 0
    assert_completed(scene, undisturbed)


@pytest.mark.parametrize(
    "moment",
    [
        "page: about to be written 1",
        pytest.param("page: read 1", marks=pytest.mark.faults),
        pytest.param("page: committed 1", marks=pytest.mark.faults),
        pytest.param("numbers: asked 1", marks=pytest.mark.faults),
        pytest.param("reason: read 1", marks=pytest.mark.faults),
        pytest.param("connection: followed 2", marks=pytest.mark.faults),
    ],
)
def test_f28_of_two_batches_on_the_same_invoices_one_writes_each_change_and_alerts_of_it(
    scene: Scene, undisturbed: Undisturbed, moment: str
) -> None:
    """One stands still with what it has read while the other one does all the work."""
    first = scene.freeze("run_batch", "CHORUS", at=moment)
    scene.run_batch("SECOND")
    assert thawed(first).returncode == 0
    assert scene.outcomes() == ["succeeded", "succeeded"]
    assert_completed_by_both(scene, undisturbed)


@pytest.mark.faults
@pytest.mark.parametrize("moment", ["page: in the transaction 1", "alert: in the transaction 1"])
def test_f28_a_batch_waits_for_the_transaction_of_another_one(
    scene: Scene, undisturbed: Undisturbed, moment: str
) -> None:
    first = scene.freeze("run_batch", "CHORUS", at=moment)
    trace = scene.folder / "trace"
    second = scene.start("run_batch", "SECOND", TRACE=str(trace))
    wait_until(lambda: reached(trace, "lock: taken"))
    assert (thawed(first).returncode, ended(second).returncode) == (0, 0)
    assert_completed_by_both(scene, undisturbed)


@pytest.mark.faults
def test_f28_two_batches_on_the_same_invoices_run_at_once(scene: Scene, undisturbed: Undisturbed) -> None:
    both = [scene.start("run_batch", code) for code in ("CHORUS", "SECOND")]
    assert [ended(process).returncode for process in both] == [0, 0]
    assert_completed_by_both(scene, undisturbed)


def assert_completed_by_both(scene: Scene, undisturbed: Undisturbed) -> None:
    """As after one run, but that two mails may tell what one would have told, and support's names the other batch."""
    left_behind = scene.left_behind()
    for what in ("invoices", "watermarks"):
        assert left_behind[what] == undisturbed.left_behind[what]
    assert [row[:7] for row in left_behind["status changes"]] == [
        row[:7] for row in undisturbed.left_behind["status changes"]
    ]
    mails = scene.mails()
    assert alerted(mails) == alerted_undisturbed(undisturbed)
    assert repeated(mails) == 0


def alerted_undisturbed(undisturbed: Undisturbed) -> dict[tuple[str, str], int]:
    return alerted({str(place): [mail] for place, mail in enumerate(undisturbed.mails)})


def new_customers(scene: Scene) -> str:
    """A file of the same invoices with another customer, and of a new one."""
    lines = [f"{story.company},{story.number},2026-09-01,Mairie de Bron" for story in (*STORIES, *LATECOMERS)]
    path = scene.folder / "again.csv"
    path.write_text("\n".join(["company,number,date,customer", *lines, "ACME,N-1,2026-09-01,Mairie de Bron", ""]))
    return str(path)


def assert_followed_and_imported(scene: Scene, undisturbed: Undisturbed) -> None:
    left_behind = scene.left_behind()
    known = [row for row in left_behind["invoices"] if row[1] != "N-1"]
    assert (known, len(left_behind["invoices"])) == (undisturbed.left_behind["invoices"], len(known) + 1)
    assert alerted(scene.mails()) == alerted_undisturbed(undisturbed)
    customers = scene.database.query("SELECT customer, count(*) FROM chorus_invoice GROUP BY customer")
    assert customers == [("Mairie de Bron", len(known) + 1)]


@pytest.mark.faults
@pytest.mark.parametrize("moment", ["page: about to be written 1", "connection: followed 1"])
def test_f28_an_import_during_a_run_takes_nothing_from_it(scene: Scene, undisturbed: Undisturbed, moment: str) -> None:
    run = scene.freeze("run_batch", "CHORUS", at=moment)
    imported = scene.run("import_invoices", new_customers(scene))
    assert (imported.returncode, "1 created, 15 updated" in imported.stdout) == (0, True)
    assert thawed(run).returncode == 0
    assert_followed_and_imported(scene, undisturbed)


@pytest.mark.faults
@pytest.mark.parametrize("moment", ["page: in the transaction 1", "watermark: in the transaction 1"])
def test_f28_an_import_waits_for_the_transaction_of_a_run(scene: Scene, undisturbed: Undisturbed, moment: str) -> None:
    run = scene.freeze("run_batch", "CHORUS", at=moment)
    trace = scene.folder / "trace"
    importing = scene.start("import_invoices", new_customers(scene), TRACE=str(trace))
    wait_until(lambda: reached(trace, "SQL statement"))
    assert (thawed(run).returncode, ended(importing).returncode) == (0, 0)
    assert_followed_and_imported(scene, undisturbed)


@pytest.mark.faults
def test_f28_a_run_waits_for_the_transaction_of_an_import(scene: Scene, undisturbed: Undisturbed) -> None:
    trace = scene.folder / "trace"
    with contextlib.closing(scene.database.connect()) as importing:
        importing.execute("BEGIN")
        importing.execute("UPDATE chorus_invoice SET currency = 'EUR'")
        run = scene.start("run_batch", "CHORUS", TRACE=str(trace))
        wait_until(lambda: reached(trace, "lock: taken"))
        importing.execute("COMMIT")
    assert ended(run).returncode == 0
    assert_completed(scene, undisturbed)


@pytest.mark.faults
def test_f41_a_deploy_during_a_run_keeps_it_from_nothing_and_the_next_one_from_starting(
    scene: Scene, undisturbed: Undisturbed
) -> None:
    run = scene.freeze("run_batch", "CHORUS", at="page: committed 1")
    newest = scene.database.query("SELECT name FROM django_migrations WHERE app = 'chorus' ORDER BY name DESC LIMIT 1")
    scene.database.query(f"DELETE FROM django_migrations WHERE name = '{newest[0][0]}'")  # noqa: S608 - our own
    refused = scene.run("run_batch", "CHORUS")
    assert refused.returncode == 78
    assert f"run “manage.py migrate” (chorus.{newest[0][0]})" in refused.stderr
    assert (scene.outcomes(), scene.mails()) == (["running"], {})
    assert thawed(run).returncode == 0
    assert scene.outcomes() == ["succeeded"]
    assert_completed(scene, undisturbed)


@pytest.mark.faults
def test_f44_a_run_needs_no_broker(scene: Scene, undisturbed: Undisturbed) -> None:
    done = ended(scene.script(WITHOUT_BROKER))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, ""), done
    assert_completed(scene, undisturbed)
