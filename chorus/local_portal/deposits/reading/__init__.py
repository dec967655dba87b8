"""A deposited file becomes invoices, or the technical errors for which it cannot."""

from chorus.local_portal.deposits.reading import archives, cii, pdf, ubl
from chorus.local_portal.deposits.records import (
    DepositedInvoice,
    File,
    ReadInvoice,
    TechnicalError,
    UnreadableError,
    UnsupportedError,
)
from chorus.local_portal.deposits.syntaxes import SYNTAXES
from chorus.local_portal.deposits.texts import cut, plain


def read(file: File, syntax: str) -> list[ReadInvoice]:
    """Return the invoices of a deposited file, or of each file in it, if it is a .tar.gz.

    Raises UnreadableError with the errors of all its files, and UnsupportedError for a syntax that cannot be read here.
    """
    form = SYNTAXES[syntax].form
    if form is None:
        raise UnsupportedError(syntax)
    if not archives.is_archive(file.content):
        return [_read(file, form)]
    invoices: list[ReadInvoice] = []
    errors: list[TechnicalError] = []
    for packed in archives.unpack(file.content):
        try:
            invoices.append(_read(packed, form))
        except UnreadableError as error:
            errors += [_inside(packed, each) for each in error.errors]
    if errors:
        raise UnreadableError(*errors)
    return invoices


def read_factur_x(content: bytes) -> DepositedInvoice:
    """Return the invoice that a Factur-X file carries. Raises UnreadableError."""
    return cii.read_factur_x(pdf.embedded_xml(content))


def _read(file: File, form: str) -> ReadInvoice:
    if form == "facturx":
        return ReadInvoice(read_factur_x(file.content), File(file.name, file.content, "application/pdf"))
    read_xml = ubl.read if form == "ubl" else cii.read
    return ReadInvoice(read_xml(file.content), file)


def _inside(file: File, error: TechnicalError) -> TechnicalError:
    return TechnicalError(error.code, cut(plain(f"{file.name}: {error.text}")), error.nature)
