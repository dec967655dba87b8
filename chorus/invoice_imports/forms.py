"""The form that takes a file of invoices, and what it refuses at once."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import SkipFile
from django.db.models import QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from akuiteo.uploads import BodyLimit
from chorus.invoice_csv.importing import open_table
from chorus.invoice_csv.reading import UnreadableFileError, as_text
from chorus.models import Company

LARGEST_FILE = 20 * 1024 * 1024
"""Bytes: some 180,000 lines of all columns. The command import_invoices takes files of any size."""
LARGEST_BODY = 10 * LARGEST_FILE
"""Bytes of a request that is read at all."""
MOST_LINES = 300_000
"""Without the header. A file of more would be previewed for longer than a person waits."""
WORKBOOK = b"PK\x03\x04"


class UploadLimit(BodyLimit):
    """Drops a file that is too large while it comes, so that it fills neither memory nor disk."""

    exceeded = False

    def largest_body(self) -> int:
        """Return more than a file may have: a browser shows no answer, not even why, before it has sent all."""
        return LARGEST_BODY

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        if start + len(raw_data) > LARGEST_FILE:
            self.exceeded = True
            raise SkipFile
        return raw_data


class CompanyChoice(forms.ModelChoiceField[Company]):
    def label_from_instance(self, company: Company) -> str:
        return f"{company.code} - {company.name}"


class ImportForm(forms.Form):
    """`companies`: those that are offered. `too_large`: whether the file was dropped for its size."""

    file = forms.FileField(
        label=_("CSV file"),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=_(
            "Separated by commas or semicolons, UTF-8; in Excel: Save as “CSV UTF-8”. At most 20 MB and 300,000 lines."
        ),
        error_messages={"empty": _("The file is empty: its first line must name the columns.")},
    )
    company = CompanyChoice(
        Company.objects.none(),
        label=_("Company"),
        required=False,
        empty_label=_("the one that each line names"),
        help_text=_("Lines that name none get this one; lines that name another one are refused."),
    )

    def __init__(self, *args: Any, companies: QuerySet[Company], too_large: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(CompanyChoice, self.fields["company"]).queryset = companies
        if too_large:
            text = _("The file is larger than %(size)s: split it. The command import_invoices takes files of any size.")
            self.fields["file"].error_messages["required"] = text % {"size": filesizeformat(LARGEST_FILE)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "file" in cleaned and "company" in cleaned:
            try:
                _check_header(cleaned["file"], cleaned["company"])
            except UnreadableFileError as error:
                self.add_error("file", _("The file cannot be read: %(reason)s.") % {"reason": error})
        return cleaned


def _check_header(file: UploadedFile[bytes], company: Company | None) -> None:
    """Raise UnreadableFileError where no line of the file can be imported."""
    if sum(max(chunk.count(b"\n"), chunk.count(b"\r")) for chunk in file.chunks()) > MOST_LINES + 1:
        raise UnreadableFileError(_("it has more than %(most)d lines; split it") % {"most": MOST_LINES})
    file.seek(0)
    if file.read(len(WORKBOOK)) == WORKBOOK:
        raise UnreadableFileError(_("it is an Excel workbook; open it in Excel and save it as “CSV UTF-8”"))
    file.seek(0)
    text = as_text(cast(BinaryIO, file.file))
    open_table(text, company.code if company else None)
    text.detach()  # or the file would be closed with it
