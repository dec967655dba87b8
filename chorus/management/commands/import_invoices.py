from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils.translation import gettext as _

from batches.plain_text import one_line
from chorus.invoice_csv.columns import STATUSES
from chorus.invoice_csv.importing import import_table, line_parser, open_table
from chorus.invoice_csv.reading import UnreadableFileError, open_csv
from chorus.management.companies import find_company

REFUSED_LINES = 3
UNREADABLE_FILES = 1


class Command(BaseCommand):
    help = "Import invoices from CSV files. Exit code 3: some lines were refused; 1: a file could not be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--company", metavar="CODE", help="the company of lines that name none")

    def handle(self, *_args: Any, files: list[Path], company: str | None, **_options: Any) -> None:
        only = find_company(company).code if company is not None else None
        counts: Counter[str] = Counter()
        for path in files:
            try:
                self._import(path, only, counts)
            except (UnreadableFileError, OSError) as error:
                counts["unreadable"] += 1
                self._tell(path, str(error))
            except DatabaseError as error:
                reason = _("%(file)s: the database refused the lines that follow: %(error)s. Import the file again.")
                raise CommandError(reason % {"file": _name(path), "error": error}) from error
        self.stdout.write(_summary(counts))
        if counts["unreadable"] or counts["refused"]:
            sys.exit(UNREADABLE_FILES if counts["unreadable"] else REFUSED_LINES)

    def _import(self, path: Path, company: str | None, counts: Counter[str]) -> None:
        with open_csv(path) as file:
            table = open_table(file, company)
            if ignored := [column for column in table.columns if column in STATUSES]:
                self._tell(path, _("not read, as an import never touches a status: %s") % ", ".join(ignored))
            for progress in import_table(table, line_parser(company)):
                counts.update(progress.counts)
                for refusal in progress.refusals:
                    self._tell(path, refusal.reason, refusal.line)

    def _tell(self, path: Path, reason: str, line: int | None = None) -> None:
        place = _name(path) if line is None else _("%(file)s, line %(line)d") % {"file": _name(path), "line": line}
        self.stderr.write(f"{place}: {reason}")


def _name(path: Path) -> str:
    return one_line(str(path))


def _summary(counts: Counter[str]) -> str:
    sentence = _("Invoices: %(created)d created, %(updated)d updated, %(unchanged)d unchanged, %(refused)d refused.")
    sentence %= {what: counts[what] for what in ("created", "updated", "unchanged", "refused")}
    if counts["unreadable"]:
        sentence += " " + _("Files that could not be read: %d.") % counts["unreadable"]
    return sentence
