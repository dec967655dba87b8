"""Files of invoices between their choice and their import, and what is left of them: a day long, then counts alone."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from akuiteo.models import User
from batches.plain_text import one_line, shortened
from chorus.access import visible_companies
from chorus.invoice_csv.importing import Progress, import_table, line_parser, open_table, preview_table
from chorus.invoice_csv.lines import LineParser
from chorus.invoice_csv.reading import CsvTable, as_text
from chorus.invoice_imports.refused_lines import refused_lines
from chorus.models import Company, InvoiceImport

KEPT_FOR = timedelta(days=1)
LARGEST_REFUSED = 20 * 1024 * 1024
"""Bytes of refused lines that are kept; NOT_KEPT counts those beyond."""
LONGEST_NAME = 200
NOT_KEPT = "refused_and_not_kept"
KINDS = ("created", "updated", "unchanged", "refused")


class AlreadyImportedError(Exception):
    """Somebody pressed Import before."""


def keep(file: UploadedFile[bytes], company: Company | None, user: User) -> InvoiceImport:
    name = shortened(one_line(file.name or ""), LONGEST_NAME)
    file.seek(0)
    return InvoiceImport.objects.create(file_name=name, content=file.read(), company=company, user=user)


def purge() -> None:
    """Forget the files of yesterday: the whole import where nobody imported it, the refused lines elsewhere."""
    old = InvoiceImport.objects.filter(created_at__lt=timezone.now() - KEPT_FOR)
    old.filter(imported_at=None).delete()
    old.exclude(content=b"").update(content=b"")


def open_kept(kept: InvoiceImport) -> CsvTable:
    """Raises UnreadableFileError."""
    return open_table(as_text(io.BytesIO(kept.content)), _company(kept))


def preview(kept: InvoiceImport, table: CsvTable) -> Iterator[Progress]:
    return preview_table(table, _parser(kept))


def run_import(kept: InvoiceImport) -> None:
    """Import a kept file, once; keep its counts and refused lines.

    Raises AlreadyImportedError. After any other error the file is kept: what is in already will be unchanged.
    """
    pressed = InvoiceImport.objects.filter(pk=kept.pk, imported_at=None)
    kept.imported_at = timezone.now()
    if not pressed.update(imported_at=kept.imported_at):
        raise AlreadyImportedError
    try:
        _import(kept)
    except BaseException:
        InvoiceImport.objects.filter(pk=kept.pk).update(imported_at=None)
        raise


def _import(kept: InvoiceImport) -> None:
    table = open_kept(kept)
    counts: Counter[str] = Counter(dict.fromkeys(KINDS, 0))
    refused = io.BytesIO()

    def counted() -> Iterator[Progress]:
        for progress in import_table(table, _parser(kept)):
            counts.update(progress.counts)
            yield progress

    for line in refused_lines(table, (refusal for progress in counted() for refusal in progress.refusals)):
        if refused.tell() + len(line) <= LARGEST_REFUSED:
            refused.write(line)
        else:
            counts[NOT_KEPT] += 1
    kept.counts = dict(counts)
    kept.content = refused.getvalue() if counts["refused"] else b""
    kept.save(update_fields=["counts", "content"])


def _parser(kept: InvoiceImport) -> LineParser:
    """Return a parser that knows the companies which the user of the file sees."""
    return line_parser(_company(kept), visible_companies(kept.user))


def _company(kept: InvoiceImport) -> str | None:
    return kept.company.code if kept.company else None
