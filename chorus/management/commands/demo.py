"""The demonstration: the real commands, run against a local Chorus Pro whose buyers go on working."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from akuiteo.environment import for_child_process
from batches.models import Batch, BatchParameter, OutgoingEmail, Run
from chorus.demo import story
from chorus.local_portal.http.recorder import Recorder
from chorus.local_portal.server import LocalPortal
from chorus.local_portal.state.store import Store
from chorus.models import ChorusConnection, Company, Invoice, StatusChange, Watermark

BATCH = "CHORUS"
FOLDER = Path(settings.VAR_DIR) / "demo"
TRAFFIC = FOLDER / "traffic.jsonl"


class Command(BaseCommand):
    help = "Sets up a demonstration and runs the batch twice against a local Chorus Pro, which is no State's portal."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        self._forget_earlier_demonstration()
        now = timezone.now()
        invoices = story.demo_invoices(now)
        self._title("Set-up: three companies, their managers, one batch and forty invoices")
        self._manage("load_setup", str(story.SETUP_FILE))
        self._manage("import_invoices", str(self._write_invoices(invoices)))
        with Store() as store, Recorder(self._new_record()) as recorder:
            ids = story.fill_portal(store, invoices)
            with LocalPortal(store, recorder=recorder) as portal:
                self.stdout.write(f"Local Chorus Pro on {portal.url} (it is not the State's portal)")
                self._title("First run: every status is new")
                self._run_batch(portal.url)
                story.move_on(store, ids, now + timedelta(minutes=5))
                self._title(f"The public buyers move {len(story.MOVES)} invoices on. Second run: only these change")
                self._run_batch(portal.url)
        self._say_how_to_go_on()

    def _forget_earlier_demonstration(self) -> None:
        """Start from nothing, but never on a database that somebody works with."""
        demo_codes = [company["code"] for company in story.read_setup()["companies"]]
        others = Company.objects.exclude(code__in=demo_codes).values_list("code", flat=True)
        if others or Batch.objects.exclude(code=BATCH).exists():
            raise CommandError(
                "This database holds companies or batches of your own, which the demonstration would mix with its own. "
                "Nothing was changed. Give the demonstration another database: DATABASE_URL=sqlite:///demo.sqlite3"
            )
        models = (
            StatusChange,
            Invoice,
            Watermark,
            ChorusConnection,
            Company,
            OutgoingEmail,
            Run,
            BatchParameter,
            Batch,
        )
        for model in models:
            model._default_manager.all().delete()

    def _write_invoices(self, invoices: list[story.DemoInvoice]) -> Path:
        file = FOLDER / "invoices.csv"
        FOLDER.mkdir(parents=True, exist_ok=True)
        story.write_csv(file, invoices)
        return file

    def _new_record(self) -> Path:
        TRAFFIC.unlink(missing_ok=True)
        return TRAFFIC

    def _run_batch(self, portal_url: str) -> None:
        mails = OutgoingEmail.objects.count()
        self._manage("run_batch", BATCH, CHORUS_LOCAL_URL=portal_url)
        run = Run.objects.latest("pk")
        self._show_changes(run)
        self._show_warnings(run)
        sent = OutgoingEmail.objects.count() - mails
        self.stdout.write(f"{sent} mails in {_mails()}")

    def _show_changes(self, run: Run) -> None:
        changes = StatusChange.objects.filter(run=run).select_related("invoice", "alert").order_by("invoice__number")
        self.stdout.write(f"\n{'invoice':<11}{'customer':<29}{'status':<52}alerted")
        for change in changes:
            status = f"{change.old or '-'} -> {change.new}"
            alerted = ", ".join(change.alert.to) if change.alert else ""
            self.stdout.write(f"{change.invoice.number:<11}{change.invoice.customer:<29}{status:<52}{alerted}".rstrip())
        self.stdout.write("")

    def _show_warnings(self, run: Run) -> None:
        for line in run.log_lines.filter(level="WARN"):
            self.stdout.write(self.style.WARNING(f"WARN {line.text}"))

    def _say_how_to_go_on(self) -> None:
        admin = next(user for user in story.read_setup()["users"] if user["login"] == "admin")
        self._title("How to go on")
        self.stdout.write(f"make serve   the admin on http://127.0.0.1:8000, as {admin['login']} / {admin['password']}")
        self.stdout.write(f"the mails    {_mails()}")
        self.stdout.write(f"the logs     {Path(settings.LOG_ROOT) / 'chorus'}")
        self.stdout.write(f"the calls    {TRAFFIC} (what was asked of the portal, and its answers)")
        self.stdout.write("your own     README.md, “Your own set-up”")

    def _title(self, text: str) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING(f"\n== {text}"))
        self.stdout.flush()

    def _manage(self, command: str, *arguments: str, **variables: str) -> None:
        """Run a command as a person would: as a process of its own."""
        self.stdout.write(self.style.HTTP_INFO(" ".join(["$ python manage.py", command, *arguments])))
        self.stdout.flush()
        manage = Path(settings.BASE_DIR) / "manage.py"
        done = subprocess.run(  # noqa: S603 - our own commands  # nosec B603
            [sys.executable, str(manage), command, *arguments], env=for_child_process(**variables), check=False
        )
        if done.returncode:
            raise CommandError(f"{command} ended with exit code {done.returncode}; the demonstration stops here.")


def _mails() -> str:
    """Return where mails lie as files, if that is what becomes of them."""
    return str(getattr(settings, "EMAIL_FILE_PATH", None) or "the mail server")
