"""The forms in which a browser takes invoices away."""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Callable
from typing import BinaryIO, cast

from django.db.models import QuerySet
from django.http import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from chorus.invoice_exports.csv_forms import FRENCH, INTERNATIONAL, CsvForm, stream_csv
from chorus.invoice_exports.workbook import MOST_INVOICES, write_workbook
from chorus.models import Invoice


@dataclasses.dataclass(frozen=True)
class Download:
    """`most`: how many invoices the file can hold, where there is a limit."""

    file_type: str
    respond: Callable[[QuerySet[Invoice], str], HttpResponseBase]
    most: int | None = None

    def file_name(self) -> str:
        return f"{_('invoices')}-{timezone.localdate():%Y-%m-%d}.{self.file_type}"


def csv_download(text: object, file_name: str) -> StreamingHttpResponse:
    """Return the response that streams the pieces of a CSV file."""
    headers = {"Content-Disposition": content_disposition_header(True, file_name) or ""}
    return StreamingHttpResponse(text, content_type="text/csv; charset=utf-8", headers=headers)  # type: ignore[arg-type]


def _csv(form: CsvForm) -> Callable[[QuerySet[Invoice], str], HttpResponseBase]:
    return lambda invoices, file_name: csv_download(stream_csv(invoices, form), file_name)


def _workbook(invoices: QuerySet[Invoice], file_name: str) -> HttpResponseBase:
    file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 -- the response closes it
    write_workbook(invoices, file, get_language() or "en")
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=file_name)


DOWNLOADS = {
    "xlsx": Download("xlsx", _workbook, MOST_INVOICES),
    "csv-fr": Download("csv", _csv(FRENCH)),
    "csv": Download("csv", _csv(INTERNATIONAL)),
}
"""By code, as the address names them."""
