"""One machine with the application on it: its database, its mail server, its processes, and what these leave behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.batches.processes import ROOT, environment
from tests.batches.smtp import SmtpServer
from tests.faults.crash.databases import Database
from tests.faults.crash.world import PAGE_SIZE

LONGEST = 60  # seconds that a process may take
LEFT_BEHIND = {
    "invoices": """
        SELECT c.code, i.number, i.chorus_id, i.chorus_status, i.chorus_status_at, i.chorus_comment, i.reason_due,
            i.flow_number, i.dematerialization_status, i.tracking_reopened, i.ask_by_number,
            i.missing_since IS NULL, i.chorus_checked_at IS NULL
        FROM chorus_invoice i JOIN chorus_company c ON c.id = i.company_id ORDER BY c.code, i.number""",
    "status changes": """
        SELECT c.code, i.number, s.old, s.new, s.at, s.comment, s.alert_due, m.subject
        FROM chorus_statuschange s JOIN chorus_invoice i ON i.id = s.invoice_id
        JOIN chorus_company c ON c.id = i.company_id LEFT JOIN batches_outgoingemail m ON m.id = s.alert_id
        ORDER BY c.code, i.number, s.id""",
    "watermarks": """
        SELECT c.code, w.account, w.changed_since, w.settled_until, w.shortcut_since, w.shortcut_rows, w.largest_total
        FROM chorus_watermark w JOIN chorus_company c ON c.id = w.company_id ORDER BY c.code""",
    "mails": """
        SELECT r.address, r.status, m.status, m.subject, m.text FROM batches_outgoingemail m
        JOIN batches_recipient r ON r.mail_id = m.id ORDER BY r.address, m.subject""",
}
"""What a run leaves behind, but for keys, and the times of this machine."""

Mail = tuple[str, str, str]
LINE = re.compile(r"^([ABL]-\d+) - ", re.MULTILINE)
"""The first line of an invoice in an alert."""


@dataclass
class Scene:
    folder: Path
    database: Database
    smtp: SmtpServer
    portal_url: str
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, *args: str, **variables: str) -> subprocess.Popen[str]:
        """Start `manage.py …`."""
        return self._python(str(ROOT / "manage.py"), *args, **variables)

    def script(self, code: str, *args: str, **variables: str) -> subprocess.Popen[str]:
        """Start a few lines of Python in which Django is set up."""
        return self._python("-c", f"import django; django.setup()\n{code}", *args, **variables)

    def _python(self, *args: str, **variables: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-W", "error", *args],
            cwd=self.folder,
            env=self.environment() | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def run(self, *args: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return ended(self.start(*args, **variables))

    def run_batch(self, code: str = "CHORUS", **variables: str) -> dict[str, Any]:
        """Run a batch that nobody disturbs, and return what it says."""
        done = self.run("run_batch", code, "--format", "json", **variables)
        assert done.returncode == 0, done
        told = json.loads(done.stdout)
        assert isinstance(told, dict)
        return told

    def freeze(self, *args: str, at: str, **variables: str) -> subprocess.Popen[str]:
        """Start `manage.py …` and return when it stands still at a moment, in the middle of what it does."""
        process = self.start(*args, END_AT=at, END_BY=str(int(signal.SIGSTOP)), **variables)
        wait_until(lambda: _stands_still(process))
        return process

    def environment(self) -> dict[str, str]:
        return environment(self.folder, self.database.url) | {
            "DJANGO_SETTINGS_MODULE": "tests.faults.crash.settings",
            "PYTHONPATH": str(ROOT),
            "EMAIL_URL": f"smtp://127.0.0.1:{self.smtp.port}",
            "CHORUS_LOCAL_URL": self.portal_url,
            "CHORUS_PAGE_SIZE": str(PAGE_SIZE),
            "CHORUS_MAX_REQUESTS_PER_SECOND": "1000",
        }

    def end(self) -> None:
        """End what a failed test left."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=LONGEST)

    def left_behind(self) -> dict[str, list[tuple[Any, ...]]]:
        return {what: self.database.query(sql) for what, sql in LEFT_BEHIND.items()}

    def outcomes(self) -> list[str]:
        """How the runs ended, but for the one that the world begins with."""
        rows = self.database.query("SELECT outcome FROM batches_run ORDER BY id")
        return [outcome for (outcome,) in rows][1:]

    def mails(self) -> dict[str, list[Mail]]:
        """What the mail server took, by Message-ID."""
        taken: dict[str, list[Mail]] = {}
        for mail in list(self.smtp.mails):
            taken.setdefault(str(mail["Message-ID"]), []).append(_as_read(mail))
        return taken


def ended(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    stdout, stderr = process.communicate(timeout=LONGEST)
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def thawed(process: subprocess.Popen[str]) -> subprocess.CompletedProcess[str]:
    """Let a frozen process go on to its end."""
    process.send_signal(signal.SIGCONT)
    return ended(process)


def kill_group(process: subprocess.Popen[str]) -> None:
    """Kill a process and all that it has started, as a reboot does."""
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate(timeout=LONGEST)


def wait_until(holds: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + LONGEST
    while not (found := holds()):
        assert time.monotonic() < deadline, "it has not happened within a minute"
        time.sleep(0.02)
    return found


def alerted(mails: dict[str, list[Mail]]) -> Counter[tuple[str, str]]:
    """Return who was told of which invoice, and how often, whichever mail told it."""
    taken = [mail for same in mails.values() for mail in same]
    return Counter((to, number) for to, _subject, text in taken for number in LINE.findall(text))


def contents(mails: dict[str, list[Mail]]) -> Counter[Mail]:
    """Return the mails as their readers have them: the same message is one, however often it came."""
    for same in mails.values():
        assert len(set(same)) == 1, "one Message-ID, several texts"
    return Counter(same[0] for same in mails.values())


def repeated(mails: dict[str, list[Mail]]) -> int:
    """Return how many mails came once more than they had to."""
    return sum(len(same) - 1 for same in mails.values())


def _stands_still(process: subprocess.Popen[str]) -> bool:
    assert process.poll() is None, f"it ended before: {process.communicate()}"
    return "State:\tT" in Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")


def _as_read(mail: EmailMessage) -> Mail:
    body = mail.get_body(("plain",))
    return str(mail["To"]), str(mail["Subject"]), body.get_content() if body else ""
