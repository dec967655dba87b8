from __future__ import annotations

import io
import os
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from batches.plain_text import one_line, quoted
from chorus.invoice_exports.csv_forms import write_csv
from chorus.management.companies import find_company
from chorus.models import Invoice
from chorus.statuses import ChorusStatus


class Command(BaseCommand):
    help = "Export invoices as CSV (UTF-8, commas), in a form that import_invoices reads."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--company", metavar="CODE", help="only the invoices of this company")
        parser.add_argument("--status", metavar="CODE", help="only the invoices that have this Chorus status")
        parser.add_argument("--output", type=Path, metavar="FILE", help="instead of standard output")

    def handle(
        self, *_args: Any, company: str | None, status: str | None, output: Path | None, **_options: Any
    ) -> None:
        invoices = _invoices(company, status)
        if output is None:
            self._write_to_stdout(invoices)
            return
        try:
            written = _write_file(invoices, output)
        except OSError as error:
            message = _("%(file)s cannot be written: %(error)s.")
            raise CommandError(message % {"file": one_line(str(output)), "error": error.strerror}) from error
        self.stdout.write(_("%(count)d invoices written to %(file)s.") % {"count": written, "file": output})

    def _write_to_stdout(self, invoices: QuerySet[Invoice]) -> None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        try:
            write_csv(invoices, self.stdout)
            self.stdout.flush()
        except BrokenPipeError:  # the reader (head, less) has seen enough; Python's flush at exit must not complain
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _invoices(company: str | None, status: str | None) -> QuerySet[Invoice]:
    invoices = Invoice.objects.all()
    if company is not None:
        invoices = invoices.filter(company=find_company(company))
    if status is not None:
        invoices = invoices.filter(chorus_status=_status(status))
    return invoices


def _status(code: str) -> str:
    """Return the code as the portal spells it; one that we have no word for is accepted where an invoice has it."""
    if code.upper() in ChorusStatus.values:
        return code.upper()
    if code and Invoice.objects.filter(chorus_status=code).exists():
        return code
    message = _("The Chorus status %(code)s is unknown. Known ones: %(known)s.")
    raise CommandError(message % {"code": quoted(code), "known": ", ".join(ChorusStatus.values)})


def _write_file(invoices: QuerySet[Invoice], path: Path) -> int:
    """Write a file that is there as a whole or, when something fails, as it was before."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise OSError(0, _("it is not a regular file"))
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with draft.open("x", encoding="utf-8", newline="") as file:
            written = write_csv(invoices, file)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
    return written
